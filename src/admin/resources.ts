/** Verbs for APIs that take our access tokens: made, looked at, changed, put back, disabled, deleted. */
import { z } from 'zod'
import type { Kept } from '../client/administration.ts'
import { definitionOf } from '../client/changes.ts'
import { RESOURCE_FIELDS } from '../client/field-kinds.ts'
import { ALL, type ResourceRecord } from '../client/record.ts'
import { AppError } from '../lib/errors.ts'
import * as changed from './changed.ts'
import { CLIENT_ADMINS, CLIENT_READERS } from './clients.ts'
import { fieldsInput, givenFields, insistKept, read, whoIs } from './definition-input.ts'
import type { Actor } from './role.ts'
import { type AdminContext, verb } from './verb.ts'

const roles = CLIENT_ADMINS

export const resource = z.string().min(1).max(2000).describe('indicator of the API')

/** Kept in the audit trail beside the run itself. */
function told<K extends Kept>(context: AdminContext, indicator: string, outcome: K, actor: Actor): Promise<K> {
  return changed.told(context, { noun: 'resource', id: indicator }, outcome, actor)
}

export const addResource = verb({
  name: 'resource:add',
  summary: 'Add an API that takes our access tokens, by the fields of its record',
  roles,
  sensitive: true,
  input: fieldsInput(RESOURCE_FIELDS, {}),
  async run(context, input, actor) {
    const given = givenFields(input, { fields: RESOURCE_FIELDS, others: [], via: actor.via })
    const indicator = String(given.indicator)
    const outcome = insistKept(await context.resources.add(given, whoIs(actor)))
    const { version } = await told(context, indicator, outcome, actor)
    return { resource: indicator, version }
  },
})

export const listResources = verb({
  name: 'resource:list',
  summary: 'List the APIs',
  roles: CLIENT_READERS,
  input: z.object({}),
  run: async ({ resources }) =>
    (await resources.list())
      .map(({ id, record }) => ({
        resource: id,
        scopes: record.definition.scopes,
        format: record.definition.format,
        status: record.status,
        owner: record.owner,
        version: record.version,
        changedAt: record.changedAt,
      }))
      .sort((one, other) => (one.resource < other.resource ? -1 : 1)),
})

export const showResource = verb({
  name: 'resource:show',
  summary: 'Show an API: its record, whose it is, and which applications may ask for a token for it',
  roles: CLIENT_READERS,
  input: z.object({
    resource,
    version: z.coerce.number().int().min(1).optional().describe('what its record was in this version'),
  }),
  async run({ resources, clients }, { resource: indicator, version }) {
    const { versions, ...newest } = await recordOf(resources, indicator)
    const definition = version === undefined ? newest.definition : definitionOf({ versions }, version)
    if (!definition) throw new AppError('no-such-version', 'there is no such version any more', { status: 404 })
    const record = { ...newest, definition }
    const scopes = new Set(Array.isArray(record.definition.scopes) ? record.definition.scopes.map(String) : [])
    const asks = (scope: unknown) =>
      String(scope ?? '')
        .split(' ')
        .some((name) => scopes.has(name))
    const applications = clients
      .list({ limit: ALL.limit })
      .found.filter((one) => asks(one.record.definition.scope))
      .map(({ id, record: { definition, status } }) => ({ client: id, name: definition.client_name, status }))
    return { resource: indicator, ...record, applications }
  },
})

export const changeResource = verb({
  name: 'resource:change',
  summary: 'Change fields of an API; --unset takes one out',
  roles,
  sensitive: true,
  input: fieldsInput(RESOURCE_FIELDS, {
    resource,
    version: read,
    unset: z.array(z.string()).default([]).describe('field that is as if it was never given, may be repeated'),
  }),
  async run(context, input, actor) {
    const {
      resource: indicator,
      version,
      unset,
    } = input as unknown as {
      resource: string
      version?: number
      unset: string[]
    }
    const gone = Object.fromEntries(unset.map((name) => [name, undefined]))
    const fields = {
      ...gone,
      ...givenFields(input, { fields: RESOURCE_FIELDS, others: ['resource', 'version', 'unset'], via: actor.via }),
    }
    const outcome = await context.resources.change(indicator, { fields, read: version }, whoIs(actor))
    return told(context, indicator, insistKept(outcome), actor)
  },
})

export const previewResource = verb({
  name: 'resource:preview',
  summary: 'Show what a change of an API would change, field by field',
  roles,
  input: fieldsInput(RESOURCE_FIELDS, {
    resource,
    version: read,
    to: z.coerce.number().int().min(1).optional().describe('a version that would be put back'),
  }),
  async run({ resources }, input, { via }) {
    const { resource: indicator, version, to } = input as unknown as { resource: string; version?: number; to?: number }
    const fields = givenFields(input, { fields: RESOURCE_FIELDS, others: ['resource', 'version', 'to'], via })
    const wanted = to === undefined ? { fields, read: version } : { to, read: version }
    return insistKept(await resources.preview(indicator, wanted))
  },
})

function simple(name: 'disable' | 'enable' | 'delete', summary: string, how: 'disable' | 'enable' | 'remove') {
  return verb({
    name: `resource:${name}`,
    summary,
    roles,
    sensitive: true,
    input: z.object({ resource, version: read }),
    run: async (context, { resource: indicator, version }, actor) =>
      told(context, indicator, insistKept(await context.resources[how](indicator, version, whoIs(actor))), actor),
  })
}

export const disableResource = simple(
  'disable',
  'Disable an API: nobody gets a token for it, and those that can be asked about end at once',
  'disable',
)
export const enableResource = simple('enable', 'Enable a disabled API again', 'enable')
export const deleteResource = simple('delete', 'Delete an API for good; its indicator is never given again', 'remove')

export const listResourceVersions = verb({
  name: 'resource:versions',
  summary: 'List the versions of an API: who changed what, when, by which door',
  roles: CLIENT_READERS,
  input: z.object({ resource }),
  run: async ({ resources }, { resource: indicator }) =>
    (await recordOf(resources, indicator)).versions
      .map(({ definition: _definition, request: _request, ...version }) => version)
      .reverse(),
})

export const restoreResource = verb({
  name: 'resource:restore',
  summary: 'Put back what the record of an API was in an earlier version',
  roles,
  sensitive: true,
  input: z.object({
    resource,
    to: z.coerce.number().int().min(1).describe('the version to put back'),
    version: read,
  }),
  run: async (context, { resource: indicator, to, version }, actor) => {
    const outcome = await context.resources.restore(indicator, to, version, whoIs(actor))
    return told(context, indicator, insistKept(outcome), actor)
  },
})

async function recordOf(resources: AdminContext['resources'], indicator: string): Promise<ResourceRecord> {
  const record = await resources.find(indicator)
  if (!record) throw new AppError('not-found', `there is no API ${indicator}`, { status: 404 })
  return record
}

/** Verbs that look at applications: listed, shown, what a change would change, and the versions that there were. */
import { z } from 'zod'
import type { Previewed } from '../client/administration.ts'
import { definitionOf } from '../client/changes.ts'
import { CLIENT_FIELDS } from '../client/field-kinds.ts'
import { KINDS, kindOf } from '../client/kinds.ts'
import { nameOf } from '../client/listing.ts'
import type { ClientRecord } from '../client/record.ts'
import { AppError } from '../lib/errors.ts'
import { CLIENT_ADMINS, CLIENT_READERS, client, fieldsFor } from './clients.ts'
import { fieldsInput, insistKept, read } from './definition-input.ts'
import { type AdminContext, verb } from './verb.ts'

const limit = z.coerce.number().int().min(1).max(1000).default(50).describe('how many, 1 to 1000 (50)')

export const listClients = verb({
  name: 'client:list',
  summary: 'List the applications by name',
  roles: CLIENT_READERS,
  input: z.object({
    text: z.string().trim().min(1).max(254).optional().describe('a part of its name, its id or one of its addresses'),
    status: z.enum(['active', 'disabled', 'deleted']).optional().describe('without it, all but those deleted'),
    kind: z.enum(KINDS).optional().describe(KINDS.join(', ')),
    owner: z.enum(['file', 'store']).optional().describe('file: says the file what it is; store: is changed here'),
    after: client.optional().describe('id of the last one of the page before'),
    limit,
  }),
  async run({ clients }, wanted) {
    const { found, next } = clients.list(wanted)
    return {
      clients: found.map(({ id, record }) => ({
        client: id,
        name: nameOf(record),
        kind: kindOf(record.definition),
        status: record.status,
        owner: record.owner,
        version: record.version,
        ...(record.logo !== undefined && { logo: record.logo }),
        changedAt: record.changedAt,
      })),
      ...(next !== undefined && { next }),
    }
  },
})

export const showClient = verb({
  name: 'client:show',
  summary: 'Show an application: its record, whose it is, and when each of its secrets was used last',
  roles: CLIENT_READERS,
  input: z.object({
    client,
    version: z.coerce.number().int().min(1).optional().describe('what its record was in this version'),
  }),
  async run({ clients }, { client: id, version }) {
    const { versions, secrets, proposals: _proposals, ...record } = await recordOf(clients, id)
    const then = version === undefined ? record.definition : definitionOf({ versions }, version)
    if (!then) throw new AppError('no-such-version', 'there is no such version any more', { status: 404 })
    return {
      client: id,
      ...record,
      definition: then,
      secrets: secrets.map(({ digest: _digest, ...secret }) => secret),
    }
  },
})

export const previewClient = verb({
  name: 'client:preview',
  summary: 'Show what a change of an application would change, field by field; without --client, what one would be',
  roles: CLIENT_ADMINS,
  input: fieldsInput(CLIENT_FIELDS, {
    client: client.optional(),
    version: read,
    to: z.coerce.number().int().min(1).optional().describe('a version that would be put back'),
    unset: z.array(z.string()).default([]).describe('field that is as if it was never given, may be repeated'),
  }),
  async run({ clients }, input, { via }) {
    const { client: id, version, to, unset } = input as unknown as Previewing
    const fields = fieldsFor(input, { unset, others: ['client', 'version', 'to', 'unset'], via })
    if (id === undefined) return previewed(insistKept(await clients.previewAdd(fields)))
    const wanted = to === undefined ? { fields, read: version } : { to, read: version }
    return previewed(insistKept(await clients.preview(id, wanted)))
  },
})

interface Previewing {
  client?: string
  version?: number
  to?: number
  unset: string[]
}

function previewed({ read: over, changes, definition, waits }: Previewed) {
  return { over, changes, definition, waits }
}

export const listVersions = verb({
  name: 'client:versions',
  summary: 'List the versions of an application: who changed what, when, by which door',
  roles: CLIENT_READERS,
  input: z.object({ client }),
  run: async ({ clients }, { client: id }) =>
    (await recordOf(clients, id)).versions
      .map(({ definition: _definition, request: _request, ...version }) => version)
      .reverse(),
})

async function recordOf(clients: AdminContext['clients'], id: string): Promise<ClientRecord> {
  const record = await clients.find(id)
  if (!record) throw new AppError('not-found', `there is no application ${id}`, { status: 404 })
  return record
}

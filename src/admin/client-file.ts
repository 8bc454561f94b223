/** Verbs for the file of applications: what it would do, doing it, writing it anew, and moving one across. */
import { z } from 'zod'
import { planChanged } from '../client/client-file.ts'
import type { Named, Plan } from '../client/plan.ts'
import { givesPower } from '../client/power.ts'
import { SERVICE_ROLES } from '../client/scopes.ts'
import { InputError } from '../lib/errors.ts'
import { recordChange } from './changed.ts'
import { CLIENT_ADMINS, CLIENT_READERS } from './clients.ts'
import { whoIs } from './definition-input.ts'
import { type Actor, actorName, mayGive } from './role.ts'
import { type AdminContext, NotAllowed, verb } from './verb.ts'

const roles = CLIENT_ADMINS

const yaml = z
  .string()
  .optional()
  .describe('the text itself, instead of the file that the settings name; other doors than this machine have to say it')

const digest = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'is no digest of a plan: clients:plan prints it')
  .describe('of the plan that is to be done, as clients:plan printed it')

/** One of the two. */
const named = z.object({
  client: z.string().optional().describe('client_id'),
  resource: z.string().optional().describe('indicator of an API, instead of a client'),
})

export const planClients = verb({
  name: 'clients:plan',
  summary: 'Show what applying the file would do: created, changed field by field, disabled, waiting, untouched',
  roles: CLIENT_READERS,
  input: z.object({ yaml }),
  run: (context, input, actor) => context.clientFile.plan(textFor(context, input, actor)),
})

export const applyClients = verb({
  name: 'clients:apply',
  summary: 'Apply the file: exactly the plan whose digest is given, or nothing',
  roles,
  sensitive: true,
  input: z.object({ digest, yaml }),
  async run(context, input, actor) {
    const text = textFor(context, input, actor)
    if (!mayGive(actor, SERVICE_ROLES).ok) {
      const plan = await context.clientFile.plan(text)
      // What was looked at here is what is done, or nothing.
      if (plan.digest !== input.digest) throw planChanged(plan)
      insistPowerless(plan)
    }
    const done = await context.clientFile.apply(text, input.digest, whoIs(actor))
    for (const { named, ...details } of writtenBy(done)) await recordChange(context, named, details, actor)
    for (const { id, approval } of done.waiting)
      if (approval?.asked)
        await context.audit({
          type: 'approval.requested',
          outcome: 'ok',
          actor: actorName(actor),
          client: id,
          source: actor.source,
          details: { approval: approval.id },
        })
    return done
  },
})

export const exportClients = verb({
  name: 'clients:export',
  summary: 'Print the file as the store has it: applied, it changes nothing',
  roles: CLIENT_READERS,
  input: z.object({
    all: z.boolean().default(false).describe('also what pages and API own, for another installation'),
  }),
  run: async ({ clientFile }, { all }) => ({ yaml: await clientFile.export({ all }) }),
})

export const adoptClient = verb({
  name: 'clients:adopt',
  summary: 'Give an application or API to the file, and print the lines to paste into it',
  roles,
  sensitive: true,
  input: named,
  async run(context, input, actor) {
    const named = nameOf(input)
    const yaml = await context.clientFile.adopt(named, whoIs(actor))
    await recordChange(context, named, { fields: 'owner' }, actor)
    return { yaml }
  },
})

export const releaseClient = verb({
  name: 'clients:release',
  summary: 'Give an application or API of the file to pages, API and command line',
  roles,
  sensitive: true,
  input: named,
  async run(context, input, actor) {
    const named = nameOf(input)
    const released = await context.clientFile.release(named, whoIs(actor))
    await recordChange(context, named, { fields: 'owner' }, actor)
    return released
  },
})

/**
 * The file is on the machine of whoever works there. A server that read its own for somebody elsewhere would show one
 * node's copy, and not the one that they are looking at.
 */
function textFor({ clientFile }: AdminContext, { yaml: text }: { yaml?: string | undefined }, { via }: Actor) {
  if (text !== undefined) return text
  if (via === 'command-line') return clientFile.read()
  throw new InputError('The input is not in order.', [
    { path: 'yaml', reason: 'is needed here: this door reads no file', code: 'required' },
  ])
}

/** Everything that a plan writes, and which of its fields. */
function writtenBy({ created, changed, disabled }: Plan): Array<{ named: Named; version: number; fields: string }> {
  return [
    ...created.map((one) => ({ named: one, version: 1, fields: 'all' })),
    ...changed.map((one) => ({
      named: one,
      version: one.version + 1,
      fields: one.changes.map(({ field }) => field).join(' '),
    })),
    ...disabled.map((one) => ({ named: one, version: one.version + 1, fields: 'status' })),
  ]
}

/** Only an owner says, or takes back, that an application administers (client/power.ts). */
function insistPowerless({ created, changed, waiting }: Plan): void {
  const steps = [...changed, ...waiting]
  const before = steps.map(({ definition, changes }) => ({
    ...definition,
    ...Object.fromEntries(changes.map(({ field, from }) => [field, from])),
  }))
  if ([...created, ...steps].some(({ definition }) => givesPower(definition)) || before.some(givesPower))
    throw new NotAllowed('role-not-held')
}

function nameOf({ client, resource }: { client?: string | undefined; resource?: string | undefined }): Named {
  if (client !== undefined && resource === undefined) return { noun: 'client', id: client }
  if (resource !== undefined && client === undefined) return { noun: 'resource', id: resource }
  throw new InputError('The input is not in order.', [
    { path: 'client', reason: 'or resource is needed, one of them', code: 'required' },
  ])
}

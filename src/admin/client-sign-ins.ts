/** Who signed in to an application lately, by what the audit trail says of it. */
import { z } from 'zod'
import { toRecord } from '../audit/chain.ts'
import { AppError } from '../lib/errors.ts'
import { DAY } from '../lib/time.ts'
import { isTrial } from '../person/trial.ts'
import { CLIENT_READERS, client } from './clients.ts'
import { READERS } from './person.ts'
import { isFor, mayRun } from './role.ts'
import { type AdminContext, verb } from './verb.ts'

/** Records of the trail that are looked at, however many there are. */
const LOOKED = 2000
/** People who are named. */
const NAMED = 10
const LATELY = 30 * DAY

export interface LatelySignedIn {
  /** How many different people, since then. */
  people: number
  sinceAt: number
  /** There was more in 30 days than is looked at, so `sinceAt` is later than that. */
  stopped: boolean
  /** The newest first; absent for whoever may not look at people. `name` is absent of somebody who was erased. */
  newest?: Array<{ id: string; name?: string; email?: string; at: number; acr: string }>
}

export const listClientSignIns = verb({
  name: 'client:sign-ins',
  summary: 'Say how many people signed in to an application in the last 30 days, and who did last',
  roles: CLIENT_READERS,
  input: z.object({ client }),
  async run(context, { client: id }, actor): Promise<LatelySignedIn> {
    if (!(await context.clients.find(id)))
      throw new AppError('not-found', `there is no application ${id}`, { status: 404 })
    const begin = context.now() - LATELY
    const rows = await context.trail.lookAtAudit({ by: { finder: 'client', value: id }, since: begin, limit: LOOKED })
    const stopped = rows.length === LOOKED
    const byPerson = new Map<string, { at: number; acr: string }>()
    for (const { type, outcome, subject, at, details } of rows.map(toRecord))
      if (type === 'sign-in.completed' && outcome === 'ok' && isSomebody(subject) && !byPerson.has(subject))
        byPerson.set(subject, { at, acr: String(details?.acr ?? '') })
    const sinceAt = stopped ? (rows.at(-1)?.at ?? begin) : begin
    const counted = { people: byPerson.size, sinceAt, stopped }
    if (!mayRun(actor, READERS).ok || !isFor(actor, 'admin:people')) return counted
    return { ...counted, newest: await named(context, [...byPerson].slice(0, NAMED)) }
  },
})

/** Not whom the doctor made, who came in to try the application. */
function isSomebody(subject: string | undefined): subject is string {
  return subject !== undefined && !isTrial(subject)
}

async function named(
  { people }: AdminContext,
  found: Array<[id: string, last: { at: number; acr: string }]>,
): Promise<LatelySignedIn['newest']> {
  const records = found.length > 0 ? await people.findMany(found.map(([id]) => id)) : []
  const accounts = new Map(records.map(({ id, record }) => [id, record.account]))
  return found.map(([id, last]) => {
    const account = accounts.get(id)
    return { id, ...(account && { name: account.name, email: account.email }), ...last }
  })
}

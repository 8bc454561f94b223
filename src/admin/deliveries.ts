/**
 * Verbs for what goes out: what waits, what could not be delivered and why, and sending it all the same. Whom it is for is
 * told, and what became of it; never what is in it, for there are codes and links in it.
 */
import { z } from 'zod'
import { findAccount } from '../accounts/people.ts'
import type { ListedParcel } from '../delivery/queue.ts'
import { AppError } from '../lib/errors.ts'
import { HELPERS, type PersonSummary, READERS } from './person.ts'
import { isFor, type Target } from './role.ts'
import { type AdminContext, verb } from './verb.ts'

export const DELIVERY_STATES = ['waiting', 'failed'] as const

export interface Delivery extends Omit<ListedParcel, 'accountId'> {
  /**
   * Undefined where it is for nobody known, a link that somebody asked for, or somebody who was erased; and for whoever
   * comes to look at deliveries only.
   */
  person: Pick<PersonSummary, 'id' | 'name' | 'email'> | undefined
}

const after = z
  .string()
  .trim()
  .regex(/^\d{1,16}-[\w-]{1,64}$/, 'what the page before says as its next')
  .transform((text) => {
    const dash = text.indexOf('-')
    return { at: Number(text.slice(0, dash)), id: text.slice(dash + 1) }
  })

export const listDeliveries = verb({
  name: 'delivery:list',
  summary: 'List mails, messages and sign-out notices that wait, the oldest first, or that could not be delivered',
  roles: READERS,
  input: z.object({
    state: z.enum(DELIVERY_STATES).default('waiting').describe('waiting or failed (waiting)'),
    after: after.optional().describe('the next page: what this command says as next'),
    limit: z.coerce.number().int().min(1).max(1000).default(50).describe('how many, 1 to 1000 (50)'),
  }),
  async run({ deliveries, people }, { state, after, limit }, actor) {
    const found = await deliveries.listParcels({ state, after, limit: limit + 1 })
    const shown = found.slice(0, limit)
    const last = found.length > limit ? shown.at(-1) : undefined
    const ids = new Set(isFor(actor, 'admin:people') ? shown.flatMap(({ accountId }) => accountId ?? []) : [])
    const holders = new Map((await people.findMany([...ids])).map(({ id, record }) => [id, record.account]))
    return {
      deliveries: shown.map(({ accountId, ...parcel }): Delivery => {
        const account = accountId === undefined ? undefined : holders.get(accountId)
        return { ...parcel, person: account && { id: account.id, name: account.name, email: account.email } }
      }),
      next: last && `${last.failedAt ?? last.createdAt}-${last.id}`,
    }
  },
})

export const retryDelivery = verb({
  name: 'delivery:retry',
  summary: 'Try to deliver something at once, also what was given up',
  roles: HELPERS,
  sensitive: true,
  input: z.object({ id: z.string().trim().min(1).max(64).describe('id of the delivery, as delivery:list shows it') }),
  subject: receiverOf,
  async run({ deliveries, now }, { id }) {
    if (!(await deliveries.expedite(id, now())))
      throw new AppError('in-hand', 'this was delivered meanwhile, or is being delivered now', { status: 409 })
    return { id, dueAt: now() }
  },
})

/** Whom it is for, where that is an account: what is for somebody above is not the help desk's to send. */
async function receiverOf({ deliveries, people }: AdminContext, given: { id: string }): Promise<Target | undefined> {
  const found = await deliveries.findParcel(given.id)
  if (!found) throw new AppError('not-found', 'there is no such delivery: it may have been delivered', { status: 404 })
  const account = found.accountId === undefined ? undefined : await findAccount(people, found.accountId)
  return account && { id: account.id, roles: account.roles }
}

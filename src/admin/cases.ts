/**
 * Verbs for recovery cases: a representative finds the one whose number is read out, sees what is known, checks the
 * person by the company's own procedure, records how, and decides.
 */

import { z } from 'zod'
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { findAccount } from '../accounts/people.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { typedCode } from '../lib/typed-code.ts'
import type { Account } from '../person/account.ts'
import { CHECKS } from '../person/recovery-case.ts'
import type { CaseView, Decided } from '../recovery/recovery.ts'
import { factsOf, HELPERS, READERS, summaryOf } from './person.ts'
import { actorName, type Target } from './role.ts'
import { type AdminContext, verb } from './verb.ts'

/** As it is read out and typed: spaces and dashes do not count. */
const number = z
  .string()
  .max(40)
  .transform(typedCode)
  .pipe(z.string().regex(/^\d{8}$/, 'a case number has eight digits'))
  .describe('case number')

/** A case that has to wait: the e-mail address was changed shortly before it was filed. */
export class CaseWaits extends AppError {
  readonly retryAt: number

  constructor(retryAt: number) {
    super(
      'wait',
      `the e-mail address was changed lately: this can be decided from ${new Date(retryAt).toISOString()}`,
      {
        status: 409,
      },
    )
    this.retryAt = retryAt
  }
}

export const listCases = verb({
  name: 'case:list',
  summary: 'List the recovery cases that wait for a decision, the oldest first',
  roles: READERS,
  input: z.object({}),
  async run(context) {
    const { recovery, people } = context
    const open = await recovery.listOpen()
    const accounts = await Promise.all(open.map(({ accountId }) => findAccount(people, accountId)))
    return open.flatMap(({ number, createdAt, expiresAt, decidableAt }, index) => {
      const account = accounts[index]
      return account ? [{ number, createdAt, expiresAt, decidableAt, person: summaryOf(context, account) }] : []
    })
  },
})

export const showCase = verb({
  name: 'case:show',
  summary: 'Show a recovery case: how to reach the person, and what is known of them',
  roles: READERS,
  input: z.object({ number }),
  subject: caseNumbered,
  async run(context, _input, _actor, { view, account }) {
    const { accountId: _accountId, ...shown } = view
    return { ...shown, person: await factsOf(context, account) }
  },
})

export const decideCase = verb({
  name: 'case:decide',
  summary: 'Decide a recovery case: issue a temporary access code, shown this once, or decline',
  roles: HELPERS,
  sensitive: true,
  input: z.object({
    number,
    decision: z.enum(['issue', 'decline']).describe('issue or decline'),
    check: z.enum(CHECKS).describe(`how you made sure who it is: ${CHECKS.join(', ')}`),
    note: z
      .string()
      .trim()
      .max(500)
      .refine((text) => !holdsCitizenNumber(text), 'holds a citizen service number (BSN), which may not be kept here')
      .default('')
      .describe('what is worth knowing later'),
  }),
  subject: caseNumbered,
  async run({ recovery, endSessions }, { number, decision, check, note }, actor, { account }) {
    const to = decision === 'issue' ? 'issued' : 'declined'
    const decided = await recovery.decide({ number, to, check, note, actor: actorName(actor), source: actor.source })
    if (!decided.ok) throw faultOf(decided)
    if (to === 'declined') return { number, state: to }
    // Whoever has the lost phone or a session of before is out, before the code that replaces them is told.
    await endSessions(account.id)
    return { number, state: to, code: decided.code, expiresAt: decided.expiresAt }
  },
})

async function caseNumbered(
  { recovery, people }: AdminContext,
  given: { number: string },
): Promise<Target & { view: CaseView; account: Account }> {
  const view = await recovery.find(given.number)
  const account = view && (await findAccount(people, view.accountId))
  if (!view || !account) throw new AppError('not-found', 'there is no case with this number', { status: 404 })
  return { id: account.id, roles: account.roles, view, account }
}

function faultOf(refused: Exclude<Decided, { ok: true }>): AppError {
  switch (refused.reason) {
    case 'wait':
      return new CaseWaits(refused.retryAt)
    case 'closed':
      return new AppError('case-closed', 'this case was canceled or decided, or it has expired', { status: 409 })
    case 'unknown':
      return new AppError('not-found', 'there is no case with this number', { status: 404 })
    case 'missing-check':
      return new InputError('The input is not in order.', [{ path: 'check', reason: 'is missing' }])
    case 'too-long':
      return new InputError('The input is not in order.', [{ path: 'note', reason: 'is too long' }])
    case 'citizen-number':
      return new InputError('The input is not in order.', [
        { path: 'note', reason: 'holds a citizen service number (BSN)' },
      ])
  }
}

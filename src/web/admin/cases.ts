/**
 * Recovery cases at the help desk: found by the number that is read out, looked at, decided once. The temporary access
 * code is in the answer to the form that issued it and nowhere else: no address shows it, and sending the form again
 * meets a case that is closed.
 */

import type { RouterContext } from '@koa/router'
import { findAccount } from '../../accounts/people.ts'
import type { Requester } from '../../accounts/requester.ts'
import { CaseWaits, decideCase, listCases, showCase } from '../../admin/cases.ts'
import type { PersonSummary } from '../../admin/person.ts'
import { mayActOn } from '../../admin/role.ts'
import { AppError, InputError } from '../../lib/errors.ts'
import { typedCode } from '../../lib/typed-code.ts'
import { CHECKS } from '../../person/recovery-case.ts'
import type { Fields } from '../form.ts'
import { seeOther } from '../page.ts'
import { readOut } from '../sign-in/recovery-request.ts'
import type { Submission, Visit } from '../signed-in.ts'
import { asked, personAddress } from './address.ts'
import type { Desk } from './desk.ts'

export interface CasePages {
  list: Visit
  show: Visit
  decide: Submission
}

/** Fields of the form that decides. */
export const DECISION = ['step', 'check', 'note']

const CASES = '/admin/cases'
const LONGEST_NOTE = 500

export function casePages(at: Desk): CasePages {
  /** The list; with `unknown`, what was typed as a number and names no case. */
  async function showList(ctx: RouterContext, requester: Requester, unknown?: string): Promise<void> {
    const open = await at.run(ctx, requester, listCases, {})
    at.show(ctx, requester, {
      view: 'cases',
      self: CASES,
      status: unknown === undefined ? 200 : 404,
      data: { cases: open.map(caseEntry), unknown },
    })
  }

  async function showCaseOf(
    ctx: RouterContext,
    requester: Requester,
    typed: Fields = {},
    error?: string,
  ): Promise<void> {
    const { person, ...found } = await at.run(ctx, requester, showCase, { number: ctx.params.number })
    const allowed = mayActOn(at.actor(ctx, requester), person)
    const decides = found.state === 'open' && at.may(requester, decideCase)
    const waits = found.decidableAt > at.now()
    at.show(ctx, requester, {
      view: 'case',
      self: caseAddress(found.number),
      status: error ? 400 : 200,
      data: {
        action: caseAddress(found.number),
        found: { ...found, spoken: readOut(found.number) },
        person: { ...person, href: personAddress(person.id) },
        closedBy: await nameOf(found.closedBy),
        decides: decides && allowed.ok,
        refused: decides && !allowed.ok ? allowed.reason : undefined,
        // Declining needs no wait.
        waitUntil: waits ? found.decidableAt : undefined,
        checks: CHECKS,
        typed,
        error,
      },
    })
  }

  // Asked for a second factor on the way in, a representative does not lose what was written down meanwhile.
  const showDecidable = at.guarded((ctx, requester) => find(ctx, requester))

  async function find(ctx: RouterContext, requester: Requester): Promise<void> {
    try {
      await showCaseOf(ctx, requester)
    } catch (fault) {
      if (!isUnknown(fault)) throw fault
      await showList(ctx, requester, ctx.params.number ?? '')
    }
  }

  return {
    async list(ctx, requester) {
      const typed = asked(ctx, 'number')
      const number = typedCode(typed)
      if (/^\d{8}$/.test(number)) return seeOther(ctx, caseAddress(number))
      await showList(ctx, requester, typed === '' ? undefined : typed)
    },

    show: (ctx, requester) => (at.may(requester, decideCase) ? showDecidable(ctx) : find(ctx, requester)),

    async decide(ctx, requester, fields) {
      const { number = '' } = ctx.params
      const { step: decision, check, note = '' } = fields
      // Looked up before: once there is a code, nothing may keep it from being shown.
      const whose = await personOf(number)
      try {
        const decided = await at.run(ctx, requester, decideCase, { number, decision, check, note })
        if (decided.code !== undefined) {
          const { code, expiresAt } = decided
          const data = { ...whose, code, expiresAt, spoken: readOut(number), back: caseAddress(number) }
          return at.show(ctx, requester, { view: 'code', self: '', data })
        }
      } catch (fault) {
        const error = faultIn(fault, note)
        if (!error) throw fault
        return showCaseOf(ctx, requester, fields, error)
      }
      at.leaveNotice(ctx, 'declined')
      seeOther(ctx, caseAddress(number))
    },
  }

  async function nameOf(id: string | undefined): Promise<string | undefined> {
    return id === undefined ? undefined : ((await findAccount(at.context.people, id))?.name ?? id)
  }

  async function personOf(number: string): Promise<{ name?: string; email?: string }> {
    const found = await at.context.recovery.find(number)
    const account = found && (await findAccount(at.context.people, found.accountId))
    return { name: account?.name, email: account?.email }
  }
}

/** What the form says of what is wrong in it. */
function faultIn(fault: unknown, note: string): string | undefined {
  if (fault instanceof CaseWaits) return 'wait'
  if (!(fault instanceof InputError)) return undefined
  const fields = fault.faults.map(({ path }) => path)
  if (fields.includes('check')) return 'missing-check'
  if (!fields.includes('note')) return undefined
  return note.trim().length > LONGEST_NOTE ? 'too-long' : 'citizen-number'
}

function isUnknown(fault: unknown): boolean {
  return fault instanceof InputError || (fault instanceof AppError && fault.code === 'not-found')
}

function caseAddress(number: string): string {
  return `${CASES}/${encodeURIComponent(number)}`
}

/** A case of the list, as the tables show it. */
export function caseEntry({ number, createdAt, expiresAt, person }: Waiting): Record<string, unknown> {
  const { name, email, organization } = person
  return { spoken: readOut(number), href: caseAddress(number), name, email, organization, createdAt, expiresAt }
}

interface Waiting {
  number: string
  createdAt: number
  expiresAt: number
  person: PersonSummary
}

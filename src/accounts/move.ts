/** One person goes over to another organization, or to none. */
import type { Audit } from '../audit/audit.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import type { Clock } from '../lib/time.ts'
import type { Organization } from '../organization/organization.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import { transfer } from '../person/membership.ts'
import type { Found } from '../record/records.ts'
import type { By } from './life.ts'
import type { Notice } from './notify.ts'

/** `to` is no organization that was merged: one that others lead to (organization/directory.ts). */
export type Move = (
  account: Account,
  to: Found<Organization> | undefined,
  by: By,
) => Promise<Outcome<Done, 'same' | 'disabled-organization'>>

export interface MoveParts {
  people: Pick<People, 'change'>
  audit: Audit
  notice: Notice
  /** Ends every session, token and remembered device of the account; applications are told. */
  endSessions: (accountId: string) => Promise<void>
  now: Clock
}

export function mover({ people, audit, notice, endSessions, now }: MoveParts): Move {
  return async (account, to, by) => {
    // Whoever is disabled along with the others hears of it when that is done, not by being moved.
    if (to?.record.status === 'disabled') return { ok: false, reason: 'disabled-organization' }
    const told = notice(account, 'organization-changed', { at: now() })
    const target = to && { organizationId: to.id, ending: to.record.ending }
    if (!(await people.change(account.id, (person) => transfer(person, target, told))))
      return { ok: false, reason: 'same' }
    // By ids: names are what people may have typed.
    const ids = { ...(account.organizationId && { from: account.organizationId }), ...(to && { to: to.id }) }
    const details = { what: 'organization', ...ids }
    await audit({ type: 'account.changed', outcome: 'ok', subject: account.id, ...by, details })
    await endSessions(account.id)
    return { ok: true }
  }
}

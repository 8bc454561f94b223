/**
 * What becomes of second factors when a change of the address is taken back. Those that came since go, whoever made them,
 * for the owner was not there. Those that were removed since do not come back: the owner may have removed one because the
 * phone was stolen, and whoever holds that phone can press the link in its mail too. The help desk helps whoever is left
 * with none, and checks who that is: the account never ends with less than it had when the address was changed.
 *
 * All passkeys go: each opens the account alone, as the password does, and that is forgotten too. person/email-undo.ts
 * does it, in one write; here is what the mail about it says.
 */

import type { FactorName, FactorsUndone } from '../accounts/email-undo.ts'
import { findPerson } from '../accounts/people.ts'
import type { Account } from '../person/account.ts'
import { listAuthenticators } from '../person/authenticator.ts'
import type { EmailUndo } from '../person/email-undo.ts'
import type { People } from '../person/kind.ts'
import { PASSKEY, type SecondFactor } from '../person/second-factor.ts'

export function factorsUndone(
  people: Pick<People, 'find'>,
): (account: Account, undo: EmailUndo) => Promise<FactorsUndone> {
  return async ({ id }, { factors, enrolledAt }) => {
    const person = await findPerson(people, id)
    const { backup } = person
    const all = [
      ...listAuthenticators(person).map(({ kind, ...each }) => ({ ...each, method: kind })),
      ...(backup ? [{ ...backup, method: 'backup' as const, label: undefined }] : []),
    ]
    const wasThere = ({ id, method }: { id: string; method: SecondFactor }) =>
      factors.includes(id) && method !== PASSKEY
    const kept = all.filter(wasThere)
    return {
      removed: all.filter((each) => !wasThere(each)).map(named),
      kept: kept.map(named),
      stranded: enrolledAt !== undefined && kept.length === 0,
    }
  }
}

function named({ method, label, createdAt }: FactorName): FactorName {
  return { method, label, createdAt }
}

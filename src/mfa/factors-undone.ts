/**
 * What becomes of second factors when a change of the address is taken back: those that came since go, whoever made them,
 * for the owner was not there. What was taken away since does not come back. The owner may have done that because the phone
 * was stolen, and the mail on that phone can press the link too. Who is left with none is helped by the help desk, and so
 * is whoever pretends to be that: it never ends in less than there was when the address was changed.
 *
 * The store does it, in one write (accounts/addresses.ts); here is what the mail about it says. Passkeys will be named
 * here as well.
 */

import type { FactorName, FactorsUndone } from '../accounts/addresses.ts'
import type { Account } from '../person/account.ts'
import type { EmailUndo } from '../person/email-undo.ts'
import type { MfaStore } from './authenticator.ts'

export function factorsUndone(
  store: Pick<MfaStore, 'listAuthenticators' | 'findBackupCode'>,
): (account: Account, undo: EmailUndo) => Promise<FactorsUndone> {
  return async ({ id, enrolledAt }, { factors, createdAt: since, enrolledAt: enrolledThen }) => {
    const [authenticators, backup] = await Promise.all([store.listAuthenticators(id), store.findBackupCode(id)])
    const all = [
      ...authenticators.map(({ kind, ...each }) => ({ ...each, method: kind })),
      ...(backup ? [{ ...backup, method: 'backup' as const, label: undefined }] : []),
    ]
    const wasThere = (each: { id: string; createdAt: number }) => factors?.includes(each.id) ?? each.createdAt < since
    const kept = all.filter(wasThere)
    const enrolled = enrolledThen !== undefined || (factors === undefined && (enrolledAt ?? since) < since)
    return {
      removed: all.filter((each) => !wasThere(each)).map(named),
      kept: kept.map(named),
      stranded: enrolled && kept.length === 0,
    }
  }
}

function named({ method, label, createdAt }: FactorName): FactorName {
  return { method, label, createdAt }
}

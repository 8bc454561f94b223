/** Somebody who was brought from elsewhere with the app that they had there, and has not been here yet. */
import { sealAuthenticator } from '../../../src/mfa/sealed-authenticator.ts'
import type { Account } from '../../../src/person/account.ts'
import type { CodeParameters } from '../../../src/person/authenticator.ts'
import type { FactorBench } from './factor-bench.ts'

/** Eighty bits, as some systems made them. */
export const OLD_KEY = 'MFRGGZDFMZTWQ2LK'

export async function brought(
  bench: FactorBench,
  label: string,
  declared: Partial<CodeParameters> = {},
): Promise<Account> {
  const imported = { source: 'nmbrs', externalId: label, at: bench.now(), wrote: {}, run: { plan: 'p', did: 'create' } }
  const account = await bench.person({ enrolledAt: bench.now(), imported })
  const app = sealAuthenticator(bench.common.seal, OLD_KEY, {
    ...{ accountId: account.id, kind: 'totp', label, numberKey: undefined, lastStep: 0, imported: true },
    ...{ createdAt: bench.now(), lastUsedAt: undefined, ...declared },
  })
  await bench.store.people.change(account.id, (draft) => void draft.authenticators.push(app))
  return account
}

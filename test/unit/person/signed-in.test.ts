/** When somebody last signed in: by the password where that is all, by the second step where there is one. */
import { expect, test } from 'vitest'
import type { Account } from '../../../src/person/account.ts'
import { emptyPersonRecord, type PersonRecord } from '../../../src/person/person.ts'
import { provedPassword, provedSecondStep } from '../../../src/person/signed-in.ts'
import { account, NOW } from '../../support/samples/records.ts'

function person(given: Partial<Account>): PersonRecord {
  return { ...emptyPersonRecord(), account: account({ lastSignInAt: 1, ...given }) }
}

test('a password alone signs in whoever has no more', () => {
  const sanne = person({ enrolledAt: undefined })
  provedPassword(sanne, NOW)
  expect(sanne.account?.lastSignInAt).toBe(NOW)
})

test('a stolen password signs nobody in who has two-step verification, and is no sign of life', () => {
  const sanne = person({ enrolledAt: NOW - 1 })
  provedPassword(sanne, NOW)
  expect(sanne.account?.lastSignInAt).toBe(1)
  provedSecondStep(sanne, NOW)
  expect(sanne.account?.lastSignInAt).toBe(NOW)
})

test('nothing is kept of whom there is no account', () => {
  const nobody = emptyPersonRecord()
  provedPassword(nobody, NOW)
  provedSecondStep(nobody, NOW)
  expect(nobody).toEqual(emptyPersonRecord())
})

import { expect, test } from 'vitest'
import { deed, refusal } from '../../../src/audit/audit.ts'

const source = { ip: '192.0.2.1', correlation: 'A1B2C3D4' }
const account = { id: 'sanne', email: 'sanne@sigma.example' }

test('a deed names its person as the one who did it and the one it is about, and nothing else of them', () => {
  const details = { what: 'language' }
  expect(deed('account.changed', { account, source }, details)).toEqual({
    type: 'account.changed',
    outcome: 'ok',
    actor: 'sanne',
    subject: 'sanne',
    source,
    details,
  })
})

test('somebody who was refused is not taken for the owner of the account: no actor is named', () => {
  expect(refusal('sign-in.password', { account, source })).toEqual({
    type: 'sign-in.password',
    outcome: 'refused',
    subject: 'sanne',
    source,
  })
})

test('what was refused at an address of nobody is about no account', () => {
  expect(refusal('sign-in.password', { account: undefined, source }).subject).toBeUndefined()
})

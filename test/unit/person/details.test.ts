/** Whose mail is taken for the person's. */
import { expect, test } from 'vitest'
import { isProven } from '../../../src/person/details.ts'
import { account, NOW } from '../../support/samples/records.ts'

test.each<[string, boolean, Parameters<typeof account>[0]]>([
  ['one that a link was opened from', true, {}],
  ['one that never came in', false, { passwordHash: undefined, passwordChangedAt: undefined }],
  ['one that an administrator typed', false, { emailVerified: false, emailChangedAt: NOW, lastSignInAt: NOW - 1 }],
  ['the same, and signed in with since', true, { emailVerified: false, emailChangedAt: NOW, lastSignInAt: NOW + 1 }],
  ['one that was brought along', false, { emailVerified: false }],
  ['the same, and signed in with', true, { emailVerified: false, lastSignInAt: NOW }],
])('an address: %s', (_which, proven, given) => {
  expect(isProven(account({ passwordHash: 'hash', ...given }))).toBe(proven)
})

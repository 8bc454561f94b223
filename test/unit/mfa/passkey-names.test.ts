/** What keeps a passkey, by name. */
import { expect, test } from 'vitest'
import { passkeyProvider } from '../../../src/mfa/passkey-names.ts'

test.each([
  ['fbfc3007-154e-4ecc-8c0b-6e020557d7bd', 'iCloud Keychain'],
  ['08987058-cadc-4b81-b6e1-30de50dcbe96', 'Windows Hello'],
  ['2fc0579f-8113-47ea-b116-bb5a8db9202a', 'YubiKey 5'],
  ['00000000-0000-0000-0000-000000000000', undefined],
  ['01020304-0506-0708-090a-0b0c0d0e0f10', undefined],
  ['', undefined],
  ['__proto__', undefined],
])('%j is %j', (aaguid, name) => expect(passkeyProvider(aaguid)).toBe(name))

/** Applications are told that an address is proven only where it is: of somebody who was brought along it may not be. */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { expect, test } from 'vitest'
import { findActive } from '../../../src/oidc/claims.ts'
import type { Account } from '../../../src/person/account.ts'
import { emptyPersonRecord } from '../../../src/person/person.ts'
import { account } from '../../support/samples/records.ts'

test.each<[string, Partial<Account>, boolean]>([
  ['a link that was mailed there was used', {}, true],
  ['it was brought along without proof', { emailVerified: false }, false],
])('email_verified where %s: %s', async (_when, differs, told) => {
  const sanne = account({ status: 'active', organizationId: undefined, ...differs })
  const find = findActive({ find: async () => ({ ...emptyPersonRecord(), account: sanne }) }, { find: () => undefined })
  const found = await find({} as KoaContextWithOIDC, sanne.id)
  expect(await found?.claims('userinfo', 'openid email', {}, [])).toMatchObject({ email_verified: told })
})

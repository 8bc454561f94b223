/** Whose address another could be taken for: somebody's, an organization's by its domain, or nobody's. */
import { expect, test } from 'vitest'
import { lookAlikes } from '../../../src/accounts/look-alike.ts'
import { emailKey } from '../../../src/person/account.ts'
import { personKind } from '../../../src/person/kind.ts'
import { emptyPersonRecord } from '../../../src/person/person.ts'
import { account } from '../../support/samples/records.ts'
import { memoryRecords } from '../../support/unit/memory-records.ts'
import { knownOrganizations, organization } from '../../support/unit/organizations.ts'

const people = memoryRecords(personKind)
const organizations = knownOrganizations({ bakery: { ...organization('Bakkerij'), domains: ['bakkerij.example'] } })

for (const email of ['sanne@bakkerij.example', 'sam@пост.рф'])
  await people.change(email, (draft) => {
    const kept = account({ id: email, name: email, email, emailKey: emailKey(email) })
    Object.assign(draft, emptyPersonRecord(), { account: kept })
  })

test.each<[email: string, like: string[]]>([
  ['bram@bakkerij.example', []],
  // The same address is not like it: it is it, in whichever spelling.
  ['Sanne@Bakkerij.example', []],
  ['sam@xn--n1abhe.xn--p1ai', []],
  ['5anne@bakkerij.example', ['person sanne@bakkerij.example']],
  ['bram@bakker1j.example', ['organization bakkerij.example']],
  ['sanne@bakker-ij.example', ['person sanne@bakkerij.example', 'organization bakkerij.example']],
  ['bram@bаkkerij.example', ['organization bakkerij.example', 'nothing-else bаkkerij.example']],
  ['bram@pаypal.example', ['nothing-else pаypal.example']],
])('%s is like %j', async (email, like) => {
  const found = await lookAlikes({ people, organizations })(email)
  expect(found.map((one) => `${one.like} ${one.like === 'person' ? one.email : one.domain}`)).toEqual(like)
})

test('nobody’s address is like their own of before', async () => {
  expect(await lookAlikes({ people, organizations })('s4nne@bakkerij.example', 'x')).toEqual([])
  expect(await lookAlikes({ people, organizations })('5anne@bakkerij.example', 'sanne@bakkerij.example')).toEqual([])
})

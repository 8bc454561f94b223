/** Where somebody was brought from: how far they are, and what they are found by. */
import { expect, test } from 'vitest'
import { type Imported, importedOf, parseImported, type Stage, stageOf } from '../../../src/person/imported.ts'
import { personKind } from '../../../src/person/kind.ts'
import { schemeOf, setPassword, upgradeHash } from '../../../src/person/password.ts'
import { emptyPersonRecord, type PersonRecord } from '../../../src/person/person.ts'
import { account, link, NOW, passwordChange } from '../../support/samples/records.ts'

const FOREIGN = '2026a:bcrypt c=10$c2FsdA:$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA'
const OURS = '2026a:$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA'

function imported(more: Partial<Imported> = {}): Imported {
  return { source: 'old', externalId: 'sanne|1', at: NOW, wrote: {}, run: { plan: '', did: '' }, ...more }
}

function person(more: Parameters<typeof account>[0] = {}): PersonRecord {
  return { ...emptyPersonRecord(), account: account({ imported: imported(), passwordHash: FOREIGN, ...more }) }
}

test.each<[string, PersonRecord, Stage | undefined]>([
  ['was made here', { ...emptyPersonRecord(), account: account() }, undefined],
  ['has done nothing yet', person(), 'waiting'],
  ['proved the password', person({ imported: imported({ passwordProvenAt: 1 }) }), 'password'],
  ['set one by a link', person({ passwordChangedAt: 1 }), 'password'],
  ['proved a code', person({ imported: imported({ passwordProvenAt: 1, codeProvenAt: 2 }) }), 'code'],
  ['took another way', person({ imported: imported({ codeProvenAt: 2, fellBackAt: 3 }) }), 'fell-back'],
  ['switched', person({ imported: imported({ fellBackAt: 3, switchedAt: 4 }) }), 'switched'],
])('whoever %s', (_who, given, stage) => {
  expect(stageOf(given)).toBe(stage)
  const { organizationId } = given.account ?? {}
  const value = importedOf(given)
  expect(value && parseImported(value)).toEqual(stage && { source: 'old', organizationId, stage })
})

test('is found by the old id, by the secrets of apps, and by how the old system kept the password', () => {
  const found = person({ imported: imported({ secrets: ['s1', 's2'] }) })
  expect(personKind.keys(found)).toEqual(expect.arrayContaining(['external:old:sanne|1', 'secret:s1', 'secret:s2']))
  expect(personKind.finders(found)).toMatchObject({ hashKey: '2026a', scheme: 'bcrypt c=10' })
  expect(schemeOf(OURS)).toBeUndefined()
})

test('a password that came along is ours from its first use on, and the ledger says when that was', () => {
  const sanne = person()
  expect(upgradeHash(sanne, FOREIGN, OURS, NOW + 5)).toBe(true)
  expect(sanne.account).toMatchObject({ passwordHash: OURS, imported: { passwordProvenAt: NOW + 5 } })
  expect(personKind.finders(sanne).scheme).toBeUndefined()
  // A stronger hash of ours is nothing that came along.
  const other = person({ passwordHash: OURS })
  expect(upgradeHash(other, OURS, `${OURS}2`, NOW + 6)).toBe(true)
  expect(other.account?.imported?.passwordProvenAt).toBeUndefined()
})

test('an address that nobody proved is proven by the link that was mailed there', () => {
  const sanne = account({ emailVerified: false })
  const sent = link(sanne.id)
  const draft = { ...emptyPersonRecord(), account: sanne, links: [sent], parcels: [] }
  expect(setPassword(draft, passwordChange(sent), [])).toBe(true)
  expect(draft.account.emailVerified).toBeUndefined()
})

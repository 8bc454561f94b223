/** SECURITY R-15: what another release wrote. */
import { expect, onTestFinished, test } from 'vitest'
import { insertAccount, setLocale } from '../../src/person/account.ts'
import { keyOf, personKind } from '../../src/person/kind.ts'
import { addPasskey, ensureUserHandle, listPasskeys } from '../../src/person/passkey.ts'
import type { Kind } from '../../src/record/kind.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { MIGRATIONS, migrate } from '../../src/store/sqlite/migrations.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { records } from '../../src/store/sqlite/records.ts'
import { passkey } from '../support/samples/factors.ts'
import { link, NOW, account as person } from '../support/samples/records.ts'
import { keep, TOY, type Toy } from './conformance/records-toy.ts'
import { PEOPLE_BEFORE } from './people-before.ts'
import { stranger, testFile } from './temporary.ts'

test('a file of a later release is refused by its name, and works again with that release', async () => {
  const path = testFile()
  await openSqliteStore(path).close()
  const db = stranger(path)
  migrate(db, [...MIGRATIONS, 'CREATE TABLE passkey (id TEXT)'])
  expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ code: 'store-too-new' }))
  migrate(db, [...MIGRATIONS, 'this is not taken again'])
  db.exec(`INSERT INTO passkey (id) VALUES ('a')`)
})

test('a record that another release wrote has all that this one knows, and keeps what it does not', async () => {
  const path = testFile()
  const db = openDatabase(path, { kinds: [TOY] })
  onTestFinished(() => db.close())
  const toys = records(db, TOY)
  await keep(toys, 'bear', { serial: '1' })
  stranger(path).exec(`UPDATE toys SET record = '{"serial":"1","makers":["M"],"weight":{"grams":5}}'`)
  expect(await toys.find('bear')).toEqual({ ...TOY.empty(), serial: '1', makers: ['M'], weight: { grams: 5 } })
  await keep(toys, 'bear', { price: 3 })
  await toys.changeBy('serial:1', (draft) => void draft.colors.push('red'))
  const known = { ...TOY.empty(), serial: '1', makers: ['M'], price: 3, colors: ['red'] }
  expect(await toys.find('bear')).toEqual({ ...known, weight: { grams: 5 } })
})

test('records that a release before wrote are found by what this one finds records by, before anybody is served', async () => {
  const path = testFile()
  const told: unknown[] = []
  const before: Kind<Toy> = { ...TOY, finders: ({ price }) => ({ price }), search: () => undefined }
  const older = openDatabase(path, { kinds: [before], onDerived: (each) => told.push(each) })
  await keep(records<Toy, string>(older, before), 'bear', { serial: '1', colors: ['red'], price: 3 })
  await keep(records<Toy, string>(older, before), 'duck', { serial: '2', colors: ['red', 'blue'] })
  await older.close()
  expect(told).toEqual([])

  const [one, other] = [1, 2].map(() => openDatabase(path, { kinds: [TOY], onDerived: (each) => told.push(each) }))
  for (const db of [one, other]) {
    if (!db) throw new Error('not opened')
    onTestFinished(() => db.close())
    const toys = records(db, TOY)
    expect(await Promise.all([toys.count('color', 'red'), toys.count('color', 'blue')])).toEqual([2, 1])
    expect((await toys.list({ by: 'price', limit: 5 })).map(({ id }) => id)).toEqual(['bear'])
  }
  expect(told).toEqual([{ kind: 'toys', records: 2 }])
})

test('a person of the release before gets a passkey, and one who has a passkey loses none to that release', async () => {
  const path = testFile()
  const account = person({ id: 'sanne', status: 'active', enrolledAt: NOW })
  const opened = (kind: typeof personKind) => openDatabase(path, { kinds: [kind] })
  const older = opened(PEOPLE_BEFORE)
  await records(older, PEOPLE_BEFORE).change('sanne', (draft) => insertAccount(draft, account, link('sanne'), []))
  await older.close()

  const key = passkey({ accountId: 'sanne' }, { key: 'credential' })
  const now = opened(personKind)
  const people = records(now, personKind)
  expect(listPasskeys((await people.find('sanne')) ?? expect.fail('nobody'))).toEqual([])
  const add = { epoch: account.epoch, passkey: key, most: 1 }
  expect(
    await people.change('sanne', (draft) => [ensureUserHandle(draft, 'handle'), addPasskey(draft, add, [])]),
  ).toEqual(['handle', 'added'])
  await now.close()

  const back = opened(PEOPLE_BEFORE)
  expect(await records(back, PEOPLE_BEFORE).change('sanne', (draft) => setLocale(draft, 'en', []))).toBe(true)
  await back.close()

  const again = opened(personKind)
  onTestFinished(() => again.close())
  const found = await records(again, personKind).findBy(keyOf.passkey('credential'))
  expect(found).toMatchObject({ id: 'sanne', record: { account: { locale: 'en', userHandle: 'handle' } } })
  expect(found?.record.authenticators).toEqual([key])
  expect(await records(again, personKind).counts('passkeyGroup')).toHaveLength(1)
})

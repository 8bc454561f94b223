/** The register of root keys: what a start makes of it, what servers say in it, and what is in it that nobody of ours has written. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type Hasher, hasher } from '../../../src/accounts/password.ts'
import { type RootKeyCommands, rootKeyCommands } from '../../../src/app/root-key-commands.ts'
import { beginWithRootKeys } from '../../../src/app/root-keys.ts'
import { inFrontElsewhere, letGo, NOTED, note } from '../../../src/keys/in-use.ts'
import { reseal } from '../../../src/keys/reseal.ts'
import { allRootKeys, keptRecord } from '../../../src/keys/root-key.ts'
import { settle, standings } from '../../../src/keys/standing.ts'
import { type Keyring, keyring, type RootKey, sealer } from '../../../src/lib/crypto.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { furnish, NEW, OLD, settleIn } from '../../support/keys/sealed-house.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { NOW } from '../../support/samples/records.ts'

const store = forEachTest(() => openSqliteStore(':memory:'))
let time = NOW
let faults: unknown[]
let warned: unknown[]
beforeEach(() => {
  time = NOW
  faults = []
  warned = []
})

const now = () => time
const log = { warn: (told: unknown) => void warned.push(told), error: (told: unknown) => void faults.push(told) }
/** Where there are others. */
const leases = { acquire: async () => true, release: async () => undefined }

async function begin(roots: RootKey[], more: { serves?: boolean; leases?: typeof leases } = {}): Promise<Keyring> {
  const { serves = true, ...given } = more
  const ring = keyring(roots)
  await beginWithRootKeys({ durable: store.durable, sealed: store.sealed, ...given }, { ring, now, log, serves })
  return ring
}

function commands(ring: Keyring, more: { leases?: typeof leases } = {}): RootKeyCommands {
  const record = async () => undefined
  return rootKeyCommands({ store: { ...store, ...more }, ring, now, record, operator: 'chris' } as never)
}

/** As an operator does it: from a server with the old key to one with the new key only. */
async function retire(): Promise<Keyring> {
  await begin([OLD])
  await furnish(store, keyring([OLD]), 2)
  const both = await begin([NEW, OLD])
  await commands(both).reseal(() => undefined)
  return begin([NEW])
}

const hashing = (pepper: Keyring): Hasher => hasher({ pepper, gate: (work) => work(), memoryKib: 8, passes: 1 })
const record = (id: string) => store.durable.rootKeys.find(id)

describe('a start', () => {
  test('is refused without a key that something needs, with what and how many', async () => {
    await begin([OLD])
    await furnish(store, keyring([OLD]), 2)
    const needed =
      '2 people, 2 passwords, 4 signing keys, 3 mails and messages, 4 sessions and tokens, 1 answer of the API, 3 checkpoints, 1 kept key'
    await expect(begin([NEW])).rejects.toMatchObject({
      code: 'unknown-key',
      message: `no key with id "old" in the keyring, and these need it: ${needed}`,
    })
    // Nothing came of it.
    expect(await record('new')).toBeUndefined()
  })

  test('goes on without a key that nothing needs, and asks no further the next time', async () => {
    await begin([OLD])
    await begin([NEW])
    expect((await record('old'))?.clearedAt).toBe(NOW)
    const before = await record('old')
    await begin([NEW])
    expect(await record('old')).toEqual(before)
  })

  test('of a command writes nothing', async () => {
    await begin([NEW, OLD], { serves: false })
    expect(await allRootKeys(store.durable.rootKeys)).toEqual(new Map())
  })

  test('warns where a key is in front that others do not have, and only there', async () => {
    await begin([OLD], { leases })
    await begin([NEW, OLD])
    expect(warned).toEqual([])
    await begin([{ ...NEW, id: 'newer' }, OLD], { leases })
    expect(warned).toEqual([{ key: 'newer' }])
    // In the order of the page: behind, and then in front.
    await begin([OLD, { ...NEW, id: 'newest' }], { leases })
    await begin([{ ...NEW, id: 'newest' }, OLD], { leases })
    expect(warned).toHaveLength(1)
  })
})

describe('servers', () => {
  test('say which key they have in front, once a minute at most, and a key that seals again is not free', async () => {
    const { rootKeys: records } = store.durable
    await begin([NEW, OLD])
    expect(await record('old')).toMatchObject({ knownAt: NOW, usedAt: 0 })
    await records.change('old', (draft) => void Object.assign(draft, { clearedAt: NOW }))
    const behind = { records, ring: keyring([NEW, OLD]), now }
    time += NOTED - 1
    await note(behind)
    expect((await record('new'))?.usedAt).toBe(NOW)
    time += 1
    await note(behind)
    expect((await record('new'))?.usedAt).toBe(time)
    expect((await record('old'))?.clearedAt).toBe(NOW)
    await note({ ...behind, ring: keyring([OLD, NEW]) })
    expect(await record('old')).toEqual({ knownAt: NOW, usedAt: time, kept: [] })
  })

  test('that have another key in front keep everything from being sealed anew, for three minutes where there are several', async () => {
    await begin([OLD])
    const both = keyring([NEW, OLD])
    await expect(commands(both).reseal(() => undefined)).rejects.toMatchObject({ code: 'not-in-use' })
    await begin([NEW, OLD])
    const refused = commands(both, { leases }).reseal(() => undefined)
    await expect(refused).rejects.toMatchObject({ code: 'in-use-elsewhere' })
    expect((await commands(both, { leases }).status()).keys[1]).toMatchObject({ id: 'old', canBeRemoved: false })
    time += 3 * NOTED
    expect(inFrontElsewhere(await allRootKeys(store.durable.rootKeys), both, time)).toEqual([])
    const { keys } = await commands(both, { leases }).reseal(() => undefined)
    expect(keys[1]).toMatchObject({ id: 'old', state: 'removable', canBeRemoved: true })
  })

  test('of two that seal anew at once, the second is told', async () => {
    const both = await begin([NEW, OLD])
    const busy = { ...leases, acquire: async () => false }
    const refused = commands(both, { leases: busy }).reseal(() => undefined)
    await expect(refused).rejects.toMatchObject({ code: 'in-progress' })
  })
})

describe('what is kept of a key that is gone', () => {
  test('checks a password that was set before, and is let go of when the last of them has moved', async () => {
    const { people, rootKeys: records } = store.durable
    await begin([OLD])
    const hash = await hashing(keyring([OLD])).hash('fiets fiets fiets')
    const id = await settleIn(store, keyring([OLD]), hash)
    const both = await begin([NEW, OLD])
    await reseal({ ...store, ring: both })
    await settle(records, await standings({ ...store, ring: both }), NOW)
    const ring = await begin([NEW])
    expect(await hashing(ring).verify('fiets fiets fiets', hash)).toMatchObject({ ok: true, upgrade: true })
    expect(await hashing(ring).verify('another', hash)).toMatchObject({ ok: false })

    const peppers = async () => (await record('old'))?.kept.filter(({ purpose }) => purpose === 'pepper').length
    await letGo({ records, people, ring })
    expect(await peppers()).toBe(1)
    const upgraded = await hashing(ring).hash('fiets fiets fiets')
    await people.change(id, ({ account }) => void Object.assign(account ?? {}, { passwordHash: upgraded }))
    await letGo({ records, people, ring })
    expect(await peppers()).toBe(0)
    await begin([NEW])
  })

  test.each([
    ['taken away', (): string | undefined => undefined],
    [
      'sealed by a key of whoever put it there',
      () => sealer(keyring([{ ...NEW, key: OLD.key }]), 'kept-keys').seal('AAAA', keptRecord('old', 'pepper')),
    ],
    ['sealed as something else', () => sealer(keyring([NEW]), 'records').seal('AAAA', keptRecord('old', 'pepper'))],
    ['sealed for another key', () => sealer(keyring([NEW]), 'kept-keys').seal('AAAA', keptRecord('older', 'pepper'))],
    ['no text of ours', () => 'new.AAAA'],
  ])('counts for nothing if it was %s: that is a fault, and no wrong password', async (_, other) => {
    const stored = await hashing(keyring([OLD])).hash('fiets fiets fiets')
    await retire()
    await store.durable.rootKeys.change('old', (draft) => {
      const sealed = other()
      const others = draft.kept.filter(({ purpose }) => purpose !== 'pepper')
      draft.kept = sealed === undefined ? others : [...others, { purpose: 'pepper', sealed }]
    })
    const { keys } = await standings({ ...store, ring: keyring([NEW]) })
    expect(keys.find(({ id }) => id === 'old')).toMatchObject({ state: 'missing', needs: { passwords: 2 } })
    const ring = await begin([NEW])
    expect(faults).toHaveLength(other() === undefined ? 0 : 1)
    await expect(hashing(ring).verify('fiets fiets fiets', stored)).rejects.toMatchObject({ code: 'unknown-key' })
  })

  test('moves on to the next key that comes in front', async () => {
    await retire()
    const third = { id: 'third', key: Buffer.alloc(32, 3) }
    const both = await begin([third, NEW])
    await commands(both).reseal(() => undefined)
    const ring = await begin([third])
    expect(ring.derive('pepper', 'old')).toEqual(keyring([OLD]).derive('pepper'))
    const { keys } = await standings({ ...store, ring: keyring([third]) })
    expect(keys.map(({ id, state }) => [id, state]).toSorted()).toEqual([
      ...[
        ['new', 'gone'],
        ['old', 'gone'],
        ['older', 'gone'],
        ['third', 'newest'],
      ],
    ])
  })
})

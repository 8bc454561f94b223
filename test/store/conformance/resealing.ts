/** Sealing everything anew (src/keys/), on whatever store. */

import { describe, expect, test } from 'vitest'
import { checkpointSeal, type KeptCheckpoint } from '../../../src/audit/checkpoint.ts'
import { prune } from '../../../src/audit/prune.ts'
import { verifyTrail } from '../../../src/audit/verify.ts'
import type { Client } from '../../../src/client/client.ts'
import { type ResealParts, reseal } from '../../../src/keys/reseal.ts'
import { KEPT } from '../../../src/keys/root-key.ts'
import { standings } from '../../../src/keys/standing.ts'
import { survey } from '../../../src/keys/survey.ts'
import { type Keyring, keyring, sealer } from '../../../src/lib/crypto.ts'
import { DAY } from '../../../src/lib/time.ts'
import { adapterFactory } from '../../../src/oidc/adapter.ts'
import { endSession } from '../../../src/oidc/artifact-key.ts'
import { personKind } from '../../../src/person/kind.ts'
import type { Store } from '../../../src/store/store.ts'
import { furnish, NEW, OLD, openAll, settleIn } from '../../support/keys/sealed-house.ts'
import { pruneParts } from '../../support/samples/pruning.ts'
import { artifact, NOW, parcel, race } from '../../support/samples/records.ts'

const withOld = () => keyring([OLD])
const withBoth = () => keyring([NEW, OLD])
const withNew = () => keyring([NEW])
const PEOPLE = 3
/** Seconds. */
const LIFE = 3600
const CLIENT: Client = {
  metadata: { client_id: 'web', client_name: 'web', first_party: true },
  secrets: [],
  scopes: new Set(),
  loginUri: undefined,
}
/** Texts of one person (`settleIn`), and of everything else (`furnish`). */
const TEXTS = PEOPLE * 10 + 4 + 3 + 1 + 4 + 3 + 6

export function resealConformance(store: () => Store): void {
  const run = (given: Partial<ResealParts> = {}) => reseal({ ...store(), ring: withBoth(), ...given })
  const needs = async (ring = withBoth()) => {
    const found = await survey({ ...store(), ring })
    return { ...found, needs: Object.fromEntries(found.needs) }
  }

  test('sealed anew, everything opens with the new key alone, and nothing needs the old one but passwords', async () => {
    await furnish(store(), withOld(), PEOPLE)
    expect(await needs()).toEqual({
      needs: {
        old: {
          ...{ people: PEOPLE, passwords: PEOPLE, 'phone numbers': PEOPLE, 'signing keys': 4 },
          ...{ 'mails and messages': 3, 'sessions and tokens': 4, 'answers of the API': 1, 'kept keys': 1 },
          checkpoints: 3,
        },
      },
      broken: 0,
      digests: 0,
      codes: 0,
    })
    const done = await run()
    expect(done).toEqual({ records: PEOPLE + 2, parcels: 3, artifacts: 4, signingKeys: 4, checkpoints: 3 })
    const texts = await openAll(store(), withNew())
    expect(texts).toHaveLength(TEXTS)
    expect(texts.filter((text) => !text.startsWith('new.'))).toEqual([])
    expect(await needs()).toEqual({ needs: { old: { passwords: PEOPLE } }, broken: 0, digests: 0, codes: 0 })
    // Run again it writes nothing.
    expect(await run()).toEqual({ records: 0, parcels: 0, artifacts: 0, signingKeys: 0, checkpoints: 0 })
  })

  test('what is not the seal stays: uses, ends, leases, finders', async () => {
    const { durable, expiring } = store()
    await furnish(store(), withOld(), 1)
    const seen = async () => ({
      given: (await durable.listParcels({ state: 'failed', limit: 9 })).length,
      waiting: await durable.backlog(),
      expired: (await expiring.listExpiredArtifacts('AuthorizationCode', NOW, 9)).map(({ key }) => key),
      session: (await expiring.findArtifactByUid('Session', 'uid', NOW))?.key,
      swept: await durable.people.values('tidyAt'),
    })
    const there = await seen()
    await run()
    expect(await seen()).toEqual(there)
  })

  test('interrupted after each of its writes, everything opens with both keys, and it goes on', async () => {
    await furnish(store(), withOld(), 2)
    let runs = 0
    // Each of its writes is the first of a run once.
    for (let finished = false; !finished; runs += 1) {
      const parts = afterWrites(store(), 1)
      finished = await run(parts).then(
        () => true,
        (fault: unknown) => {
          expect(fault).toMatchObject({ message: 'power cut' })
          return false
        },
      )
      await openAll(store(), withBoth())
    }
    expect(runs).toBeGreaterThan(10)
    await openAll(store(), withNew())
  })

  test('done twice at once it is done once', async () => {
    await furnish(store(), withOld(), 20)
    await Promise.all([run(), run(), run()])
    await openAll(store(), withNew())
    expect((await needs()).needs).toEqual({ old: { passwords: 20 } })
  })

  test('50 people change what is theirs while it is sealed anew: no change is lost, and all of it opens', async () => {
    await furnish(store(), withOld(), 0)
    const { durable, expiring } = store()
    const ids = await race(50, () => settleIn(store(), withOld()))
    const seal = sealer(withBoth(), 'records')
    const sessions = ids.map((id) => artifact({ model: 'Session', accountId: id, uidKey: id }))
    const record = ({ model, key }: { model: string; key: string }) => `artifact/${model}/${key}`
    for (const one of sessions) await expiring.putArtifact({ ...one, sealed: 'x' })
    const change = async (id: string, at: number) => {
      await durable.people.change(id, (draft) => {
        const [app, number] = draft.authenticators
        if (!app || !number || !draft.account) throw new Error('nobody')
        app.lastStep = at + 1
        draft.account.passwordHash = `new:$argon2id$${id}`
        draft.authenticators = [app, number]
      })
      const session = sessions[at]
      if (!session) throw new Error('no session')
      const next = { ...session, sealed: seal.seal(`in ${record(session)}`, record(session)) }
      expect(await expiring.replaceArtifact(next, 'x', NOW)).toBe(true)
    }
    await Promise.all([run(), ...ids.map(change)])
    // Whoever was quicker.
    await run()
    for (const [at, id] of ids.entries()) {
      const person = await durable.people.find(id)
      expect(person?.authenticators.map(({ lastStep }) => lastStep)).toEqual([at + 1, 0])
      expect(person?.account?.passwordHash).toBe(`new:$argon2id$${id}`)
    }
    await openAll(store(), withNew())
  })

  test('what somebody changed after it was read, and before it is written, is kept', async () => {
    await furnish(store(), withOld(), 3)
    const { durable, expiring, sealed } = store()
    const seal = sealer(withOld(), 'records')
    async function* changedMeanwhile<T>(pages: AsyncIterable<T[]>, change: (one: T) => Promise<unknown>) {
      for await (const page of pages) {
        await Promise.all(page.map(change))
        yield page
      }
    }
    const later: typeof sealed = {
      ...sealed,
      records: (kind) =>
        changedMeanwhile(sealed.records(kind), async ({ id }) => {
          if (kind.name === personKind.name)
            await durable.people.change(
              id,
              ({ authenticators: [app] }) => void Object.assign(app ?? {}, { lastStep: 9 }),
            )
        }),
      artifacts: () =>
        changedMeanwhile(sealed.artifacts(), async ({ model, key }) => {
          const record = `artifact/${model}/${key}`
          const anew = { ...artifact({ model, key, expiresAt: undefined }), sealed: seal.seal(`in ${record}`, record) }
          await expiring.putArtifact(anew)
        }),
    }
    expect(await run({ sealed: later })).toMatchObject({ records: 5, artifacts: 0 })
    const people = await all(sealed.records(personKind), ({ record }) => record.authenticators[0]?.lastStep)
    expect(people).toEqual([9, 9, 9])
    // Those were written with the old key: the next run finds them.
    expect((await run()).artifacts).toBe(4)
    await openAll(store(), withNew())
  })

  test.each(['Session', 'Grant'])(
    'a request that has read a %s before and writes it after loses nothing',
    async (model) => {
      const open = (ring: Keyring) => artifacts(store())(ring, model)
      await open(withOld()).upsert('id', { uid: 'uid', clientId: 'web' }, LIFE)
      const read = async () => (await open(withBoth()).find('id')) ?? {}
      const [one, other] = [await read(), await read()]
      expect(await run()).toMatchObject({ artifacts: 1 })
      await open(withBoth()).upsert('id', { ...one, state: { by: 'one' } }, LIFE)
      expect(await read()).toMatchObject({ uid: 'uid', state: { by: 'one' } })
      // What somebody else wrote since is another matter.
      const late = open(withBoth()).upsert('id', { ...other, state: { by: 'other' } }, LIFE)
      await expect(late).rejects.toMatchObject({ code: 'moved' })
    },
  )

  test('a session that was sealed anew is found under the new id that a request gives it', async () => {
    const open = artifacts(store())
    await open(withOld()).upsert('id', { uid: 'uid' }, LIFE)
    const read = (await open(withBoth()).find('id')) ?? {}
    await run()
    await open(withBoth()).upsert('next', read, LIFE)
    expect([await open(withBoth()).find('id'), await open(withBoth()).find('next')]).toMatchObject([
      undefined,
      { uid: 'uid' },
    ])
  })

  test('a session that ended while it was sealed anew does not come back', async () => {
    const open = artifacts(store())
    await open(withOld()).upsert('id', { uid: 'uid' }, LIFE)
    const read = (await open(withBoth()).find('id')) ?? {}
    await run()
    await endSession(store().expiring, 'uid')
    await expect(open(withBoth()).upsert('id', read, LIFE)).rejects.toMatchObject({ code: 'moved' })
  })

  test('what was copied from one record to another opens nowhere, is sealed for nobody, and holds up nothing', async () => {
    await furnish(store(), withOld(), 0)
    const { durable } = store()
    const [thief, owner] = [await settleIn(store(), withOld()), await settleIn(store(), withOld())]
    const theirs = (await durable.people.find(owner))?.authenticators[0]?.sealed ?? ''
    await durable.people.change(thief, (draft) => {
      const [app] = draft.authenticators
      if (app) app.sealed = theirs
    })
    await run()
    expect((await durable.people.find(thief))?.authenticators[0]?.sealed).toBe(theirs)
    expect(await needs()).toEqual({ needs: { old: { passwords: 2 } }, broken: 1, digests: 0, codes: 0 })
  })

  test('a record of before that is put back needs the key that is gone, and is told of', async () => {
    await furnish(store(), withOld(), 0)
    const { durable } = store()
    const id = await settleIn(store(), withOld())
    const kept = await durable.people.find(id)
    await run()
    await durable.people.change(id, (draft) => void Object.assign(draft, kept))
    await expect(openAll(store(), withNew())).rejects.toMatchObject({ code: 'unknown-key' })
    expect((await needs(withNew())).needs).toEqual({ old: { people: 1, passwords: 1 } })
  })

  describe('checkpoints of the trail', () => {
    const first = async () => (await store().durable.followCheckpoints(0, 1))[0] as KeptCheckpoint
    const verified = (ring = withNew()) => verifyTrail(store().durable, { seal: checkpointSeal(ring) })

    test.each([
      ['as it was', ({ seal }: KeptCheckpoint) => seal],
      [
        'under the name of the new one',
        ({ content }: KeptCheckpoint) => renamed(checkpointSeal(withOld()).make(content)),
      ],
    ])('whoever stole the retired key seals none, %s', async (_how, forge) => {
      await furnish(store(), withOld(), 0)
      const old = await first()
      await run()
      expect(await verified()).toBeUndefined()
      const { seal } = await first()
      expect(await store().durable.putCheckpoint({ ...old, seal: forge(old) }, seal)).toBe(true)
      expect(await verified()).toBe('checkpoint 1')
      // Nor is anything removed where it stands.
      const parts = pruneParts(store().durable, { seal: checkpointSeal(withNew()), at: NOW + 500 * DAY })
      expect((await prune(parts)).broken).toEqual(['checkpoint 1'])
    })

    test('one that no key holds is given to none', async () => {
      await furnish(store(), withOld(), 0)
      const { seal, ...rest } = await first()
      const forged = { ...rest, seal: `${seal.slice(0, -2)}AA` }
      await store().durable.putCheckpoint(forged, seal)
      expect((await run()).checkpoints).toBe(2)
      expect(await first()).toEqual(forged)
      expect(await needs()).toMatchObject({ needs: {}, broken: 1 })
    })

    test('while old records are removed beside it, nothing is lost and the next run finds the rest', async () => {
      await furnish(store(), withOld(), 0)
      const later = pruneParts(store().durable, { seal: checkpointSeal(withBoth()), at: NOW + 500 * DAY, range: 4 })
      const [{ broken }] = await Promise.all([prune(later), run(), run()])
      expect(broken).toEqual([])
      expect(await verified(withBoth())).toBeUndefined()
      await prune(later)
      await run()
      expect(await verified()).toBeUndefined()
      expect((await needs()).needs).toEqual({})
      const types = (await store().durable.followAudit(0, 100)).map(({ type }) => type)
      expect(new Set(types.slice(0, -1))).toEqual(new Set(['account.changed']))
    })

    test('one that somebody changed between the look and the write is sealed as it is by then', async () => {
      await furnish(store(), withOld(), 0)
      const { durable } = store()
      let changed = false
      const followCheckpoints: typeof durable.followCheckpoints = async (...asked) => {
        const found = await durable.followCheckpoints(...asked)
        const [one] = found
        if (changed || !one) return found
        changed = true
        const content = JSON.stringify({ ...JSON.parse(one.content), at: 1 })
        await durable.putCheckpoint({ ...one, content, seal: checkpointSeal(withOld()).make(content) }, one.seal)
        return found
      }
      expect((await run({ durable: { ...durable, followCheckpoints } })).checkpoints).toBe(3)
      expect(JSON.parse((await first()).content)).toMatchObject({ at: 1 })
      expect(await verified()).toBeUndefined()
    })
  })

  test('a key cannot go before what only it can give was kept, though nothing that is there needs it', async () => {
    const states = async () =>
      (await standings({ ...store(), ring: withBoth() })).keys.map(({ id, state }) => [id, state])
    expect(await states()).toEqual([
      ['new', 'newest'],
      ['old', 'needed'],
    ])
    await run()
    expect(await states()).toContainEqual(['old', 'removable'])
  })

  test('a kept key that was written over is kept anew while its root key is here', async () => {
    await furnish(store(), withOld(), 1)
    await run()
    const kept = async () => {
      const { keys } = await standings({ ...store(), ring: withBoth() })
      return keys.find(({ id }) => id === 'old')?.kept.toSorted()
    }
    const all = await kept()
    expect(all).toHaveLength(KEPT.length)
    await store().durable.rootKeys.change('old', (draft) => {
      for (const one of draft.kept) one.sealed = 'new.AAAA'
    })
    expect(await kept()).toEqual([])
    await run()
    expect(await kept()).toEqual(all)
  })

  test('goes through everything, more than a page of it, and once', async () => {
    const { durable, expiring, sealed } = store()
    await Promise.all(Array.from({ length: 120 }, () => settleIn(store(), withOld())))
    await durable.enqueue(Array.from({ length: 120 }, () => parcel()))
    await Promise.all(Array.from({ length: 120 }, () => expiring.putArtifact(artifact())))
    const people = await all(sealed.records(personKind), ({ id }) => id)
    const parcels = await all(sealed.parcels(), ({ id }) => id)
    const artifacts = await all(sealed.artifacts(), ({ model, key }) => `${model}:${key}`)
    for (const found of [people, parcels, artifacts]) expect([found.length, new Set(found).size]).toEqual([120, 120])
  })

  test('a parcel and an artifact are sealed anew only as they were read', async () => {
    const { durable, expiring, sealed } = store()
    const [one, other] = [parcel(), artifact()]
    await durable.enqueue([one])
    await expiring.putArtifact(other)
    expect(await sealed.resealParcel({ ...one, sealed: 'not this' }, 'next')).toBe(false)
    expect(await sealed.resealArtifact({ ...other, sealed: 'not this' }, 'next')).toBe(false)
    expect(await sealed.resealParcel(one, 'next')).toBe(true)
    expect(await sealed.resealArtifact(other, 'next')).toBe(true)
    expect(await sealed.resealParcel({ ...one, id: 'none' }, 'next')).toBe(false)
    expect(await sealed.resealArtifact({ ...other, key: 'none' }, 'next')).toBe(false)
    expect((await durable.claim(NOW, NOW + 1, 1))[0]?.sealed).toBe('next')
    expect((await expiring.findArtifact(other.model, other.key, NOW))?.sealed).toBe('next')
  })
}

/** As the library reads and writes them, by the keys of a node. */
function artifacts({ expiring }: Store) {
  return (ring: Keyring, model = 'Session') =>
    adapterFactory({
      store: expiring,
      seal: sealer(ring, 'records'),
      clients: { find: () => CLIENT, ids: [], resources: [] },
      refresh: { grace: 0, successorsOf: () => [], named: new WeakMap() },
      now: () => NOW,
      onReuse: async () => undefined,
      onRepeat: async () => undefined,
    })(model)
}

const renamed = (seal: string) => seal.replace('old.', 'new.')

async function all<T, U>(pages: AsyncIterable<T[]>, of: (one: T) => U): Promise<U[]> {
  const found: U[] = []
  for await (const page of pages) found.push(...page.map(of))
  return found
}

/** The same store, whose power is cut after so many writes. */
function afterWrites({ durable, sealed }: Store, writes: number): Pick<ResealParts, 'durable' | 'sealed'> {
  let left = writes
  const cut = <G extends unknown[], A>(write: (...given: G) => Promise<A>) => {
    return (...given: G): Promise<A> => {
      left -= 1
      return left < 0 ? Promise.reject(new Error('power cut')) : write(...given)
    }
  }
  const kind = <R extends { change: (...given: never[]) => Promise<unknown> }>(records: R): R => ({
    ...records,
    change: cut(records.change as (...given: unknown[]) => Promise<unknown>),
  })
  return {
    durable: {
      ...durable,
      people: kind(durable.people),
      madeOnce: kind(durable.madeOnce),
      rootKeys: kind(durable.rootKeys),
      replaceKeys: cut(durable.replaceKeys),
      putCheckpoint: cut(durable.putCheckpoint),
    },
    sealed: { ...sealed, resealParcel: cut(sealed.resealParcel), resealArtifact: cut(sealed.resealArtifact) },
  }
}

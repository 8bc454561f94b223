/** What every ArtifactStore does. */
import { describe, expect, test } from 'vitest'
import { DAY } from '../../../src/lib/time.ts'
import type { Artifact } from '../../../src/oidc/artifact.ts'
import type { Store } from '../../../src/store/store.ts'
import { AWKWARD, artifact, NOW, RACERS, ROUNDS, winners } from '../../support/samples/records.ts'

const CODE = 'AuthorizationCode'

export function artifactConformance(store: () => Store): void {
  const artifacts = () => store().expiring

  async function put(given: Partial<Artifact> = {}) {
    const one = artifact(given)
    await artifacts().putArtifact(one)
    return one
  }
  const find = (one: Artifact, now = NOW) => artifacts().findArtifact(one.model, one.key, now)
  const consume = (one: Artifact, now = NOW) => artifacts().consumeArtifact(one.model, one.key, now)

  describe('an artifact', () => {
    test('is found by model and key, exactly as it was put in', async () => {
      const one = await put({ key: AWKWARD, sealed: AWKWARD })
      expect(await find(one)).toEqual({ key: AWKWARD, sealed: AWKWARD, consumedAt: undefined })
      expect(await artifacts().findArtifact('Session', one.key, NOW)).toBeUndefined()
      expect(await artifacts().findArtifact(one.model, 'unknown', NOW)).toBeUndefined()
    })

    test('several are found in one look, in the order in which they are asked for', async () => {
      const [one, other] = [await put(), await put({ key: 'short', model: 'Session', expiresAt: NOW + 5 })]
      const wanted = [other, { model: CODE, key: 'unknown' }, one, one].map(({ model, key }) => ({ model, key }))
      const at = async (now: number) => (await artifacts().findArtifacts(wanted, now)).map((found) => found?.key)
      expect(await at(NOW)).toEqual(['short', undefined, one.key, one.key])
      expect(await at(NOW + 5)).toEqual([undefined, undefined, one.key, one.key])
      expect(await artifacts().findArtifacts([], NOW)).toEqual([])
    })

    test('in the same look, what is asked for by its uid', async () => {
      const [session, other] = [await put({ model: 'Session', uidKey: 'uid' }), await put({ key: 'other' })]
      const keys = async (now: number, ...uids: string[]) => {
        const byUid = uids.map((uidKey) => ({ model: 'Session', uidKey }))
        const found = await artifacts().findArtifacts([...byUid, { model: CODE, key: other.key }], now)
        return found.map((one) => one?.key)
      }
      expect(await keys(NOW, 'uid', 'unknown', 'uid')).toEqual([session.key, undefined, session.key, other.key])
      await artifacts().removeArtifactsByUid('Session', 'uid')
      expect(await keys(NOW, 'uid')).toEqual([undefined, other.key])
    })

    test('one key under two models is two artifacts', async () => {
      const code = await put({ key: 'key', sealed: 'code' })
      const session = await put({ key: 'key', sealed: 'session', model: 'Session' })
      await artifacts().removeArtifact(code.model, 'key')
      expect((await find(session))?.sealed).toBe('session')
      expect(await find(code)).toBeUndefined()
    })

    test('put again replaces what was there, its expiry and what it is found by', async () => {
      const one = await put({ uidKey: 'uid-1', accountId: 'sanne', grantKey: 'grant-1' })
      const change = { sealed: 'new', expiresAt: NOW + 5, uidKey: 'uid-2', accountId: 'bram', grantKey: 'grant-2' }
      await artifacts().putArtifact({ ...one, ...change })
      expect((await find(one))?.sealed).toBe('new')
      expect(await find(one, NOW + 5)).toBeUndefined()
      expect(await artifacts().findArtifactByUid(CODE, 'uid-1', NOW)).toBeUndefined()
      expect(await artifacts().listArtifactsByAccount(CODE, 'sanne', NOW)).toEqual([])
      expect(await artifacts().listArtifactsByAccount(CODE, 'bram', NOW)).toHaveLength(1)
      await artifacts().removeArtifactsByGrant('grant-1')
      expect((await artifacts().findArtifactByUid(CODE, 'uid-2', NOW))?.sealed).toBe('new')
    })

    test('past its expiry is not found, listed or consumed, although nothing swept it', async () => {
      const one = await put({ expiresAt: NOW + 10, uidKey: 'uid', accountId: 'sanne' })
      const ways = (now: number) => [
        artifacts().findArtifactByUid(CODE, 'uid', now),
        artifacts().findArtifact(CODE, one.key, now),
        artifacts()
          .listArtifactsByAccount(CODE, 'sanne', now)
          .then(([first]) => first),
      ]
      expect((await Promise.all(ways(NOW + 9))).map((found) => found?.key)).toEqual([one.key, one.key, one.key])
      expect(await Promise.all(ways(NOW + 10))).toEqual([undefined, undefined, undefined])
      expect(await consume(one, NOW + 10)).toBe(false)
      expect(await consume(one, NOW + 9)).toBe(true)
    })

    test('without an expiry is there for ever', async () => {
      const one = await put({ expiresAt: undefined, accountId: 'sanne', uidKey: 'uid' })
      const later = NOW + 100_000 * DAY
      expect(await artifacts().sweepArtifacts(later)).toBe(0)
      expect(await find(one, later)).toBeDefined()
      expect(await artifacts().findArtifactByUid(CODE, 'uid', later)).toBeDefined()
      expect(await artifacts().listArtifactsByAccount(CODE, 'sanne', later)).toHaveLength(1)
      expect(await artifacts().insertArtifact(one, later)).toBe(false)
      expect(await consume(one, later)).toBe(true)
    })

    test('is inserted once, until it has expired', async () => {
      const one = artifact({ sealed: 'first', expiresAt: NOW + 10 })
      expect(await artifacts().insertArtifact(one, NOW)).toBe(true)
      expect(await artifacts().insertArtifact({ ...one, sealed: 'second' }, NOW + 9)).toBe(false)
      expect((await find(one))?.sealed).toBe('first')
      expect(await consume(one)).toBe(true)
      const next = { ...one, sealed: 'third', expiresAt: NOW + 20 }
      expect(await artifacts().insertArtifact(next, NOW + 10)).toBe(true)
      expect(await find(one, NOW + 19)).toEqual({ key: one.key, sealed: 'third', consumedAt: undefined })
    })

    test('is consumed once, and found afterwards with the time of it', async () => {
      const one = await put()
      expect(await consume(one, NOW + 1)).toBe(true)
      expect(await consume(one, NOW + 2)).toBe(false)
      expect(await find(one)).toEqual({ key: one.key, sealed: one.sealed, consumedAt: NOW + 1 })
      expect(await artifacts().consumeArtifact('RefreshToken', one.key, NOW)).toBe(false)
      expect(await artifacts().consumeArtifact(CODE, 'unknown', NOW)).toBe(false)
    })

    test('written back by a request that read it before it was consumed stays consumed', async () => {
      const one = await put()
      await consume(one)
      await artifacts().putArtifact({ ...one, sealed: 'written back' })
      expect(await consume(one)).toBe(false)
      expect((await find(one))?.consumedAt).toBe(NOW)
    })

    test('past its expiry is listed, the longest ago first, by model and with its account, until it is removed', async () => {
      const old = await put({ expiresAt: NOW - 2, accountId: 'someone', key: 'old' })
      const older = await put({ expiresAt: NOW - 3, key: 'older' })
      await put({ expiresAt: NOW + 1, key: 'live' })
      await put({ expiresAt: undefined, key: 'for ever' })
      await artifacts().putArtifact(artifact({ model: 'Session', key: 'other', expiresAt: NOW - 1 }))
      const listed = await artifacts().listExpiredArtifacts(CODE, NOW, 10)
      expect(listed.map(({ key, sealed, accountId }) => ({ key, sealed, accountId }))).toEqual([
        { key: older.key, sealed: older.sealed, accountId: older.accountId },
        { key: old.key, sealed: old.sealed, accountId: 'someone' },
      ])
      expect(await artifacts().listExpiredArtifacts(CODE, NOW, 1)).toHaveLength(1)
      await artifacts().removeArtifact(CODE, older.key)
      expect((await artifacts().listExpiredArtifacts(CODE, NOW, 10)).map(({ key }) => key)).toEqual([old.key])
    })

    test('that was removed is gone, and removing it again does nothing', async () => {
      const one = await put({ uidKey: 'uid' })
      await artifacts().removeArtifact(CODE, one.key)
      await artifacts().removeArtifact(CODE, one.key)
      expect(await find(one)).toBeUndefined()
      expect(await artifacts().findArtifactByUid(CODE, 'uid', NOW)).toBeUndefined()
      expect(await consume(one)).toBe(false)
    })

    test.each(RACERS)('%i at once with one code: one consumes it', async (racers) => {
      const one = await put()
      expect(await winners(racers, () => consume(one))).toBe(1)
    })

    test(`${ROUNDS} rounds of 20 at once with one code: one consumes it in each`, async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const one = await put()
        expect(await winners(20, () => consume(one))).toBe(1)
      }
    })

    test.each(RACERS)('of %i inserted at once under one key one is kept', async (racers) => {
      const key = 'jti'
      const insert = (racer: number) => artifacts().insertArtifact(artifact({ key, sealed: `${racer}` }), NOW)
      expect(await winners(racers, insert)).toBe(1)
    })

    test('20 inserted at once over an expired one: one is kept', async () => {
      await put({ key: 'jti', expiresAt: NOW })
      expect(await winners(20, () => artifacts().insertArtifact(artifact({ key: 'jti' }), NOW))).toBe(1)
    })
  })

  describe('artifacts that belong together', () => {
    test('a session is found by its uid, within its model', async () => {
      const session = await put({ model: 'Session', uidKey: 'uid' })
      expect((await artifacts().findArtifactByUid('Session', 'uid', NOW))?.key).toBe(session.key)
      expect(await artifacts().findArtifactByUid(CODE, 'uid', NOW)).toBeUndefined()
      expect(await artifacts().findArtifactByUid('Session', 'other', NOW)).toBeUndefined()
    })

    test('an expired artifact does not hide a living one with the same uid', async () => {
      const [living] = [await put({ uidKey: 'uid' }), await put({ uidKey: 'uid', expiresAt: NOW })]
      expect((await artifacts().findArtifactByUid(CODE, 'uid', NOW))?.key).toBe(living.key)
    })

    test('revoking a grant removes what was issued under it, of every model, and nothing else', async () => {
      const mine = [await put({ grantKey: 'grant' }), await put({ grantKey: 'grant', model: 'RefreshToken' })]
      const others = [await put({ grantKey: 'other' }), await put()]
      await artifacts().removeArtifactsByGrant('grant')
      for (const one of mine) expect(await find(one)).toBeUndefined()
      for (const one of others) expect(await find(one)).toBeDefined()
    })

    test("an account's sessions are listed, and no one else's", async () => {
      const mine = [
        await put({ model: 'Session', accountId: 'sanne' }),
        await put({ model: 'Session', accountId: 'sanne' }),
      ]
      await put({ model: 'Session', accountId: 'bram' })
      await put({ model: 'Session' })
      await put({ model: 'Grant', accountId: 'sanne' })
      const listed = await artifacts().listArtifactsByAccount('Session', 'sanne', NOW)
      expect(listed.map((one) => one.key).toSorted()).toEqual(mine.map((one) => one.key).toSorted())
    })

    test('signing out everywhere removes all that the account has, of every model, and nothing else', async () => {
      const mine = [
        await put({ model: 'Session', accountId: 'sanne' }),
        await put({ model: 'Grant', accountId: 'sanne' }),
      ]
      const others = [await put({ accountId: 'bram' }), await put()]
      expect(await artifacts().removeArtifactsByAccount('sanne')).toBe(2)
      expect(await artifacts().removeArtifactsByAccount('sanne')).toBe(0)
      for (const one of mine) expect(await find(one)).toBeUndefined()
      for (const one of others) expect(await find(one)).toBeDefined()
    })

    test('signing out everywhere else keeps what is named, of whatever model, and nothing more', async () => {
      const [session, grant] = [
        await put({ model: 'Session', accountId: 'sanne', key: AWKWARD }),
        await put({ model: 'Grant', accountId: 'sanne' }),
      ]
      const mine = [await put({ model: 'Session', accountId: 'sanne' }), await put({ accountId: 'sanne', key: '"' })]
      const others = [await put({ accountId: 'bram' }), await put()]
      const keep = [session.key, grant.key, 'unknown', others[0]?.key ?? '']
      expect(await artifacts().removeArtifactsByAccount('sanne', keep)).toBe(2)
      for (const one of mine) expect(await find(one)).toBeUndefined()
      for (const one of [session, grant, ...others]) expect(await find(one)).toBeDefined()
      expect(await artifacts().removeArtifactsByAccount('sanne', [])).toBe(2)
      for (const one of others) expect(await find(one)).toBeDefined()
    })

    test('sweeping changes nothing that anyone could see', async () => {
      const living = await put({ expiresAt: NOW + 1 })
      const expired = await put({ expiresAt: NOW })
      await artifacts().sweepArtifacts(NOW)
      expect(await find(living)).toBeDefined()
      expect(await find(expired)).toBeUndefined()
    })
  })
}

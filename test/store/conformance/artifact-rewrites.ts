/** What every ArtifactStore does with what several requests read, change and write back, or take, at once. */
import { describe, expect, test } from 'vitest'
import type { Artifact } from '../../../src/oidc/artifact.ts'
import type { Store } from '../../../src/store/store.ts'
import { AWKWARD, artifact, NOW, RACERS, ROUNDS, race, winners } from '../../support/samples/records.ts'

export function rewriteConformance(store: () => Store): void {
  const artifacts = () => store().expiring
  const find = (one: Artifact, now = NOW) => artifacts().findArtifact(one.model, one.key, now)
  const replace = (one: Artifact, from: string | undefined, now = NOW) => artifacts().replaceArtifact(one, from, now)

  async function put(given: Partial<Artifact> = {}) {
    const one = artifact({ model: 'Session', ...given })
    await artifacts().putArtifact(one)
    return one
  }

  describe('an artifact that is written back', () => {
    test('over what was read replaces it, its expiry and what it is found by', async () => {
      const one = await put({ sealed: AWKWARD, uidKey: 'uid-1', accountId: 'sanne', grantKey: 'grant-1' })
      const change = { sealed: 'new', expiresAt: NOW + 5, uidKey: 'uid-2', accountId: 'bram', grantKey: 'grant-2' }
      expect(await replace({ ...one, ...change }, AWKWARD)).toBe(true)
      expect((await find(one))?.sealed).toBe('new')
      expect(await find(one, NOW + 5)).toBeUndefined()
      expect(await artifacts().findArtifactByUid('Session', 'uid-1', NOW)).toBeUndefined()
      expect((await artifacts().findArtifactByUid('Session', 'uid-2', NOW))?.key).toBe(one.key)
      expect(await artifacts().listArtifactsByAccount('Session', 'sanne', NOW)).toEqual([])
      expect(await artifacts().listArtifactsByAccount('Session', 'bram', NOW)).toHaveLength(1)
      await artifacts().removeArtifactsByGrant('grant-1')
      expect(await find(one)).toBeDefined()
    })

    test.each([
      ['over something else than what is there', 'older', NOW],
      ['over a beginning of what is there', 'k1', NOW],
      ['as if none were there', undefined, NOW],
      ['over what has expired', 'k1.sealed', NOW + 10],
    ])('%s changes nothing', async (_what, from, now) => {
      const one = await put({ accountId: 'sanne', expiresAt: NOW + 10 })
      expect(await replace({ ...one, sealed: 'new', accountId: 'bram', expiresAt: NOW + 20 }, from, now)).toBe(false)
      expect((await find(one))?.sealed).toBe('k1.sealed')
      expect(await find(one, NOW + 10)).toBeUndefined()
      expect(await artifacts().listArtifactsByAccount('Session', 'bram', NOW)).toEqual([])
    })

    test('does not come back when it was removed, or under another model', async () => {
      const one = await put()
      await artifacts().removeArtifact('Session', one.key)
      expect(await replace(one, one.sealed)).toBe(false)
      expect(await find(one)).toBeUndefined()
      await artifacts().putArtifact({ ...one, model: 'Interaction' })
      expect(await replace(one, one.sealed)).toBe(false)
      expect(await find(one)).toBeUndefined()
    })

    test('that nobody has read is kept where none is there, or an expired one, which is forgotten', async () => {
      const one = artifact({ model: 'Session', sealed: 'first', expiresAt: NOW + 10 })
      expect(await replace(one, undefined)).toBe(true)
      await artifacts().consumeArtifact('Session', one.key, NOW)
      expect(await replace({ ...one, sealed: 'second', expiresAt: NOW + 20 }, undefined, NOW + 10)).toBe(true)
      expect(await find(one, NOW + 19)).toEqual({ key: one.key, sealed: 'second', consumedAt: undefined })
    })

    describe('under another key', () => {
      const rename = (one: Artifact, from: Artifact, now = NOW) => artifacts().renameArtifact(one, from, now)

      test('takes the place of the one that was read, also where it is found by something else', async () => {
        const one = await put({ uidKey: 'uid', accountId: 'sanne', grantKey: 'grant' })
        const other = artifact({ ...one, key: 'other', sealed: 'new', expiresAt: NOW + 5 })
        expect(await rename(other, one)).toBe(true)
        expect([await find(one), (await find(other))?.sealed]).toEqual([undefined, 'new'])
        expect(await find(other, NOW + 5)).toBeUndefined()
        expect((await artifacts().findArtifactByUid('Session', 'uid', NOW))?.key).toBe('other')
        const listed = await artifacts().listArtifactsByAccount('Session', 'sanne', NOW)
        expect(listed.map(({ key }) => key)).toEqual(['other'])
        expect(await artifacts().removeArtifactsByAccount('sanne')).toBe(1)
      })

      test('changes nothing unless what was read is there, unexpired', async () => {
        const one = await put({ expiresAt: NOW + 10 })
        const other = artifact({ ...one, key: 'other', sealed: 'new', expiresAt: NOW + 20 })
        expect(await rename(other, { ...one, sealed: 'older' })).toBe(false)
        expect(await rename(other, { ...one, key: 'unknown' })).toBe(false)
        expect(await rename(other, one, NOW + 10)).toBe(false)
        expect([(await find(one))?.sealed, await find(other)]).toEqual([one.sealed, undefined])
      })

      test.each(RACERS)('by %i at once that read the same: one is kept', async (racers) => {
        const one = await put({ uidKey: 'uid', accountId: 'sanne' })
        const won = await race(racers, (racer) => rename({ ...one, key: `other ${racer}` }, one))
        expect(won.filter(Boolean)).toHaveLength(1)
        const listed = await artifacts().listArtifactsByAccount('Session', 'sanne', NOW)
        expect(listed.map(({ key }) => key)).toEqual([`other ${won.indexOf(true)}`])
      })

      test(`${ROUNDS} rounds beside the removal of all with its uid: none is left`, async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const one = await put({ key: `${round}`, uidKey: `uid ${round}` })
          const other = { ...one, key: `other ${round}`, sealed: 'new' }
          await Promise.all([
            rename(other, one).then((renamed) => renamed && artifacts().replaceArtifact(other, 'new', NOW)),
            artifacts().removeArtifactsByUid('Session', `uid ${round}`),
          ])
          expect([await find(one), await find(other)]).toEqual([undefined, undefined])
        }
      })
    })

    test('stays consumed', async () => {
      const one = await put()
      await artifacts().consumeArtifact('Session', one.key, NOW)
      expect(await replace({ ...one, sealed: 'new' }, one.sealed)).toBe(true)
      expect(await find(one)).toEqual({ key: one.key, sealed: 'new', consumedAt: NOW })
    })

    test.each(RACERS)('by %i at once that read the same: one is kept', async (racers) => {
      const one = await put()
      const won = await race(racers, (racer) => replace({ ...one, sealed: `${racer}` }, one.sealed))
      expect(won.filter(Boolean)).toHaveLength(1)
      expect((await find(one))?.sealed).toBe(`${won.indexOf(true)}`)
    })

    test('by 20 at once where none was there: one is kept', async () => {
      const one = artifact()
      expect(await winners(20, (racer) => replace({ ...one, sealed: `${racer}` }, undefined))).toBe(1)
    })
  })

  describe('an artifact that is taken', () => {
    test('is gone, with what it is found by; a second time, or where none is, nothing is taken', async () => {
      const [one, other] = [await put({ uidKey: 'uid', accountId: 'sanne' }), await put()]
      expect(await artifacts().takeArtifact('Interaction', one.key, NOW)).toBe(false)
      expect(await artifacts().takeArtifact('Session', one.key, NOW)).toBe(true)
      expect(await artifacts().takeArtifact('Session', one.key, NOW)).toBe(false)
      expect(await find(one)).toBeUndefined()
      expect(await artifacts().findArtifactByUid('Session', 'uid', NOW)).toBeUndefined()
      expect(await artifacts().removeArtifactsByAccount('sanne')).toBe(0)
      expect(await find(other)).toBeDefined()
    })

    test('only as it was read, where that is said', async () => {
      const one = await put({ sealed: '' })
      expect(await artifacts().takeArtifact('Session', one.key, NOW, 'older')).toBe(false)
      await artifacts().putArtifact({ ...one, sealed: 'newer' })
      expect(await artifacts().takeArtifact('Session', one.key, NOW, '')).toBe(false)
      expect((await find(one))?.sealed).toBe('newer')
      expect(await artifacts().takeArtifact('Session', one.key, NOW, 'newer')).toBe(true)
      expect(await find(one)).toBeUndefined()
    })

    test('past its expiry is not taken', async () => {
      const one = await put({ expiresAt: NOW + 10 })
      expect(await artifacts().takeArtifact('Session', one.key, NOW + 10)).toBe(false)
      expect(await artifacts().takeArtifact('Session', one.key, NOW + 9)).toBe(true)
    })

    test(`by 20 at once, ${ROUNDS} rounds: one takes it in each`, async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const one = await put()
        expect(await winners(20, () => artifacts().takeArtifact('Session', one.key, NOW))).toBe(1)
      }
    })
  })
}

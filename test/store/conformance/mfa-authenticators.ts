/** What every MfaStore does with enrolled authenticators; mfa-activation.ts says how the first one comes. */
import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { authenticator, enroll, everything, sentCode } from './mfa-samples.ts'
import { AWKWARD, NOW, parcel, RACERS, ROUNDS, winners } from './samples.ts'

export function authenticatorConformance(store: () => Store): void {
  const mfa = () => store().durable
  const list = (accountId = 'sanne') => mfa().listAuthenticators(accountId)
  const waiting = async () => (await mfa().backlog()).waiting

  async function sent() {
    const code = sentCode()
    await mfa().putSentCode(code, [])
    return code
  }

  describe('authenticators', () => {
    test('are listed oldest first, exactly as they were put in, and no one else’s', async () => {
      const full = { label: AWKWARD, sealed: AWKWARD, numberKey: AWKWARD, lastStep: 59_000_000, lastUsedAt: NOW + 1 }
      const second = await enroll(mfa(), { ...full, kind: 'sms', createdAt: NOW + 2 })
      const first = await enroll(mfa(), { createdAt: NOW + 1 })
      const third = await enroll(mfa(), { createdAt: NOW + 3 })
      await enroll(mfa(), { accountId: 'bram' })
      expect(await list()).toEqual([first, second, third])
      expect(await list('nobody')).toEqual([])
      expect(await list('SANNE')).toEqual([])
    })

    test('of one account are removed by id, with the parcels that tell of it', async () => {
      const [one, other] = [await enroll(mfa()), await enroll(mfa(), { createdAt: NOW + 1 })]
      expect(await mfa().removeAuthenticator('sanne', one.id, [parcel(), parcel()])).toBe(true)
      expect(await list()).toEqual([other])
      expect(await waiting()).toBe(2)
    })

    test('of another account, or that are gone, are not removed, and nobody is told', async () => {
      const one = await enroll(mfa())
      expect(await mfa().removeAuthenticator('bram', one.id, [parcel()])).toBe(false)
      expect(await mfa().removeAuthenticator('sanne', 'unknown', [parcel()])).toBe(false)
      expect(await list()).toEqual([one])
      await mfa().removeAuthenticator('sanne', one.id, [])
      expect(await mfa().removeAuthenticator('sanne', one.id, [parcel()])).toBe(false)
      expect(await waiting()).toBe(0)
    })

    test('with one number are counted by account, not by authenticator', async () => {
      const sms = { kind: 'sms', numberKey: 'number' } as const
      expect(await mfa().countNumber('number')).toBe(0)
      await enroll(mfa(), sms)
      await enroll(mfa(), sms)
      await enroll(mfa(), { ...sms, numberKey: 'other' })
      await enroll(mfa())
      expect(await mfa().countNumber('number')).toBe(1)
      const { id } = await enroll(mfa(), { ...sms, accountId: 'bram' })
      expect(await mfa().countNumber('number')).toBe(2)
      await mfa().removeAuthenticator('bram', id, [])
      expect(await mfa().countNumber('number')).toBe(1)
    })
  })

  describe('a time step', () => {
    const advance = (id: string, step: number, accountId = 'sanne', now = NOW) =>
      mfa().advanceStep(accountId, id, step, now)

    test('moves forward only, and says when the authenticator was used', async () => {
      const [one, other] = [await enroll(mfa(), { lastStep: 7 }), await enroll(mfa(), { createdAt: NOW + 1 })]
      for (const used of [0, 6, 7]) expect(await advance(one.id, used)).toBe(false)
      expect(await list()).toEqual([one, other])
      expect(await advance(one.id, 8, 'sanne', NOW + 5)).toBe(true)
      expect(await advance(one.id, 8, 'sanne', NOW + 6)).toBe(false)
      expect(await list()).toEqual([{ ...one, lastStep: 8, lastUsedAt: NOW + 5 }, other])
    })

    test("of another account's authenticator does not move, nor does one that is not there", async () => {
      const one = await enroll(mfa())
      await enroll(mfa(), { accountId: 'bram' })
      expect(await advance(one.id, 8, 'bram')).toBe(false)
      expect(await advance('unknown', 8)).toBe(false)
      expect(await list()).toEqual([one])
    })

    test.each(RACERS)('%i at once with one code: one moves it', async (racers) => {
      const one = await enroll(mfa())
      expect(await winners(racers, () => advance(one.id, 8))).toBe(1)
    })

    test(`${ROUNDS} rounds of 20 at once with one code: one moves it in each`, async () => {
      const one = await enroll(mfa())
      for (let step = 1; step <= ROUNDS; step += 1) {
        expect(await winners(20, () => advance(one.id, step))).toBe(1)
      }
    })
  })

  describe('an authenticator beside others', () => {
    test('is added by the code that was sent, which is used up, and the parcels go out', async () => {
      const first = await enroll(mfa())
      const code = await sent()
      const added = authenticator({ kind: 'sms', numberKey: 'number', createdAt: NOW + 1 })
      expect(await mfa().addWithSentCode(added, code.key, code.digest, code.expiresAt - 1, [parcel()])).toBe(true)
      expect(await list()).toEqual([first, added])
      expect(await mfa().findSentCode(code.key, NOW)).toBeUndefined()
      expect(await waiting()).toBe(1)
    })

    test('is not added by a wrong code, another one, an expired one or another account’s; the code stays', async () => {
      const code = await sent()
      const other = await sent()
      const before = await everything(mfa(), 'sanne')
      const add = (given = {}, key = code.key, digest = code.digest, now = NOW) =>
        mfa().addWithSentCode(authenticator(given), key, digest, now, [parcel()])
      expect(await add({}, code.key, 'wrong')).toBe(false)
      expect(await add({}, 'unknown')).toBe(false)
      expect(await add({}, other.key)).toBe(false)
      expect(await add({}, code.key, code.digest, code.expiresAt)).toBe(false)
      expect(await add({ accountId: 'bram' })).toBe(false)
      expect(await everything(mfa(), 'sanne')).toEqual(before)
      expect(await list('bram')).toEqual([])
      expect(await mfa().findSentCode(code.key, NOW)).toEqual(code)
      expect(await add()).toBe(true)
    })

    test('that cannot be kept leaves the code unused', async () => {
      const taken = await enroll(mfa(), { accountId: 'bram' })
      const code = await sent()
      const add = mfa().addWithSentCode(authenticator({ id: taken.id }), code.key, code.digest, NOW, [parcel()])
      await expect(add).rejects.toThrow()
      expect(await mfa().findSentCode(code.key, NOW)).toEqual(code)
      expect(await list('bram')).toEqual([taken])
      expect(await waiting()).toBe(0)
    })

    test.each(RACERS)('%i at once with one code: one is added', async (racers) => {
      const code = await sent()
      const add = () => mfa().addWithSentCode(authenticator(), code.key, code.digest, NOW, [parcel()])
      expect(await winners(racers, add)).toBe(1)
      expect(await list()).toHaveLength(1)
      expect(await waiting()).toBe(1)
    })
  })
}

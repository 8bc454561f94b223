/** What every MfaStore does when an authenticator is removed, or two-step verification turned off. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { activation, appChange, enroll, equip, everything, numberChange, pending, people } from './mfa-samples.ts'
import { account, link, NOW, parcel, RACERS, ROUNDS, race, winners } from './samples.ts'

export function factorRemovalConformance(store: () => Store): void {
  const mfa = () => store().durable
  const list = (accountId = 'sanne') => mfa().listAuthenticators(accountId)
  const waiting = async () => (await mfa().backlog()).waiting
  const epoch = async () => (await mfa().findAccount('sanne'))?.epoch ?? 0
  const look = () => Promise.all(['sanne', 'bram'].map((accountId) => everything(mfa(), accountId)))

  async function enrolled() {
    for (const id of ['sanne', 'bram']) {
      await mfa().insertAccount(account({ id, enrolledAt: NOW - 1 }), link(id), [])
    }
  }

  describe('removing an authenticator', () => {
    beforeEach(enrolled)

    const remove = (id: string, accountId = 'sanne') => mfa().removeAuthenticator(accountId, id, [parcel()])

    /** Tries, and checks that nothing at all was changed. */
    async function refused(reason: 'last' | 'unknown', id: string, accountId = 'sanne') {
      const before = await look()
      expect(await remove(id, accountId)).toBe(reason)
      expect(await look()).toEqual(before)
    }

    test('that is a number forgets the devices, moves the epoch up and sends the parcels', async () => {
      const { app, phone, backup } = await equip(mfa())
      await equip(mfa(), 'bram')
      const [before, bram] = await look()
      expect(await mfa().removeAuthenticator('sanne', phone.id, [parcel(), parcel()])).toBe('removed')
      const changed = { account: { ...before?.account, epoch: (before?.account?.epoch ?? 0) + 1 }, waiting: 2 }
      expect(await look()).toEqual([
        { ...before, ...changed, authenticators: [app], backup, devices: [] },
        { ...bram, waiting: 2 },
      ])
    })

    test('that is an app works while there is another one; the only one stays, number or not', async () => {
      const { app, phone } = await equip(mfa())
      const other = await enroll(mfa(), { createdAt: NOW + 2 })
      await enroll(mfa(), { accountId: 'bram' })
      expect(await remove(app.id)).toBe('removed')
      expect(await list()).toEqual([phone, other])
      await refused('last', other.id)
      expect(await remove(phone.id)).toBe('removed')
      await refused('last', other.id)
    })

    test('of another account, or that is gone, does nothing, and nobody is told', async () => {
      const { phone } = await equip(mfa())
      await equip(mfa(), 'bram')
      const other = await enroll(mfa())
      for (const id of [phone.id, other.id]) await refused('unknown', id, 'bram')
      for (const id of ['unknown', '', '%']) await refused('unknown', id)
      await remove(phone.id)
      await refused('unknown', phone.id)
    })

    test.each(RACERS)('%i times at once: once it is removed', async (racers) => {
      const { phone } = await equip(mfa())
      const before = await epoch()
      expect(await winners(racers, async () => (await remove(phone.id)) === 'removed')).toBe(1)
      expect(await epoch()).toBe(before + 1)
      expect(await waiting()).toBe(1)
    })

    test(`${ROUNDS} rounds of both apps at once: one stays, each time`, async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const accountId = `sanne-${round}`
        await people(mfa(), accountId)
        const apps = await Promise.all([enroll(mfa(), { accountId }), enroll(mfa(), { accountId })])
        const outcomes = await Promise.all(apps.map(({ id }) => mfa().removeAuthenticator(accountId, id, [])))
        expect(outcomes.toSorted()).toEqual(['last', 'removed'])
        expect(await list(accountId)).toHaveLength(1)
      }
    })

    test('of 20 apps, all at once, leaves one', async () => {
      const apps = await Promise.all(Array.from({ length: 20 }, () => enroll(mfa())))
      const outcomes = await Promise.all(apps.map(({ id }) => remove(id)))
      expect(outcomes.filter((outcome) => outcome === 'last')).toHaveLength(1)
      expect(await list()).toHaveLength(1)
      expect(await waiting()).toBe(19)
    })
  })

  describe('turning two-step verification off', () => {
    beforeEach(enrolled)

    test('takes all of it away with the only app, of this account only', async () => {
      const { app, phone, temporary, sent, wizard } = await equip(mfa())
      await equip(mfa(), 'bram')
      const [before, bram] = await look()
      expect(await mfa().turnOff('sanne', app.id, [parcel(), parcel()])).toBe(true)
      const off = { ...before?.account, enrolledAt: undefined, epoch: (before?.account?.epoch ?? 0) + 1 }
      const nothing = { authenticators: [], backup: undefined, devices: [], pending: undefined }
      expect(await look()).toEqual([
        { account: off, ...nothing, waiting: 2 },
        { ...bram, waiting: 2 },
      ])
      expect(await mfa().spendTemporaryCode('sanne', temporary.digest, NOW)).toBe(false)
      // What was under way could have put a factor back, and nobody would be asked for it.
      const given = { epoch: await epoch() }
      expect(await mfa().addNumber(numberChange(sent, given), NOW, [])).toBe(false)
      expect(await mfa().changeApp(appChange(wizard, given), NOW, [])).toBe(false)
      expect(await mfa().activate(activation(wizard, given), NOW, [])).toBe(false)
      expect(await list()).not.toContainEqual(phone)
    })

    test('is done for the only app: not by a number, an unknown id, another account’s, or while there are two', async () => {
      const { app, phone } = await equip(mfa())
      const { app: brams } = await equip(mfa(), 'bram')
      const refused = async (id: string, accountId = 'sanne') => {
        const before = await look()
        expect(await mfa().turnOff(accountId, id, [parcel()])).toBe(false)
        expect(await look()).toEqual(before)
      }
      for (const id of [phone.id, 'unknown', '', brams.id]) await refused(id)
      await refused(app.id, 'bram')
      const other = await enroll(mfa(), { createdAt: NOW + 2 })
      for (const { id } of [app, other]) await refused(id)
      await mfa().removeAuthenticator('sanne', app.id, [])
      await refused(app.id)
      expect(await mfa().turnOff('sanne', other.id, [])).toBe(true)
      await refused(other.id)
    })

    test('opens the door to a first factor again', async () => {
      const { app } = await equip(mfa())
      await mfa().turnOff('sanne', app.id, [])
      const wizard = pending()
      await mfa().putPending(wizard, NOW)
      const first = activation(wizard, { epoch: await epoch(), firstOnly: true })
      expect(await mfa().activate(first, NOW + 5, [])).toBe(true)
      expect((await mfa().findAccount('sanne'))?.enrolledAt).toBe(NOW + 5)
    })

    test.each(RACERS)('%i times at once: once it is done', async (racers) => {
      const { app } = await equip(mfa())
      const before = await epoch()
      expect(await winners(racers, () => mfa().turnOff('sanne', app.id, [parcel()]))).toBe(1)
      expect(await epoch()).toBe(before + 1)
      expect(await waiting()).toBe(1)
    })

    test('while another app is put in its place: one of both happens', async () => {
      for (let round = 0; round < 50; round += 1) {
        const accountId = `sanne-${round}`
        await mfa().insertAccount(account({ id: accountId, enrolledAt: NOW }), link(accountId), [])
        const [app, wizard] = [await enroll(mfa(), { accountId }), pending({ accountId })]
        await mfa().putPending(wizard, NOW)
        const outcomes = await race(2, (racer) =>
          racer === round % 2
            ? mfa().turnOff(accountId, app.id, [])
            : mfa().changeApp(appChange(wizard, { replaces: app.id }), NOW, []),
        )
        expect(outcomes.filter(Boolean)).toHaveLength(1)
        // An app that nobody is asked for, or an enrolled person without one, is what must not be.
        const enrolled = (await mfa().findAccount(accountId))?.enrolledAt !== undefined
        expect(await list(accountId)).toHaveLength(enrolled ? 1 : 0)
      }
    })
  })
}

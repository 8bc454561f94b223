/** The last authenticator app: it goes only where nothing demands one and the person means it (SECURITY E-07). */

import { expect, test } from 'vitest'
import type { CampaignRules } from '../../../src/mfa/campaign.ts'
import { type OwnFactors, ownFactors } from '../../../src/mfa/own-factors.ts'
import { race, tally } from '../../support/attack/race.ts'
import { disturbedPeople } from '../../support/people/disturbed-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { detailsOf, factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

const NO_CAMPAIGN: CampaignRules = { organizations: new Map(), roles: new Map(), exempt: [] }
const REQUIRED: CampaignRules = { ...NO_CAMPAIGN, everyone: { start: 0, deadline: 1 } }
const OFF = { off: true }
const KEEP = { off: false }

const bench = forEachTest(factorBench)
const own = forEachTest(() => ownFactors({ ...bench.common, campaign: NO_CAMPAIGN }))
const strict = forEachTest(() => ownFactors({ ...bench.common, campaign: REQUIRED }))
const sanne = forEachTest(() => bench.enrolled())

test('E-07: the last app goes only where nothing demands one, and everything goes with it', async () => {
  await bench.phone(sanne.account)
  await bench.device(sanne.account)
  expect(await strict.overview(sanne.account)).toMatchObject({ demanded: true })
  expect(await strict.remove(sanne.account, sanne.app, OFF, SOURCE)).toEqual({ ok: false, reason: 'last' })
  const helper = { ...sanne.account, roles: ['help-desk'] }
  expect(await own.overview(helper)).toMatchObject({ demanded: true })
  expect(await own.remove(helper, sanne.app, OFF, SOURCE)).toEqual({ ok: false, reason: 'last' })
  expect([await bench.told(), detailsOf(bench.events, 'factor.removed')]).toEqual([[], []])
  expect((await own.overview(sanne.account)).apps).toHaveLength(1)

  expect(await own.remove(sanne.account, sanne.app, OFF, SOURCE)).toEqual({ ok: true })
  expect(await own.overview(sanne.account)).toMatchObject({
    apps: [],
    phone: undefined,
    backup: undefined,
    devices: [],
  })
  expect((await bench.again(sanne.account)).enrolledAt).toBeUndefined()
  expect((await bench.told()).map(({ name }) => name)).toEqual(['two-step-off'])
  expect(detailsOf(bench.events, 'factor.removed')).toEqual([{ method: 'totp', last: true }])
})

test('E-07: it stays when the person did not say that two-step verification goes off', async () => {
  const before = await bench.again(sanne.account)
  expect(await own.remove(sanne.account, sanne.app, KEEP, SOURCE)).toEqual({ ok: false, reason: 'last' })
  expect(await own.overview(sanne.account)).toMatchObject({ apps: [{ id: sanne.app }], backup: {} })
  expect(await bench.again(sanne.account)).toEqual(before)
  expect([await bench.told(), detailsOf(bench.events, 'factor.removed')]).toEqual([[], []])
})

test('one of two goes alone, also from a page that was about the last one', async () => {
  const other = await bench.anotherApp(sanne.account)
  expect(await own.remove(sanne.account, sanne.app, OFF, SOURCE)).toEqual({ ok: true })
  expect(await own.overview(sanne.account)).toMatchObject({ apps: [{ id: other }], backup: {} })
  expect((await bench.again(sanne.account)).enrolledAt).toBeDefined()
  expect((await bench.told()).map(({ name }) => name)).toEqual(['app-removed'])
  expect(detailsOf(bench.events, 'factor.removed')).toEqual([{ method: 'totp', last: false }])
})

test('an app that another session adds between the look and the act keeps two-step verification on', async () => {
  let other = ''
  const people = disturbedPeople(bench.store.people, {
    async after(rule) {
      if (rule === 'removeAuthenticator') other = await bench.anotherApp(sanne.account)
    },
  })
  const late = ownFactors({ ...bench.common, people, campaign: NO_CAMPAIGN })
  expect(await late.remove(sanne.account, sanne.app, OFF, SOURCE)).toEqual({ ok: false, reason: 'unknown' })
  expect(await own.overview(sanne.account)).toMatchObject({ apps: [{ id: sanne.app }, { id: other }], backup: {} })
  expect([await bench.told(), detailsOf(bench.events, 'factor.removed')]).toEqual([[], []])
})

/** Both apps at once, from two sessions; how many were left after each act. */
function both(factors: () => OwnFactors, how: { off: boolean }) {
  return race({ rounds: 20, contenders: 2 }, async () => {
    const { account, app } = await bench.enrolled()
    const ids = [app, await bench.anotherApp(account)]
    return async (contender) => {
      const removed = await factors().remove(account, ids[contender] ?? '', how, SOURCE)
      const { apps, backup } = await own.overview(account)
      return { removed, left: apps.length, backup, enrolledAt: (await bench.again(account)).enrolledAt }
    }
  })
}

test('E-07: two removals at once never leave nobody an app where one is demanded', async () => {
  const outcomes = await both(() => strict, OFF)
  expect(tally(outcomes, ({ removed }) => removed.ok)).toEqual({ 1: 20 })
  expect(outcomes.flat().every(({ left }) => left >= 1)).toBe(true)
})

test('E-07: two removals at once, of which neither means to turn it off, never turn it off', async () => {
  const outcomes = await both(() => own, KEEP)
  expect(tally(outcomes, ({ removed }) => removed.ok)).toEqual({ 1: 20 })
  for (const { removed, left, backup, enrolledAt } of outcomes.flat()) {
    if (!removed.ok) expect(removed.reason).toBe('last')
    expect(left).toBeGreaterThanOrEqual(1)
    expect(backup).toBeDefined()
    expect(enrolledAt).toBeDefined()
  }
})

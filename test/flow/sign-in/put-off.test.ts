/** **Remind me later** on a page that is gone: what is due is asked for, and the answer counts for whom it was shown to. */
import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../src/lib/time.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { record } from '../../support/oidc/client-records.ts'
import { relyingParty, world } from '../../support/oidc/relying-party.ts'
import { organizationId } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'
import { press } from '../../support/people/second-factor.ts'
import { ask, due, oblige, obligeAll, type Someone, somebody } from '../../support/people/step-up.ts'
import { leaveOpen, whereabouts } from '../../support/people/wanderer.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const all = forAllTests(() => world({ more: [record('heading', { initiate_login_uri: '{apps}/begin' })] }))
const heading = forAllTests(() => relyingParty(all, 'heading'))

let organizations = 0

/** In front of the offer of a campaign that ends then. */
async function offered(deadline = Date.now() + 90 * DAY): Promise<Someone> {
  organizations += 1
  const organization = `Bakkerij ${organizations}`
  await organizationId(all.app, organization, { campaign: { start: Date.now() - DAY, deadline } })
  await all.app.follow()
  const who = await somebody(all.app, organization)
  await who.browser.visit((await heading.request()).url.href)
  await oblige(who)
  expect(due(who.browser)).toBe('offer')
  return who
}

async function elsewhere(who: Someone) {
  return (await ask({ ...who, browser: new Person() }, heading)).pages
}

test.each([
  ['after lunch', 40 * MINUTE, []],
  ['after the night', 13 * HOUR, ['password']],
])('%s they go on to the application, and are left alone for a week', async (_when, time, asked) => {
  const who = await offered()
  leaveOpen(who.browser, time)
  await press(who.browser, 'later')
  expect([await obligeAll(who), whereabouts(who.browser)]).toEqual([asked, 'application'])
  expect(await elsewhere(who)).toEqual(['password'])
  pass(8 * DAY)
  expect(await elsewhere(who)).toEqual(['password', 'offer'])
})

test('whoever signs in there in their place is asked, and so are they', async () => {
  const [who, other] = [await offered(), await offered()]
  leaveOpen(who.browser, 13 * HOUR)
  await press(who.browser, 'later')
  other.browser = who.browser
  await oblige(other)
  expect(due(who.browser)).toBe('offer')
  expect(await elsewhere(who)).toEqual(['password', 'offer'])
})

test.each([
  ['its deadline has passed meanwhile', () => offered(Date.now() + 12 * HOUR)],
  [
    'its application lets nobody put it off',
    async () => {
      const strict = await relyingParty(all, 'strict')
      const who = await somebody(all.app)
      await who.browser.visit((await strict.request()).url.href)
      await oblige(who)
      expect(due(who.browser)).toBe('enroll')
      return who
    },
  ],
])('a page is not put off where %s', async (_why, reach) => {
  const who = await reach()
  leaveOpen(who.browser, 13 * HOUR)
  await press(who.browser, 'later')
  await oblige(who)
  expect(due(who.browser)).toBe('enroll')
  const found = await all.app.core.store.durable.people.findBy(keyOf.email(who.email))
  expect([found?.record.account?.email, found?.record.account?.postponedAt]).toEqual([who.email, undefined])
})

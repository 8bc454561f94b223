/** Records that cannot be opened any more, because a root key was taken away: they open nothing, and stop nothing. */

import { beforeEach, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { emailKey } from '../../../src/person/account.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { at, elsewhere, open, send } from '../../support/app/settings.ts'
import { sql } from '../../support/attack/attack.ts'
import { relyingParty, world } from '../../support/oidc/relying-party.ts'
import { asked } from '../../support/people/asked-people.ts'
import { sidsTold, tokensOf } from '../../support/people/endings.ts'
import { changePassword } from '../../support/people/settings-changes.ts'
import { due, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

let sanne: Someone
let sub: string

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
clockOfEachTest()
beforeEach(async () => {
  sanne = await somebody(here.app)
  sub = (await asked(here.app.core.store.durable.people).findAccountByEmail(emailKey(sanne.email)))?.id ?? ''
  await tokensOf(sanne, house)
  await here.app.drain()
  here.apps.received.length = 0
})

function spoil(model: string): void {
  sql(here.app, `UPDATE artifact SET sealed = 'x' WHERE model = ? AND account_id = ?`, model, sub)
}

function records(model: string): Promise<unknown[]> {
  return here.app.core.store.expiring.listArtifactsByAccount(model, sub, 0)
}

test('of sessions that ran out the one that cannot be read is removed, and those after it are told of', async () => {
  const other = await somebody(here.app)
  const sid = (await tokensOf(other, house)).claims()?.sid
  spoil('Session')
  expect(await records('Session')).toHaveLength(1)
  pass(62 * MINUTE)
  await here.app.tidy()
  expect(await records('Session')).toHaveLength(0)
  expect(await sidsTold(here)).toContain(sid)
  expect(here.app.logged.some((line) => line.includes('unreadable artifact'))).toBe(true)
})

test.each(['Session', 'Grant', 'Interaction'])(
  'the settings open where a record of the kind %s cannot be read, and signing out everywhere removes it',
  async (model) => {
    await sanne.browser.visit((await house.request({ prompt: 'login' })).url.href)
    spoil(model)
    const who = elsewhere(sanne)
    await open(here.app, who, '/account')
    expect([at(who.browser), who.browser.page.status]).toEqual(['/account', 200])
    await send(here.app, who, '/account/sign-out-everywhere')
    expect(await records(model)).toHaveLength(0)
    await who.browser.visit(`${here.app.origin}/account`)
    expect(due(who.browser)).toBe('password')
  },
)

test('a change in the settings ends a session that cannot be read, and goes on', async () => {
  spoil('Session')
  const who = elsewhere(sanne)
  await open(here.app, who, '/account')
  await changePassword(here.app, who)
  expect([at(who.browser), who.browser.page.status]).toEqual(['/account', 200])
  expect(await records('Session')).toHaveLength(1)
})

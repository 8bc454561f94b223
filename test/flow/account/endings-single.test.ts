/**
 * The dead table, third part: what people end one by one in their settings. That is dead at the next request, and nothing
 * else is; also when a request of it is under way.
 */
import { expect, test } from 'vitest'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { elsewhere, link, open, send, setUp } from '../../support/app/settings.ts'
import { race } from '../../support/attack/race.ts'
import { answer, PASSWORD, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { leave, row, type Scene, tokensOf, verdicts } from '../../support/people/endings.ts'
import { NEXT_PASSWORD } from '../../support/people/settings-changes.ts'
import { ask, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
const second = forAllTests(() => relyingParty(here, 'second'))

async function begin(): Promise<Scene> {
  const owner = await somebody(here.app)
  await open(here.app, owner, '/account')
  await setUp(here.app, owner, () => Date.now())
  return { here, house, second, owner, own: await tokensOf(owner, house), password: PASSWORD }
}

/** Presses the one button of the page that the overview leads to. */
async function confirm(who: Someone, page: RegExp): Promise<void> {
  await who.browser.visit(`${here.app.origin}/account`)
  await send(here.app, who, link(who.browser, page))
}

test.each<[string, RegExp, Record<string, string>]>([
  [
    'SES-07 a remembered device',
    /^\/account\/devices\/[^/]+\/forget$/,
    {
      'remembered device': 'dead',
      // It was proven before, together with the password: the sitting of that moment still counts it.
      'password typed, not gone on with': 'alive',
    },
  ],
  ['SES-07 all remembered devices', /^\/account\/devices\/forget$/, { 'remembered device': 'dead' }],
  [
    'SES-07 what an application was given',
    /^\/account\/applications\/house\/remove$/,
    {
      'access token': 'dead',
      'refresh token': 'dead',
      'refresh token of this browser': 'dead',
    },
  ],
])('%s', async (_what, page, but) => {
  const scene = await begin()
  const left = await leave(scene)
  await here.app.drain()
  here.apps.received.length = 0
  await confirm(scene.owner, page)
  expect(await verdicts(scene, left)).toEqual(row('alive', but))
})

test('SES-07 another session, with its tokens and applications', async () => {
  const scene = await begin()
  const { owner } = scene
  const left = await leave(scene)
  await here.app.drain()
  here.apps.received.length = 0
  await owner.browser.visit(`${here.app.origin}/account`)
  const sessions = [...owner.browser.page.html.matchAll(/href="(\/account\/sessions\/[^"]+\/end)"/g)]
  // The newest is the page half-way; the one with both applications is older.
  for (const [, page = ''] of sessions) await send(here.app, owner, page)
  expect(await verdicts(scene, left)).toEqual(
    row('dead', {
      'refresh token of this browser': 'alive',
      'copy of this browser’s cookies, silently': 'alive',
      'the same copy in the settings': 'alive',
      'remembered device': 'alive',
      'password typed, not gone on with': 'alive',
    }),
  )
  expect((await ask(owner, house, { prompt: 'none' })).pages).toEqual([])
})

/** Where the button is, and what is filled in. */
test.each<[string, RegExp, Record<string, string>]>([
  ['SES-07 a session that is ended', /^\/account\/sessions\/[^/]+\/end$/, {}],
  ['SES-04 a session when all are signed out', /^\/account\/sign-out-everywhere$/, {}],
  [
    'I-03 a session of the password before',
    /^\/account\/password$/,
    { current: PASSWORD, password: NEXT_PASSWORD, repeat: NEXT_PASSWORD },
  ],
])('%s is not brought back by a request of it that is under way', async (_what, page, fields) => {
  const outcomes = await race({ rounds: 8, contenders: 8 }, async (round) => {
    const owner = await somebody(here.app)
    await open(here.app, owner, '/account')
    const other = elsewhere(owner)
    await tokensOf(other, house)
    await owner.browser.visit(`${here.app.origin}/account`)
    await owner.browser.visit(here.app.origin + link(owner.browser, page))
    const requests = await Promise.all(Array.from({ length: 8 }, () => house.request()))
    return async (contender) => {
      if (contender === round % 8) await owner.browser.submit(fields)
      else await other.browser.copy().request('GET', requests[contender]?.url.href ?? '')
      return other
    }
  })
  const signedIn: string[] = []
  for (const [other] of outcomes) {
    if (!other) continue
    await house.open(other.browser, { prompt: 'none' })
    signedIn.push(answer(other.browser).get('error') ?? 'signed in')
  }
  expect(signedIn).toEqual(Array.from(outcomes, () => 'login_required'))
})

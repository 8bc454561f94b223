/**
 * The dead table, first half: what people change in their own settings, and what of before is dead at the next request.
 * A row is an ending, a column (test/support/people/endings.ts) is a way back in. The browser that made the change goes on.
 */
import { describe, expect, test } from 'vitest'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { open, setUp } from '../../support/app/settings.ts'
import { relyingParty, type World, world } from '../../support/oidc/relying-party.ts'
import { leave, row, type Scene, sidsTold, tokensOf, type Verdict, verdicts } from '../../support/people/endings.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD } from '../../support/people/second-factor.ts'
import * as change from '../../support/people/settings-changes.ts'
import { ask, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const here = forAllTests(() => world({ settings: { twoStep: { sms: { perNetworkHour: 1000 } } } }))

interface Ending {
  ending: string
  attacks: string
  /** Nothing is set up yet. */
  bare?: true
  /** What there is besides an app and a backup code. */
  has?: Part
  /** Up to the last button. */
  go?: Part
  /** That button. */
  act: Part
}
type Part = (app: World['app'], who: Someone) => Promise<void>

const ENDINGS: Ending[] = [
  { ending: 'another password', attacks: 'I-03 D-07 PWD-10', act: change.changePassword },
  { ending: 'a new phone', attacks: 'I-01 D-07', go: change.beginMove, act: change.confirmApp },
  { ending: 'one more app', attacks: 'I-01 D-07', go: change.beginApp, act: change.confirmApp },
  { ending: 'one of two apps removed', attacks: 'I-01 D-07', has: change.addApp, act: change.remove },
  { ending: 'two-step verification off', attacks: 'I-01 D-07', act: change.remove },
  { ending: 'a number added', attacks: 'I-01 D-07', go: change.beginNumber, act: change.confirmNumber },
  {
    ending: 'another number',
    attacks: 'I-01 D-07',
    has: change.addNumber,
    go: change.beginNumber,
    act: change.confirmNumber,
  },
  { ending: 'the number removed', attacks: 'I-01 D-07', has: change.addNumber, act: change.removeNumber },
  { ending: 'a new backup code', attacks: 'I-01 D-07', act: change.renewBackupCode },
  { ending: 'the first app', attacks: 'I-01 E-01', bare: true, go: change.beginFirstApp, act: change.confirmFirstApp },
  { ending: 'another e-mail address', attacks: 'I-03 D-07', go: change.beginEmail, act: change.confirmEmail },
]

/** Somebody before the last button. */
async function begin({ bare, has, go }: Partial<Ending>): Promise<Scene> {
  const owner = await somebody(here.app)
  const [house, second] = [await relyingParty(here, 'house'), await relyingParty(here, 'second')]
  await open(here.app, owner, '/account')
  if (!bare) await setUp(here.app, owner, () => Date.now())
  await has?.(here.app, owner)
  const own = await tokensOf(owner, house)
  await go?.(here.app, owner)
  return { here, house, second, owner, own, password: PASSWORD }
}

async function forgetWhatWasTold(): Promise<void> {
  await here.app.drain()
  here.apps.received.length = 0
}

async function expectSignedIn({ house, owner }: Scene): Promise<void> {
  expect(await open(here.app, owner, '/account')).toEqual([])
  expect(owner.browser.page.html).toContain(owner.email)
  expect(await ask(owner, house, { prompt: 'none' })).toMatchObject({ pages: [], acr: expect.any(String) })
}

describe('where nothing ends, every way is open: the table can say so', () => {
  test.each<[string, Partial<Ending>, Record<string, Verdict>]>([
    ['with an app', {}, {}],
    ['with a password alone', { bare: true }, { 'remembered device': 'dead' }],
  ])('%s', async (_what, ending, but) => {
    const scene = await begin(ending)
    await forgetWhatWasTold()
    expect(await verdicts(scene, await leave(scene))).toEqual(row('alive', but))
  })
})

describe.each(ENDINGS.map((each) => [`${each.attacks} ${each.ending}`, each] as const))('%s', (_name, ending) => {
  test('ends everything elsewhere', async () => {
    const scene = await begin(ending)
    const left = await leave(scene)
    await forgetWhatWasTold()
    await ending.act(here.app, scene.owner)
    if (ending.act === change.changePassword) scene.password = change.NEXT_PASSWORD
    expect(await verdicts(scene, left)).toEqual(row('dead'))
  })

  test('keeps this browser signed in, and its applications', async () => {
    const scene = await begin(ending)
    await forgetWhatWasTold()
    await ending.act(here.app, scene.owner)
    await expectSignedIn(scene)
    expect(await sidsTold(here)).toEqual([])
  })
})

test('I-01 D-07 a lost phone that is replaced at sign-in ends everything elsewhere, and goes on here', async () => {
  const scene = await begin({})
  const left = await leave(scene)
  await forgetWhatWasTold()
  scene.owner.browser = new Person()
  await change.replaceLost(scene.owner, (await scene.house.request()).url.href)
  expect(await verdicts(scene, left)).toEqual(row('dead'))
  await expectSignedIn(scene)
})

/**
 * The dead table, second half: endings after which nobody is signed in any more, by the person and by the help desk.
 * A row is an ending, a column (test/support/people/endings.ts) is a way back in.
 */
import { describe, expect, test } from 'vitest'
import { emailKey } from '../../../src/person/account.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { administrator, elsewhere, open, send, setUp } from '../../support/app/settings.ts'
import { relyingParty, world } from '../../support/oidc/relying-party.ts'
import { asked } from '../../support/people/asked-people.ts'
import { leave, PROBES, row, type Scene, tokensOf, verdicts } from '../../support/people/endings.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, press, text } from '../../support/people/second-factor.ts'
import { changeEmail, changePassword, NEXT_PASSWORD } from '../../support/people/settings-changes.ts'
import { due, obligeAll, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const here = forAllTests(world)
/** Works in administration. */
const olga = forAllTests(() => administrator(here.app, () => Date.now(), 'owner', 'help-desk'))

interface Ending {
  ending: string
  attacks: string
  /** What was before. */
  has?: (scene: Scene) => Promise<void>
  act: (scene: Scene) => Promise<void>
  /** The password opens nothing then, and this is how it does again: a device that was remembered is still worth nothing. */
  reopen?: (scene: Scene) => Promise<void>
  /** Nobody signs in to it any more. */
  erased?: true
}

const ENDINGS: Ending[] = [
  { ending: 'a new password by mail', attacks: 'I-03 D-07 G-08 PWD-10 LGO-04', act: resetPassword },
  {
    ending: 'an e-mail address taken back',
    attacks: 'I-03 D-07 G-11',
    has: ({ owner }) => changeEmail(here.app, owner),
    act: undoEmail,
    reopen: setPassword,
  },
  { ending: 'sign out everywhere', attacks: 'I-04 D-07 SES-04', act: signOutEverywhere },
  { ending: 'a temporary access code', attacks: 'I-04 D-07 ADM-03', act: issueCode },
  { ending: 'person:sign-out', attacks: 'I-04 D-07', act: (scene) => administer(scene, 'sign-out') },
  {
    ending: 'person:disable',
    attacks: 'I-04 D-07 LGO-04',
    act: (scene) => administer(scene, 'disable'),
    reopen: (scene) => administer(scene, 'enable'),
  },
  {
    ending: 'person:delete',
    attacks: 'I-04 D-07 LGO-04',
    act: (scene) => administer(scene, 'delete'),
    erased: true,
  },
]

async function resetPassword(scene: Scene): Promise<void> {
  const browser = new Person()
  await browser.visit(`${here.app.origin}/recover`)
  await browser.submit({ email: scene.owner.email })
  await setPassword(scene)
}

/** With the link in the newest mail. */
async function setPassword(scene: Scene): Promise<void> {
  const browser = new Person()
  await browser.visit(await here.app.linkFor(scene.owner.email))
  await browser.submit({ password: NEXT_PASSWORD, repeat: NEXT_PASSWORD })
  scene.password = NEXT_PASSWORD
}

/** By whoever reads the mail of the address of before, in a browser that knows nothing. */
async function undoEmail({ owner }: Scene): Promise<void> {
  const before = owner.email.replace('new-', '')
  const mail = (await here.app.inbox()).find(({ to, text = '' }) => to === before && text.includes('/undo/'))
  const browser = new Person()
  await browser.visit(/https?:\/\/\S+\/undo\/\S+/.exec(mail?.text ?? '')?.[0] ?? '')
  await browser.submit({ sure: 'yes' })
  owner.email = before
}

async function signOutEverywhere({ owner }: Scene): Promise<void> {
  await send(here.app, owner, '/account/sign-out-everywhere')
}

/** The person asks for help in a browser of their own; the representative issues a code. */
async function issueCode({ owner, house }: Scene): Promise<void> {
  const locked = new Person()
  await house.open(locked, {}, owner.email)
  await locked.visit(`${locked.page.url}/challenge/none`)
  await press(locked, 'request', { contact: '06 in the morning' })
  const number = /\b(\d{4}) (\d{4})\b/.exec(text(locked.page))?.slice(1).join('') ?? ''
  await open(here.app, olga, `/admin/cases/${number}`)
  await press(olga.browser, 'issue', { check: 'call-back', note: '' })
}

async function administer({ owner }: Scene, act: string): Promise<void> {
  const account = await asked(here.app.core.store.durable.people).findAccountByEmail(emailKey(owner.email))
  await open(here.app, olga, `/admin/people/${account?.id}/${act}`)
  await olga.browser.submit()
}

async function begin({ has }: Ending): Promise<Scene> {
  const owner = await somebody(here.app)
  const [house, second] = [await relyingParty(here, 'house'), await relyingParty(here, 'second')]
  await open(here.app, owner, '/account')
  await setUp(here.app, owner, () => Date.now())
  const scene = { here, house, second, owner, own: undefined as never, password: PASSWORD }
  await has?.(scene)
  return { ...scene, own: await tokensOf(owner, house) }
}

describe.each(ENDINGS.map((each) => [`${each.attacks} ${each.ending}`, each] as const))('%s', (_name, ending) => {
  test('ends everything', async () => {
    const scene = await begin(ending)
    const left = await leave(scene)
    await here.app.drain()
    here.apps.received.length = 0
    await ending.act(scene)
    const said = { 'remembered device': ending.reopen || ending.erased ? 'refused' : 'dead' }
    expect(await verdicts(scene, left)).toEqual(row('dead', said))
    await scene.owner.browser.visit(`${here.app.origin}/account`)
    expect(due(scene.owner.browser)).toBe('password')
    if (!ending.reopen) return
    await ending.reopen(scene)
    expect(await PROBES['remembered device']?.(scene, left)).toBe('dead')
  })
})

test('LGO-04 the portal in another browser hears of a new password, and shows nobody any more', async () => {
  const app = await startApp()
  const owner = await somebody(app)
  const other = elsewhere(owner)
  for (const who of [owner, other]) {
    await who.browser.visit(`${app.portalOrigin}/login`)
    await obligeAll(who)
    expect(who.browser.page.html).toContain('Sanne de Vries')
  }
  await open(app, owner, '/account')
  await changePassword(app, owner)
  await app.drain()
  await other.browser.visit(app.portalOrigin)
  expect(other.browser.page.html).not.toContain('Sanne de Vries')
  await owner.browser.visit(app.portalOrigin)
  expect(owner.browser.page.html).toContain('Sanne de Vries')
  await app.stop()
})

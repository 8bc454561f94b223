/**
 * Whoever left the way that a backup code or a temporary one opened gets back in with the same code, and is never without
 * one (JOURNEYS J4.4): eight ways of leaving, for both.
 */
import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { asked } from '../../support/people/asked-people.ts'
import { issueCode } from '../../support/people/desk.ts'
import { colleague, sitting } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { enroll, press, scanned, text } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  errorOf,
  halfSignedIn,
  someVictim,
  startTwoStep,
  type Victim,
} from '../../support/people/second-factor-attack.ts'
import { due } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(startTwoStep)
const hanna = forAllTests(() => colleague(app, 'help-desk'))

type Code = 'backup' | 'temporary'

interface Holder {
  method: Code
  code: string
  sanne: Victim
  browser: Person
}

/** Types the code in this browser; on to the wizard, where the backup code asks first whether the phone is lost. */
async function prove({ method, code, sanne }: Omit<Holder, 'browser'>, browser = new Person()): Promise<Person> {
  if (!browser.page.url.includes('/challenge/')) {
    await halfSignedIn(app, sanne.email, 'payroll', browser)
    await browser.visit(sitting(browser, `challenge/${method}`))
  }
  await press(browser, 'verify', { code })
  if (browser.page.html.includes('value="lost"')) await press(browser, 'lost')
  return browser
}

/** Whether the wizard is open, at one of its pages before the code of the new app. */
function isSettingUp({ page }: Person): boolean {
  return ['value="enable"', 'value="app:other"', 'value="scanned"'].some((button) => page.html.includes(button))
}

const LEAVING: Array<[string, (holder: Holder) => Promise<Person>]> = [
  [
    'canceled, and begun anew in the same browser',
    async (holder) => {
      const { browser } = holder
      await browser.submit({ action: 'cancel' })
      expect(errorOf(browser)).toBe('access_denied')
      await browser.visit(authorize(app))
      await browser.visit(sitting(browser, `challenge/${holder.method}`))
      return prove(holder, browser)
    },
  ],
  ['closed, and opened anew', (holder) => prove(holder)],
  [
    'gone back to the page for the code',
    async (holder) => {
      await holder.browser.visit(sitting(holder.browser, `challenge/${holder.method}`))
      return holder.browser
    },
  ],
  [
    'reloaded',
    async ({ browser }) => {
      await browser.visit(browser.page.url)
      return browser
    },
  ],
  [
    'gone on in another browser, and come back to the first with the code',
    async (holder) => {
      expect(isSettingUp(await prove(holder))).toBe(true)
      const { browser } = holder
      await browser.visit(browser.page.url)
      expect(text(browser.page)).toContain('You went on with this code in another browser')
      return prove(holder, browser)
    },
  ],
  [
    'left on one device for another, half-way through the wizard',
    async (holder) => {
      await scanned(holder.browser)
      return prove(holder)
    },
  ],
  [
    'left until the wizard has run out',
    async (holder) => {
      await scanned(holder.browser)
      pass(HOUR)
      return prove(holder)
    },
  ],
  [
    'in two browsers at once',
    async (holder) => {
      const [one, other] = await Promise.all([prove(holder), prove(holder)])
      const done = await Promise.allSettled([one, other].map((browser) => enroll(browser, () => Date.now())))
      expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      return codesOf(one).length > 0 ? one : other
    },
  ],
]

const CODES: Code[] = ['backup', 'temporary']

test.each(CODES.flatMap((method) => LEAVING.map(([how, leave]) => ({ method, how, leave }))))(
  'J4.4 $method: $how',
  async ({ method, leave }) => {
    const sanne = await someVictim(app)
    const code = method === 'backup' ? sanne.backupCode : await issueCode(app, hanna, sanne.email)
    const browser = await prove({ method, code, sanne })
    expect(isSettingUp(browser)).toBe(true)
    pass(MINUTE)
    const back = await leave({ method, code, sanne, browser })
    if (codesOf(back).length === 0) await enroll(back, () => Date.now())
    expect(codesOf(back)).toHaveLength(1)
    const people = asked(app.core.store.durable.people)
    expect(await people.listAuthenticators(sanne.id)).toHaveLength(1)
    expect(await people.findBackupCode(sanne.id)).toMatchObject({ savedAt: expect.any(Number) })

    // What it was for is done.
    const late = await prove({ method, code, sanne })
    expect([isSettingUp(late), text(late.page).includes('has been used already')]).toEqual([false, true])
  },
)

test('J4.4 a code that is held opens nothing before it is spent, of whoever finds the session open it is asked again', async () => {
  const sanne = await someVictim(app)
  const browser = await prove({ method: 'backup', code: sanne.backupCode, sanne })
  for (const client of ['payroll', 'leave', 'strict']) {
    await browser.visit(authorize(app, client))
    expect([client, due(browser), isSettingUp(browser)]).toEqual([client, 'code', false])
  }
  for (const path of ['', '/password', '/apps/new', '/data']) {
    await browser.visit(`${app.origin}/account${path}`)
    expect([path, due(browser), isSettingUp(browser)]).toEqual([path, 'code', false])
  }
  await browser.visit(authorize(app, 'payroll', { prompt: 'none' }))
  expect(errorOf(browser)).toBe('interaction_required')
  expect(codesOf(browser)).toEqual([])
})

test('J4.4 in a session that had proven the app, a code that is held changes nothing: neither more nor less', async () => {
  const sanne = await someVictim(app)
  const { browser } = sanne
  await browser.visit(`${app.origin}/account`)
  pass(15 * MINUTE)
  // The app's proof is not fresh enough for a change any more.
  await browser.visit(`${app.origin}/account/apps/new`)
  await browser.visit(sitting(browser, 'challenge/backup'))
  await press(browser, 'verify', { code: sanne.backupCode })
  expect(browser.page.html).toContain('value="lost"')
  await browser.visit(`${app.origin}/account/apps/new`)
  expect(due(browser)).toBe('code')

  const before = codesOf(browser).length
  await browser.visit(authorize(app, 'payroll', { prompt: 'none' }))
  expect([errorOf(browser), codesOf(browser).length]).toEqual([null, before + 1])
})

test('J4.4 a mail says that a backup code was typed, another that it was used when it was', async () => {
  const sanne = await someVictim(app)
  const told = async () =>
    (await app.inbox())
      .filter(({ to, subject }) => to === sanne.email && subject?.includes('backup code'))
      .map(({ subject }) => subject)
  for (let tries = 0; tries < 3; tries += 1) await prove({ method: 'backup', code: sanne.backupCode, sanne })
  expect(await told()).toEqual(['Your backup code for Sigma ID was typed'])
  const browser = await prove({ method: 'backup', code: sanne.backupCode, sanne })
  await enroll(browser, () => Date.now())
  expect((await told()).sort()).toEqual([
    'Your backup code for Sigma ID was typed',
    'Your backup code for Sigma ID was used',
  ])
})

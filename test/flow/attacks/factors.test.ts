/** SECURITY E in the settings: less than the best factor, two tabs at once, a row that vanished, somebody else’s things. */
import { describe, expect, test } from 'vitest'
import { SECOND } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, elsewhere, open, settled, told } from '../../support/app/settings.ts'
import { sql } from '../../support/attack/attack.ts'
import { race } from '../../support/attack/race.ts'
import { asked } from '../../support/people/asked-people.ts'
import { tokensFor } from '../../support/people/desk.ts'
import { sitting } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { keyOn, PASSWORD, press } from '../../support/people/second-factor.ts'
import { smsCode } from '../../support/people/second-factor-attack.ts'
import { addApp, addNumber } from '../../support/people/settings-changes.ts'
import { everything, kept } from '../../support/people/settings-forms.ts'
import { due, nextCode, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(() =>
  startApp({
    settings: {
      throttle: { perAddress: 1e6, perNetwork: 1e6 },
      twoStep: {
        sms: { perNetworkHour: 1000 },
        campaign: { organizations: { Strict: { start: '2020-01-01', deadline: '2020-01-02' } } },
      },
    },
  }),
)

const someone = () => settled(app, () => Date.now())

/** Whose employer demands two-step verification: it was set up on the way in. */
async function bound(): Promise<Someone> {
  const who = await somebody(app, 'Strict')
  await open(app, who, '/account')
  await addApp(app, who)
  return who
}

async function idOf({ email }: Someone): Promise<string> {
  return (await asked(app.core.store.durable.people).findAccountByEmail(email))?.id ?? ''
}

async function appsOf(who: Someone): Promise<string[]> {
  const authenticators = await asked(app.core.store.durable.people).listAuthenticators(await idOf(who))
  return authenticators.filter(({ kind }) => kind === 'totp').map(({ id }) => id)
}

describe('E-06 a text message', () => {
  /** Signed in at an application with a message. */
  async function texted(who: Someone): Promise<Someone> {
    const other = elsewhere(who)
    pass(31 * SECOND)
    await other.browser.visit(`${app.portalOrigin}/login`)
    await other.browser.submit({ email: who.email, password: PASSWORD })
    await other.browser.visit(sitting(other.browser, 'challenge/sms'))
    await press(other.browser, 'send')
    await press(other.browser, 'verify', { code: await smsCode(app) })
    expect(other.browser.page.url).toBe(`${app.portalOrigin}/`)
    return other
  }

  test.each(['/account', '/account/phone', '/account/apps/new', '/account/two-step', '/account/backup-code'])(
    'that opened an application does not open %s',
    async (path) => {
      const who = await someone()
      await addNumber(app, who)
      const other = await texted(who)
      await other.browser.visit(app.origin + path)
      expect(due(other.browser)).toBe('code')
      await other.browser.visit(sitting(other.browser, 'challenge/methods'))
      expect(other.browser.page.html).not.toContain('challenge/sms')
      await other.browser.visit(sitting(other.browser, 'challenge/sms'))
      expect(other.browser.page.html).not.toContain('value="send"')
    },
  )

  test('of another sitting is no answer to the code of the settings, and none is sent there', async () => {
    const who = await someone()
    await addNumber(app, who)
    const other = elsewhere(who)
    pass(31 * SECOND)
    await other.browser.visit(`${app.portalOrigin}/login`)
    await other.browser.submit({ email: who.email, password: PASSWORD })
    await other.browser.visit(sitting(other.browser, 'challenge/sms'))
    await press(other.browser, 'send')
    const code = await smsCode(app)
    await other.browser.visit(`${app.origin}/account`)
    const sent = (await app.inbox()).length
    const { csrf = '' } = other.browser.forms()[0]?.fields ?? {}
    for (const step of ['send', 'verify'])
      await other.browser.post(sitting(other.browser, 'challenge/sms'), { csrf, step, code })
    expect([due(other.browser), (await app.inbox()).length]).toEqual(['code', sent])
  })
})

describe('E-07 the last app of somebody who must have one', () => {
  test('two tabs remove one of two apps each: one stays, and its code opens', async () => {
    const outcomes = await race({ rounds: 6, contenders: 2 }, async () => {
      const who = await bound()
      const ids = await appsOf(who)
      const tabs = ids.map(() => elsewhere(who, who.browser.copy()))
      for (const [index, tab] of tabs.entries()) await open(app, tab, `/account/apps/${ids[index]}/remove`)
      return async (contender) => {
        await tabs[contender]?.browser.submit({ off: 'yes' })
        return who
      }
    })
    const left: number[] = []
    for (const [who] of outcomes) if (who) left.push((await appsOf(who)).length)
    expect(left).toEqual(Array(6).fill(1))
  })

  test('in two sessions at once: the same', async () => {
    const who = await bound()
    const other = elsewhere(who)
    await open(app, other, '/account')
    const ids = await appsOf(who)
    const sessions = [who, other]
    for (const [index, one] of sessions.entries()) await open(app, one, `/account/apps/${ids[index]}/remove`)
    await Promise.all(sessions.map(({ browser }) => browser.submit({ off: 'yes' })))
    expect(await appsOf(who)).toHaveLength(1)
  })

  test('with nothing demanded two tabs that turn two-step verification off do it once', async () => {
    const who = await someone()
    await addApp(app, who)
    const ids = await appsOf(who)
    for (const id of ids) {
      await open(app, who, `/account/apps/${id}/remove`)
      await Promise.all([1, 2].map(() => who.browser.copy().submit({ off: 'yes' })))
      await open(app, who, '/account')
    }
    const account = await asked(app.core.store.durable.people).findAccount(await idOf(who))
    expect([await appsOf(who), account?.enrolledAt]).toEqual([[], undefined])
    expect(await asked(app.core.store.durable.people).findBackupCode(await idOf(who))).toBeUndefined()
  })
})

test('E-05 many tabs finish the same new app at once: one app', async () => {
  const who = await someone()
  await open(app, who, '/account/apps/new')
  await who.browser.submit()
  const key = keyOn(who.browser.page)
  await press(who.browser, 'scanned')
  pass(30 * SECOND)
  const code = nextCode({ ...who, enrolled: { key, backupCode: '' } })
  await Promise.all(Array.from({ length: 6 }, () => press(who.browser.copy(), 'code', { code })))
  expect(await appsOf(who)).toHaveLength(2)
})

test('E-11 a factor that vanished from the database: nobody sets up another with the password alone', async () => {
  const who = await someone()
  const id = await idOf(who)
  sql(
    app,
    `UPDATE people SET record = json_remove(json_set(record, '$.authenticators', json('[]')), '$.backup') WHERE id = ?`,
    id,
  )
  const thief = new Person()
  for (const path of ['/account', '/account/two-step', '/account/apps/new', '/account/phone']) {
    await thief.visit(app.origin + path)
    if (due(thief) === 'password') await thief.submit({ email: who.email, password: PASSWORD })
    expect([path, due(thief) === 'enroll', at(thief).startsWith('/account')]).toEqual([path, false, false])
    expect(thief.page.html).not.toContain('otpauth')
  }
})

test('A-14 the names of somebody else’s apps, devices and sessions end nothing of theirs', async () => {
  const [{ who: sanne }, { who: piet }] = [await everything(app), await everything(app)]
  await open(app, piet, '/account')
  const theirs = ['apps', 'devices', 'sessions'].flatMap((kind) =>
    [...piet.browser.page.html.matchAll(/href="(\/account\/[^"]+)"/g)]
      .map(([, path = '']) => path)
      .filter((path) => path.startsWith(`/account/${kind}/`) && path.split('/').length > 4),
  )
  expect(new Set(theirs.map((path) => path.split('/')[2]))).toEqual(new Set(['apps', 'devices', 'sessions']))
  const before = await kept(app, piet)
  for (const path of theirs) {
    const tokens = await tokensFor(app, sanne)
    await sanne.browser.visit(app.origin + path)
    expect([path, at(sanne.browser), told(sanne.browser) !== '']).toEqual([path, '/account', true])
    await sanne.browser.post(app.origin + path, { ...tokens, label: 'Stolen', off: 'yes' })
    expect([path, at(sanne.browser), told(sanne.browser) !== '']).toEqual([path, '/account', true])
  }
  expect(await kept(app, piet)).toEqual(before)
})

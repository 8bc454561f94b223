/** A request for help (JOURNEYS J7.1) filed, guessed, canceled or decided by whoever should not, or by two at once. */

import { expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass, setClock } from '../../support/app/clock.ts'
import { likeness } from '../../support/attack/attack.ts'
import { asked } from '../../support/people/asked-people.ts'
import { atHelp, standing, tokensFor } from '../../support/people/desk.ts'
import { askForHelp, cancelLink, colleague, send, sitting, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { press, text } from '../../support/people/second-factor.ts'
import { halfSignedIn, someVictim, startTwoStep, type Victim } from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

const CONTACT = 'Bel 06 1234 5678, ask for my helper Eve at evil.example'

clockOfAllTests()

const app = forAllTests(startTwoStep)
const hanna = forAllTests(() => colleague(app, 'help-desk'))

const someone = () => someVictim(app)

const stateOf = async (number: string) => (await app.core.recovery.find(number))?.state
const casesOf = ({ id }: Victim) => app.core.recovery.listByAccount(id)

async function events({ id }: Victim, type: string): Promise<string[]> {
  const records = await app.core.admin.trail.listAudit({ subject: id, limit: 200 })
  return records.filter((record) => record.type === type).map(({ outcome }) => outcome)
}

async function mails({ email }: Victim, subject: RegExp): Promise<number> {
  return (await app.inbox()).filter((mail) => mail.to === email && subject.test(mail.subject ?? '')).length
}

test('REC-07: behind a password there is a case for that account only, whoever the form names', async () => {
  const [sanne, thief] = [await someone(), await someone()]
  const browser = await atHelp(app, thief.email)
  const naming = { email: sanne.email, accountId: sanne.id, account: sanne.id, person: sanne.id, subject: sanne.id }
  await press(browser, 'request', { contact: '06 1234 5678', ...naming })
  expect([await casesOf(sanne), (await casesOf(thief)).length]).toEqual([[], 1])
  expect(await mails(sanne, /asked for help/)).toBe(0)
})

test('J7.1 nobody files a request from a sitting that is over, nor from one of another browser', async () => {
  const sanne = await someone()
  const browser = await atHelp(app, sanne.email)
  const page = browser.page.url
  const form = browser.forms()[0]?.fields ?? {}
  const stranger = new Person()
  await stranger.visit(`${app.portalOrigin}/login`)
  const { csrf = '' } = stranger.forms()[0]?.fields ?? {}
  await stranger.post(page, { ...form, csrf, step: 'request', contact: CONTACT })
  await browser.visit(sitting(browser, 'challenge/totp'))
  await browser.submit({ action: 'cancel' })
  await browser.post(page, { ...form, step: 'request', contact: CONTACT })
  // The page behind the answer begins at the application again, and takes nothing.
  expect(browser.page.url).not.toContain(new URL(page).pathname)
  expect(await casesOf(sanne)).toEqual([])
})

test('J7.1 many forms at once make one case and one mail; what was typed is in no mail, log or record', async () => {
  const sanne = await someone()
  const browser = await atHelp(app, sanne.email)
  const tabs = Array.from({ length: 8 }, () => browser.copy())
  await Promise.all(tabs.map((tab) => press(tab, 'request', { contact: CONTACT })))
  const [filed, ...others] = await casesOf(sanne)
  expect([filed?.contact, others]).toEqual([CONTACT, []])
  expect([await events(sanne, 'recovery.requested'), await mails(sanne, /asked for help/)]).toEqual([['ok'], 1])
  const told = [
    JSON.stringify(await app.inbox()),
    app.logged.join(''),
    JSON.stringify(await app.core.store.durable.listAudit({ limit: 10_000 })),
    JSON.stringify(standing(app)),
  ]
  for (const place of told) expect(place).not.toContain('evil.example')
})

test('J7.1 three new cases in a day and no more, in whatever browser; the fourth can be filed a day after the first', async () => {
  const sanne = await someone()
  const began = Date.now()
  for (let filed = 0; filed < 3; filed += 1) {
    await askForHelp(await atHelp(app, sanne.email))
    const reader = new Person()
    await reader.visit(await cancelLink(app, sanne.email))
    await reader.submit({ sure: 'yes' })
    pass(MINUTE)
  }
  for (let more = 0; more < 3; more += 1) {
    const browser = await atHelp(app, sanne.email)
    await press(browser, 'request', { contact: CONTACT })
    expect(browser.page.status).toBe(429)
  }
  expect(await casesOf(sanne)).toHaveLength(3)
  setClock(began + DAY + MINUTE)
  await askForHelp(await atHelp(app, sanne.email))
  expect(await casesOf(sanne)).toHaveLength(4)
})

test('J7.1 the link cancels once, however many press it; what is canceled is not decided, what is decided is not canceled', async () => {
  const [sanne, piet] = [await someone(), await someone()]
  const number = await askForHelp(await atHelp(app, sanne.email))
  const reader = new Person()
  await reader.visit(await cancelLink(app, sanne.email))
  const readers = Array.from({ length: 8 }, () => reader.copy())
  await Promise.all(readers.map((each) => each.submit({ sure: 'yes' })))
  for (const each of readers) expect(text(each.page)).toContain('The request is canceled')
  expect(await events(sanne, 'recovery.canceled')).toEqual(['ok'])
  expect(await mails(sanne, /was canceled/)).toBe(1)
  // Nearer to each other than requests can be.
  await askForHelp(await atHelp(app, sanne.email))
  const token = (await cancelLink(app, sanne.email)).split('/').at(-1) ?? ''
  const source = { ip: '192.0.2.1', correlation: 'TEST' }
  const canceled = await Promise.all(readers.map(() => app.core.recovery.cancel(token, source)))
  expect(canceled.filter(Boolean)).toHaveLength(1)

  await visit(app, hanna, '/admin/cases')
  const own = await tokensFor(app, hanna)
  await hanna.browser.post(`${app.origin}/admin/cases/${number}`, { ...own, step: 'issue', check: 'video' })
  expect(hanna.browser.page.status).toBe(409)
  expect(await stateOf(number)).toBe('canceled')

  const second = await askForHelp(await atHelp(app, piet.email))
  const late = new Person()
  await late.visit(await cancelLink(app, piet.email))
  await visit(app, hanna, `/admin/cases/${second}`)
  await send(hanna, { step: 'issue', check: 'video' })
  const kept = standing(app)
  await late.submit({ sure: 'yes' })
  expect(late.page.status).toBe(410)
  expect(standing(app)).toEqual(kept)
})

test('J7.1 a number that somebody guesses tells nothing: not without a role, not at the page that cancels', async () => {
  const [sanne, thief] = [await someone(), await someone()]
  const number = await askForHelp(await atHelp(app, sanne.email))
  const wrong = number === '00000000' ? '00000001' : '00000000'
  for (const path of ['/admin/cases/NUMBER', '/admin/cases?number=NUMBER', '/recovery/NUMBER']) {
    const answers = []
    for (const guess of [number, wrong]) {
      await thief.browser.visit(app.origin + path.replace('NUMBER', guess))
      answers.push(likeness({ ...thief.browser.page, url: path }, guess))
      expect([403, 410]).toContain(thief.browser.page.status)
    }
    expect(answers[0]).toEqual(answers[1])
    expect(JSON.stringify(answers)).not.toContain(sanne.email)
  }
  // In one's own sitting too there is only one's own.
  const own = await halfSignedIn(app, thief.email)
  for (const path of [`challenge/none?number=${number}`, `challenge/${number}`]) {
    await own.visit(sitting(own, path))
    expect(own.page.html).not.toContain(sanne.email)
  }
  expect(await stateOf(number)).toBe('open')
})

test('J7.1 at the help desk a guess is recorded, and a number cannot be made to name something else', async () => {
  const before = (await app.core.admin.trail.listAudit({ limit: 1000 })).length
  const guesses = ['00000000', '0000 0000', '1', "' OR 1=1 --", '%', '../people', '١٢٣٤٥٦٧٨', '12345678.0', '1e7']
  for (const guess of guesses) {
    await visit(app, hanna, `/admin/cases/${encodeURIComponent(guess)}`)
    expect([guess, hanna.browser.page.status]).toEqual([guess, 404])
  }
  const trail = (await app.core.admin.trail.listAudit({ limit: 1000 })).slice(0, -before)
  const shown = trail.filter(({ details }) => details?.verb === 'case:show')
  expect(shown.map(({ outcome, actor }) => [outcome, actor])).toEqual(
    Array(3).fill(['refused', (await asked(app.core.store.durable.people).findAccountByEmail(hanna.email))?.id]),
  )
})

test('J7.1 two representatives decide at once: one code, one mail, one decision', async () => {
  const hugo = await colleague(app, 'help-desk')
  for (let round = 0; round < 5; round += 1) {
    const sanne = await someone()
    const number = await askForHelp(await atHelp(app, sanne.email))
    const desks = [hanna, hugo, hanna, hugo]
    const forms = []
    for (const who of desks) {
      await visit(app, who, `/admin/cases/${number}`)
      forms.push({ browser: who.browser.copy(), fields: who.browser.forms().find(({ fields }) => fields.csrf)?.fields })
    }
    const answers = await Promise.all(
      forms.map(({ browser, fields }, index) =>
        browser.post(`/admin/cases/${number}`, {
          ...fields,
          step: index === 3 ? 'decline' : 'issue',
          check: 'call-back',
          note: '',
        }),
      ),
    )
    const decided = [...(await events(sanne, 'recovery.issued')), ...(await events(sanne, 'recovery.declined'))]
    expect(decided).toEqual(['ok'])
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(3)
    const told = (await app.inbox()).filter(
      ({ to, subject }) => to === sanne.email && /given out|declined/.test(subject ?? ''),
    )
    expect(told).toHaveLength(1)
    expect(standing(app).temporaryCodes?.filter((row) => row.accountId === sanne.id).length).toBeLessThan(2)
  }
})

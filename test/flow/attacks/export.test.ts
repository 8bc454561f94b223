/**
 * Q-04, K-10: everything that is kept of a person, as the person downloads it. Two people with one of everything, who
 * did things to each other: each finds their own, no secret, and nothing of the other.
 */
import { beforeAll, expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { elsewhere, mailedCode, open, settled } from '../../support/app/settings.ts'
import { sql } from '../../support/attack/attack.ts'
import { asked } from '../../support/people/asked-people.ts'
import { atHelp, keptSecrets, readable } from '../../support/people/desk.ts'
import { askForHelp, colleague, send, visit } from '../../support/people/help-desk.ts'
import { organizationId } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, press } from '../../support/people/second-factor.ts'
import { addApp, addNumber, changeEmail } from '../../support/people/settings-changes.ts'
import { nextCode, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

interface Subject {
  who: Someone
  id: string
  /** What only this person has: names, addresses, numbers. */
  own: string[]
  secrets: string[]
}

let sanne: Subject
let hanna: Subject

clockOfAllTests()

const app = forAllTests(() =>
  startApp({
    settings: {
      trustedProxies: 1,
      throttle: { perAddress: 1e6, perNetwork: 1e6 },
      twoStep: { sms: { perNetworkHour: 1e3 } },
    },
  }),
)
beforeAll(async () => {
  sanne = await everythingOf(await settled(app, () => Date.now()), 'Sanne Kanarie', '198.51.100.7', 'by pigeon')
  hanna = await everythingOf(await colleague(app, 'help-desk', 'owner'), 'Hanna Nachtegaal', '203.0.113.9', 'by smoke')
  // Hanna refuses what Sanne asks for, and takes her data out; Sanne knocks at Hanna's door.
  await open(app, hanna.who, `/admin/cases/${sanne.own.at(-1)}`)
  await send(hanna.who, { step: 'decline', check: 'video', note: 'did not sound like her' })
  await open(app, hanna.who, `/admin/people/${sanne.id}/data`)
  await send(hanna.who)
  await open(app, hanna.who, `/admin/people?q=${sanne.who.email}`)
  await open(app, sanne.who, '/account/email')
  await sanne.who.browser.submit({ address: hanna.who.email })
  await open(app, sanne.who, `/admin/people/${hanna.id}`)
})

/** From an address of their own: two apps, a number, two addresses and one of before, a device, sessions, a case. */
async function everythingOf(base: Someone, name: string, ip: string, contact: string): Promise<Subject> {
  const who = elsewhere(
    base,
    new Person({ headers: { 'x-forwarded-for': ip, 'user-agent': `Firefox/1${name.length}.0 (X11; Linux)` } }),
  )
  const before = who.email
  await open(app, who, '/account')
  await addApp(app, who)
  await addNumber(app, who)
  await open(app, who, '/account/notice-address')
  await who.browser.submit({ address: `second-${before}` })
  await press(who.browser, 'code', { code: await mailedCode(app, `second-${before}`) })
  await open(app, who, '/account/email')
  await changeEmail(app, who)
  const other = new Person({ headers: { 'x-forwarded-for': ip } })
  await other.visit(`${app.portalOrigin}/login`)
  await other.submit({ email: who.email, password: PASSWORD })
  await press(other, 'verify', { code: nextCode(who), remember: 'yes' })
  const filed = await askForHelp(await atHelp(app, who.email), contact)
  const id = (await asked(app.core.store.durable.people).findAccountByEmail(who.email))?.id ?? ''
  sql(
    app,
    `UPDATE people SET record = json_set(record, '$.account.name', ?, '$.account.organizationId', ?) WHERE id = ?`,
    `=HYPERLINK("${name}")`,
    await organizationId(app, `+${name} BV`),
    id,
  )
  const phone = (await asked(app.core.store.durable.people).listAuthenticators(id)).find(({ kind }) => kind === 'sms')
  const number = app.core.seal.open(phone?.sealed ?? '', `authenticator/${id}/${phone?.id}`)
  return {
    who,
    id,
    own: [id, before, `second-${before}`, who.email, name, ip, contact, filed],
    secrets: [who.enrolled?.key ?? '', who.enrolled?.backupCode ?? '', base.enrolled?.key ?? '', number],
  }
}

async function download({ who }: Subject, fields: Record<string, string> = {}): Promise<string> {
  await open(app, who, '/account/data')
  await who.browser.submit(fields)
  return who.browser.page.html
}

const people = () => [sanne, hanna]
const otherOf = (one: Subject) => people().find((other) => other !== one) ?? one

test('Q-04 each person downloads valid JSON, as a file that no page and no spreadsheet opens by itself', async () => {
  for (const one of people()) {
    const data = JSON.parse(await download(one))
    const { headers } = one.who.browser.page
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('content-disposition')).toBe('attachment; filename="sigma-id-data.json"')
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff'])
    expect(Object.keys(data).sort()).toEqual(
      'account activity addresses applications authenticators backupCode recoveryCases rememberedDevices sessions'.split(
        ' ',
      ),
    )
    // K-10: in JSON a formula is a text.
    expect(data.account.name).toBe(`=HYPERLINK("${one.own[4]}")`)
  }
})

test('Q-04 everything that is kept of the person is in it', async () => {
  for (const one of people()) {
    const [id, before, second, email, , ip, contact, number] = one.own
    const data = JSON.parse(await download(one))
    expect(data).toMatchObject({
      account: { id, organization: `+${one.own[4]} BV`, language: 'en', status: 'active' },
      addresses: { email, notices: second, previousEmail: before },
      authenticators: [
        { kind: 'app' },
        { kind: 'app' },
        { kind: 'phone', lastDigits: expect.stringMatching(/^\d\d$/) },
      ],
      backupCode: { saved: true },
      rememberedDevices: [{ method: 'totp' }],
      recoveryCases: [{ number, contact }],
    })
    expect(data.sessions.length).toBeGreaterThan(1)
    expect(data.applications).toEqual([{ clientId: 'portal', name: 'Sigma Portal', since: expect.any(String) }])
    expect(data.activity).toContainEqual(expect.objectContaining({ type: 'factor.enrolled', by: 'you', address: ip }))
    expect(JSON.stringify(data).match(/"\w*At":"/g)?.length).toBeGreaterThan(10)
    for (const at of JSON.stringify(data).match(/(?<=At":")[^"]+/g) ?? [])
      expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  }
})

test('Q-04 no secret is in it, nor anything in the database that a secret could be found or proven by', async () => {
  const cookies = people().flatMap(({ who }) => who.browser.cookies.map(({ value }) => value))
  const secrets = [
    ...keptSecrets(app),
    ...people().flatMap(({ secrets }) => secrets),
    ...cookies.filter((value) => value.length > 15),
    PASSWORD,
    'did not sound like her',
  ].filter((secret) => secret !== '')
  expect(secrets.length).toBeGreaterThan(60)
  for (const one of people()) expect(readable(await download(one), secrets)).toEqual([])
  const [planted = ''] = secrets
  expect(readable(JSON.stringify({ planted }), secrets)).toEqual([planted])
})

test('Q-04 nothing of the other is in it, whatever they did to each other', async () => {
  for (const one of people()) {
    const told = await download(one)
    for (const foreign of otherOf(one).own)
      expect([one.own[4], foreign, told.includes(foreign)]).toEqual([one.own[4], foreign, false])
    for (const mine of one.own) expect(told).toContain(mine)
  }
  const told = JSON.parse(await download(sanne))
  const byOthers = told.activity.filter(({ by }: { by: string }) => by === 'administrator')
  const types = byOthers.map(
    ({ type, details }: { type: string; details?: { verb?: string } }) => details?.verb ?? type,
  )
  expect(types).toEqual(
    expect.arrayContaining(['recovery.declined', 'case:decide', 'account.exported', 'person:export']),
  )
  for (const event of byOthers) expect([event.address, event.actor]).toEqual([undefined, undefined])
})

test('Q-04 nobody downloads anybody else’s: what a form or an address names is not read', async () => {
  const { id, own } = hanna
  const naming = { person: id, account: id, accountId: id, id, email: own[3] ?? '', sub: id }
  expect(await download(sanne, naming)).not.toContain(id)
  await sanne.who.browser.visit(`${app.origin}/account/data?${new URLSearchParams(naming)}`)
  await sanne.who.browser.submit()
  expect(sanne.who.browser.page.html).not.toContain(id)
  // With the form of a page that was made for the other.
  await open(app, sanne.who, '/account/data')
  await open(app, hanna.who, '/account/data')
  const form = sanne.who.browser.forms()[0]?.fields ?? {}
  const theirs = hanna.who.browser.forms()[0]?.fields ?? {}
  await sanne.who.browser.post('/account/data', { ...form, for: theirs.for ?? '' })
  expect(sanne.who.browser.page.status).toBe(403)
})

test('Q-04 twice at once: both are the person’s own, and each is recorded and told', async () => {
  await open(app, sanne.who, '/account/data')
  const before = await exports(sanne)
  const answers = await Promise.all([1, 2].map(() => sanne.who.browser.copy().submit()))
  for (const { html } of answers) expect(JSON.parse(html).account.id).toBe(sanne.id)
  expect(await exports(sanne)).toEqual([(before[0] ?? 0) + 2, (before[1] ?? 0) + 2])
})

/** How many exports the trail has, and how many mails told the present address. */
async function exports({ id, who }: Subject): Promise<number[]> {
  const records = await app.core.admin.trail.listAudit({ subject: id, limit: 1000 })
  const mails = (await app.inbox()).filter(({ to, subject }) => to === who.email && subject?.includes('downloaded'))
  return [records.filter(({ type }) => type === 'account.exported').length, mails.length]
}

test('A-03 a browser that signed out downloads nothing', async () => {
  const browser = hanna.who.browser.copy()
  await browser.visit(`${app.origin}/account/data`)
  const form = browser.forms()[0]?.fields ?? {}
  await visit(app, hanna.who, '/account/sign-out-everywhere')
  await hanna.who.browser.submit()
  await browser.post(`${app.origin}/account/data`, form)
  expect(browser.page.html).not.toContain(hanna.id)
  expect(browser.page.html).toContain('name="password"')
})

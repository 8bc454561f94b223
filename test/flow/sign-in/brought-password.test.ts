/**
 * A password that was brought along is looked at when it is first typed, and whoever has one that would not be taken here
 * is asked for another, or has to choose one, before the sign-in goes on to where it was going.
 */
import { hash as bcrypt } from '@node-rs/bcrypt'
import { beforeAll, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { newSecret } from '../../../src/mfa/app-code.ts'
import { emailKey } from '../../../src/person/account.ts'
import { ASKED_FOR, type ImportedRule } from '../../../src/person/imported.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { bringIn, fileOf, line } from '../../support/people/imports.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, PASSWORD as GOOD, press, text } from '../../support/people/second-factor.ts'
import { leaveOpen } from '../../support/people/wanderer.ts'
import { forAllTests } from '../../support/runner/made.ts'

type Policy = ImportedRule['passwords']

const SHORT = 'fiets123'
const NEW = 'nieuwe zin met andere woorden'
/** Long enough, and made of nothing but the person's own name. */
const OWN = 'Jan Mens-Jan Mens-Jan Mens'
const TITLE = 'Choose a longer password'

clockOfAllTests()

const app = forAllTests(startApp)
/** Whose codes are made by which secret. */
const secrets = new Map<string, string>()
const hashes: Record<string, string> = {}
let people = 0

beforeAll(async () => {
  for (const password of [SHORT, GOOD, OWN]) hashes[password] = await bcrypt(password, 4)
})

function policy(passwords: Policy): void {
  for (const { config } of app.nodes) config.imported.passwords = passwords
}

/** Somebody who has just been brought; their address. */
async function brought(password: string, factor: 'mfa' | 'none' = 'none'): Promise<string> {
  people += 1
  const email = `mens${people}@oud.example`
  const totp = factor === 'mfa' ? [{ secret: newSecret(), encoding: 'base32' }] : []
  for (const { secret } of totp) secrets.set(email, secret)
  const given = { email, name: 'Jan Mens', locale: 'en', password: hashes[password], totp }
  expect(await bringIn(app.core, { file: fileOf(app.folder, 'people.jsonl', [line(people, given)]) })).toMatchObject({
    written: 1,
  })
  return email
}

/** To what comes after the password, and the code of whoever has an app. */
async function signIn(email: string, password: string, person = new Person()): Promise<Person> {
  await person.visit(`${app.portalOrigin}/login`)
  await person.submit({ email, password })
  const secret = secrets.get(email)
  if (secret !== undefined && person.page.html.includes('name="code"')) {
    pass(30 * SECOND)
    await press(person, 'code', { code: codeOf(secret, Date.now()) })
  }
  if (person.page.html.includes('value="saved"')) await press(person, 'saved', { saved: 'yes' })
  return person
}

const atPortal = ({ page }: Person) => page.url === `${app.portalOrigin}/`
const asks = ({ page }: Person) => text(page).includes(TITLE)
const mayWait = ({ page }: Person) => page.html.includes('value="later"')
const choose = (person: Person, password = NEW, repeat = password) => person.submit({ password, repeat })

async function recordOf(email: string) {
  return (await app.core.store.durable.people.findBy(keyOf.email(emailKey(email))))?.record.account
}

test.each<[Policy, password: string, factor: 'mfa' | 'none', what: 'nothing' | 'asked' | 'asked until' | 'required']>([
  ['keep', SHORT, 'none', 'nothing'],
  ['keep', SHORT, 'mfa', 'nothing'],
  ['keep', GOOD, 'none', 'nothing'],
  ['keep', GOOD, 'mfa', 'nothing'],
  ['ask', SHORT, 'none', 'asked until'],
  ['ask', SHORT, 'mfa', 'asked'],
  ['ask', GOOD, 'none', 'nothing'],
  ['ask', GOOD, 'mfa', 'nothing'],
  ['require', SHORT, 'none', 'required'],
  ['require', SHORT, 'mfa', 'asked'],
  ['require', GOOD, 'none', 'nothing'],
  ['require', GOOD, 'mfa', 'nothing'],
  ['require', OWN, 'none', 'required'],
])('%s, of «%s» with %s: %s', async (passwords, password, factor, what) => {
  policy(passwords)
  const email = await brought(password, factor)
  const person = await signIn(email, password)
  expect((await recordOf(email))?.imported?.passwordWeak).toBe(what === 'nothing' ? undefined : true)
  if (what === 'nothing') return expect(atPortal(person)).toBe(true)

  expect([asks(person), mayWait(person)]).toEqual([true, what !== 'required'])
  const until = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'Europe/Amsterdam' })
  const date = `until ${until.format(Date.now() + ASKED_FOR)}`
  expect(text(person.page).replaceAll('\u00a0', ' ').includes(date)).toBe(what === 'asked until')
  if (what !== 'required') {
    await press(person, 'later')
    expect(atPortal(person)).toBe(true)
    // Not again in this session, and again in the next.
    await person.visit(`${app.portalOrigin}/login`)
    expect(atPortal(person)).toBe(true)
    await signIn(email, password, person)
  }
  const other = what === 'required' ? person : await signIn(email, password)
  expect(asks(other)).toBe(true)
  await press(other, what === 'required' ? 'later' : 'x', { password: SHORT, repeat: SHORT })
  expect(asks(other)).toBe(true)
  await choose(other)
  expect(atPortal(other)).toBe(true)

  const again = await signIn(email, password)
  expect(text(again.page)).toContain('not right')
  expect(atPortal(await signIn(email, NEW))).toBe(true)
})

test('put off on a page that was open over night: the password is asked for, and not another one', async () => {
  policy('ask')
  const email = await brought(SHORT)
  const person = await signIn(email, SHORT)
  expect(asks(person)).toBe(true)
  leaveOpen(person, 13 * HOUR)
  await press(person, 'later')
  await person.submit({ email, password: SHORT })
  expect(atPortal(person)).toBe(true)
  expect(asks(await signIn(email, SHORT))).toBe(true)
})

test('whoever is asked has to when the date is there, also in a session that was open before', async () => {
  policy('ask')
  const email = await brought(SHORT)
  const found = await signIn(email, SHORT)
  expect(asks(found)).toBe(true)
  // Nor of whoever finds the session open is another password taken.
  await found.visit(`${app.portalOrigin}/login`)
  expect(atPortal(found)).toBe(true)
  pass(ASKED_FOR - DAY)
  const before = await signIn(email, SHORT)
  expect(mayWait(before)).toBe(true)
  await press(before, 'later')
  pass(DAY - 2 * SECOND)
  const last = await signIn(email, SHORT)
  await press(last, 'later')
  expect(atPortal(last)).toBe(true)
  pass(3 * SECOND)
  // Whoever found the session open would choose it: the one before is asked for first.
  await last.visit(`${app.portalOrigin}/login`)
  expect([asks(last), last.page.html.includes('name="email"')]).toEqual([false, true])
  await last.submit({ email, password: SHORT })
  expect([asks(last), mayWait(last)]).toEqual([true, false])
})

test('what is typed is judged as anywhere, a new password ends what was signed in elsewhere, and is told by mail', async () => {
  policy('ask')
  const email = await brought(SHORT)
  const elsewhere = await signIn(email, SHORT)
  await press(elsewhere, 'later')
  await elsewhere.visit(`${app.origin}/account`)
  expect(elsewhere.page.url).toBe(`${app.origin}/account`)

  const person = await signIn(email, SHORT)
  const sitting = person.page.url
  const [check = ''] = /\/interaction\/[^"]+\/check/.exec(person.page.html) ?? []
  const judge = (password: string) =>
    fetch(app.origin + check, {
      method: 'POST',
      body: JSON.stringify({ password }),
      headers: {
        'content-type': 'application/json',
        cookie: person.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
      },
    })
  expect(await (await judge(OWN)).json()).toEqual({ ok: false, reasons: ['personal'] })
  expect(await (await judge(NEW)).json()).toEqual({ ok: true, reasons: [] })
  const burst = await Promise.all(Array.from({ length: 119 }, () => judge(SHORT)))
  expect(burst.filter(({ status }) => status === 429)).toHaveLength(1)
  expect((await choose(person)).status).toBe(429)
  pass(MINUTE)
  await person.visit(sitting)
  for (const [password, repeat, said] of [
    ['', '', 'Enter a new password'],
    [OWN, OWN, 'looks like your name'],
    [NEW, GOOD, 'not the same'],
  ] as const) {
    await choose(person, password, repeat)
    expect([person.page.status, text(person.page)]).toEqual([400, expect.stringContaining(said)])
  }
  await choose(person)
  expect(atPortal(person)).toBe(true)
  await person.visit(`${app.origin}/account`)
  expect(person.page.url).toBe(`${app.origin}/account`)
  await elsewhere.visit(`${app.origin}/account`)
  expect(elsewhere.page.url).not.toBe(`${app.origin}/account`)
  const mail = (await app.inbox()).find(({ to }) => to === email)
  expect(mail?.subject).toContain('password')
})

test('two tabs: the second goes on with what the first chose; and **Cancel** goes back without a session that opens', async () => {
  policy('require')
  const email = await brought(SHORT)
  const person = await signIn(email, SHORT)
  const second = await signIn(email, SHORT, person.copy())
  expect(asks(second)).toBe(true)
  person.cookies = second.cookies.map((cookie) => ({ ...cookie }))
  await choose(person)
  expect((await recordOf(email))?.passwordChangedAt).toBe(Date.now())
  second.cookies = person.cookies
  await choose(second, 'weer een andere zin met woorden')
  expect(atPortal(second)).toBe(true)
  expect(atPortal(await signIn(email, NEW))).toBe(true)

  const other = await signIn(await brought(SHORT), SHORT)
  await other.submit({ action: 'cancel' })
  expect(other.page.url).toContain(app.portalOrigin)
  expect(text(other.page)).not.toContain('Jan Mens')
  await other.visit(`${app.origin}/account`)
  expect(other.page.html).toContain('name="password"')
})

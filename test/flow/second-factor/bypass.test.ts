/** SECURITY A: ways around the second step. The server's state decides; no address, form, cookie or other door does. */
import { beforeEach, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { disable, raw } from '../../support/attack/attack.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, PASSWORD, press, text, wrongCode } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  errorOf,
  halfSignedIn,
  someVictim,
  startTwoStep,
  tries,
  type Victim,
  victim,
} from '../../support/people/second-factor-attack.ts'
import { nextCode } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const ZEROS = '000000'
let sanne: Victim

const app = forAllTests(startTwoStep)
clockOfEachTest()
beforeEach(async () => {
  sanne = await someVictim(app)
  // Until zeros are a wrong code.
  do pass(MINUTE)
  while (wrongCode(sanne.key, Date.now()) !== ZEROS)
})

const uidOf = (person: Person) => /interaction\/([^/?]+)/.exec(person.page.url)?.[1] ?? ''
const code = () => codeOf(sanne.key, Date.now())

test('A-01: going on without the second step leads back to it', async () => {
  const thief = await halfSignedIn(app, sanne.email)
  const first = uidOf(thief)
  for (const address of [`/auth/${first}`, `/auth/${first}?`, `/interaction/${first}`]) {
    await thief.visit(app.origin + address)
    // The resume address without a result walks the list again, or is nobody's.
    expect(codesOf(thief), address).toEqual([])
    expect(thief.page.status, address).toBeLessThan(500)
  }
  await thief.visit(authorize(app))
  expect(text(thief.page)).toContain('6-digit code')
})

test('A-02: forms of other steps change nothing while the second step is due', async () => {
  const thief = await halfSignedIn(app, sanne.email)
  const uid = uidOf(thief)
  const [form] = thief.forms()
  for (const step of ['consent', 'enroll', 'password', 'select_account', 'login', 'assurance', 'facts'])
    for (const fields of [{ step: 'enable' }, { step: 'continue' }, { step: 'later' }, { step: 'saved' }]) {
      await thief.post(`${app.origin}/interaction/${uid}/${step}`, { csrf: form?.fields.csrf ?? '', ...fields })
      expect(text(thief.page), step).toContain('6-digit code')
    }
  expect(codesOf(thief)).toEqual([])
})

test('A-04: a finished second step cannot be finished again', async () => {
  const browser = await halfSignedIn(app, sanne.email)
  const before = browser.copy()
  await press(browser, 'verify', { code: code() })
  expect(codesOf(browser)).toHaveLength(1)
  pass(31 * SECOND)
  await press(before, 'verify', { code: code() })
  expect(before.page.html).toContain('name="password"')
  expect(codesOf(before)).toEqual([])
})

test('A-05: the address of one sitting in the browser of another is refused', async () => {
  const mallory = await someVictim(app)
  pass(MINUTE)
  const own = await halfSignedIn(app, mallory.email)
  const other = await halfSignedIn(app, sanne.email)
  const csrf = own.forms()[0]?.fields.csrf ?? ''
  for (const page of ['', '/totp', '/backup']) {
    const address = `${app.origin}/interaction/${uidOf(other)}/challenge${page}`
    await own.post(address, { csrf, code: codeOf(mallory.key, Date.now()), step: 'verify' })
    expect(own.page.status, page).toBe(400)
  }
  expect([codesOf(own), codesOf(other)]).toEqual([[], []])
  expect(await tries(app, 'totp', sanne.id)).toBe(0)
})

test('A-07: whatever a browser makes of a refusal, the next request still needs the code', async () => {
  const thief = await halfSignedIn(app, sanne.email)
  await press(thief, 'verify', { code: wrongCode(sanne.key, Date.now()) })
  for (const client of ['payroll', 'leave', 'portal', 'strict']) {
    await thief.visit(authorize(app, client))
    expect(text(thief.page), client).toContain('6-digit code')
  }
  const token = await thief.request('GET', `${app.origin}/me`)
  expect(token.status).toBeGreaterThanOrEqual(400)
  expect(codesOf(thief)).toEqual([])
})

test('A-08: a new password does not replace the second step, and prompt=none is told that one is due', async () => {
  const thief = new Person()
  await thief.visit(`${app.origin}/recover`)
  await thief.submit({ email: sanne.email })
  await thief.visit(await app.linkFor(sanne.email))
  await thief.submit({ password: `${PASSWORD} nieuw`, repeat: `${PASSWORD} nieuw` })
  await thief.visit(authorize(app))
  await thief.submit({ email: sanne.email, password: `${PASSWORD} nieuw` })
  expect(text(thief.page)).toContain('6-digit code')
  await thief.visit(authorize(app, 'payroll', { prompt: 'none' }))
  expect(errorOf(thief)).toBe('interaction_required')
  expect(codesOf(thief)).toEqual([])
})

/** What is no code by its shape is told so, and is not a try: of the app, and of what has other signs than digits. */
const NOTHINGS: Array<[string, Record<string, string>, app: number, others: number]> = [
  ['nothing at all', {}, 0, 0],
  ['no code', { step: 'verify' }, 0, 0],
  ['an empty code', { code: '' }, 0, 0],
  ['signs that nobody sees', { code: ' \u200b-' }, 0, 0],
  ['zeros', { code: ZEROS }, 1, 1],
  ['the word null', { code: 'null' }, 0, 1],
  ['a list', { 'code[]': '123456' }, 0, 0],
  ['an object', { 'code[$ne]': 'x' }, 0, 0],
  ['200 digits', { code: '1'.repeat(200) }, 0, 1],
  ['digits of another script', { code: '١٢٣٤٥٦' }, 1, 1],
]
test.each(NOTHINGS)('A-09: %s is no code, for every method, and counted once if it could be one', async (...row) => {
  const [, fields, ofApp, others] = row
  for (const method of ['totp', 'backup', 'temporary']) {
    const thief = await halfSignedIn(app, sanne.email)
    const csrf = thief.forms()[0]?.fields.csrf ?? ''
    await thief.post(`${app.origin}/interaction/${uidOf(thief)}/challenge/${method}`, { csrf, ...fields })
    expect(thief.page.status, method).toBe(400)
    const counted = method === 'totp' ? ofApp : others
    expect(text(thief.page), method).toMatch(counted ? /not right/i : /Enter (the|your) [a-z ]*code/)
    expect(await tries(app, method, sanne.id), method).toBe(counted)
    expect(codesOf(thief), method).toEqual([])
  }
})

test('A-13: whose second step it is, the server knows: no field, hint or own code changes it', async () => {
  const mallory = await someVictim(app)
  pass(MINUTE)
  const thief = await halfSignedIn(app, sanne.email)
  const more = { email: mallory.email, account: mallory.id, accountId: mallory.id, login_hint: mallory.email }
  await press(thief, 'verify', { code: nextCode({ enrolled: mallory }, sanne.key), ...more })
  expect(thief.page.status).toBe(400)
  await thief.visit(`${app.origin}/interaction/${uidOf(thief)}/challenge/backup?account=${mallory.id}`)
  await press(thief, 'verify', { code: mallory.backupCode, ...more })
  expect(thief.page.status).toBe(400)
  expect([await tries(app, 'totp', sanne.id), await tries(app, 'backup', sanne.id)]).toEqual([1, 1])
  expect([await tries(app, 'totp', mallory.id), await tries(app, 'backup', mallory.id)]).toEqual([0, 0])
  expect(codesOf(thief)).toEqual([])
})

test('A-14: a method that the person does not have, and one that nobody has, let nobody through', async () => {
  const methods = 'sms totp2 passkey __proto__ constructor toString methods none TOTP %00 ..%2ftotp'.split(' ')
  for (const method of methods) {
    const thief = await halfSignedIn(app, sanne.email)
    const csrf = thief.forms()[0]?.fields.csrf ?? ''
    const address = `${app.origin}/interaction/${uidOf(thief)}/challenge/${method}`
    for (const fields of [
      { code: sanne.backupCode, step: 'verify' },
      { code: '', step: 'send' },
    ]) {
      await thief.post(address, { csrf, ...fields })
      expect(thief.page.status, method).toBeLessThan(500)
      expect(codesOf(thief), method).toEqual([])
    }
    await thief.visit(address)
    expect(thief.page.status, method).toBeLessThan(500)
    // Their failures are not what is tried here.
    await app.core.attempts.reset(`second-factor/totp/${sanne.id}`)
  }
})

test('A-15: who turned it on is asked, whatever the campaign or the application says', async () => {
  const relaxed = await startTwoStep({ settings: { twoStep: {} } })
  const bea = await victim(relaxed, 'bea@sigma.example', undefined, 'strict')
  const thief = await halfSignedIn(relaxed, bea.email)
  expect(text(thief.page)).toContain('6-digit code')
  expect(codesOf(thief)).toEqual([])
  await relaxed.stop()
})

test('A-16: a session with the password only is worth nothing anywhere', async () => {
  const thief = await halfSignedIn(app, sanne.email)
  for (const client of ['payroll', 'leave', 'quick', 'strict', 'portal']) {
    await thief.visit(authorize(app, client, { prompt: 'none' }))
    expect(errorOf(thief), client).toBe('interaction_required')
  }
  const session = thief.cookie('sigma-session') ?? ''
  for (const path of ['/me', '/token/introspection', '/token'])
    for (const authorization of [undefined, `Bearer ${session}`]) {
      const method = path === '/me' ? 'GET' : 'POST'
      const answer = await thief.request(method, app.origin + path, undefined, {
        ...(authorization && { authorization }),
      })
      expect([400, 401, 403, 415], path).toContain(answer.status)
    }
  expect(codesOf(thief)).toEqual([])
})

test('A-17: what changed in the store counts at once, for a sitting that is open already', async () => {
  const thief = await halfSignedIn(app, sanne.email)
  disable(app, sanne.email)
  await press(thief, 'verify', { code: code() })
  expect(thief.page.status).toBeLessThan(500)
  expect(codesOf(thief)).toEqual([])
})

test('A-18: no spelling of method or path gets by', async () => {
  const thief = await halfSignedIn(app, sanne.email)
  const uid = uidOf(thief)
  const csrf = thief.forms()[0]?.fields.csrf ?? ''
  const cookie = thief.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const body = new URLSearchParams({ csrf, code: wrongCode(sanne.key, Date.now()), step: 'verify' }).toString()
  const paths = [
    '//challenge',
    '/challenge/',
    '/./challenge',
    '/%2e%2e/x',
    '/challenge%2ftotp',
    '/Challenge',
    '/challenge.',
    '/challenge;x',
  ]
  for (const path of paths)
    for (const method of ['HEAD', 'PUT', 'PATCH', 'DELETE', 'POST', 'OPTIONS', 'get']) {
      const head = `${method} /interaction/${uid}${path} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n`
      const type = 'Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n'
      const answer = await raw(app.origin, `${head}${type}Content-Length: ${body.length}\r\n\r\n${body}`)
      expect(answer, `${method} ${path}`).not.toMatch(/^HTTP\/1.1 5/)
      expect(answer, `${method} ${path}`).not.toContain('code=')
    }
  const answer = await thief.request('GET', `${app.origin}/interaction/${uid}/challenge?csrf=${csrf}&code=${code()}`)
  expect(answer.headers.get('location')).toBe(`/interaction/${uid}`)
})

/** How long a session lasts, what ends it, and that what ended it ends everything that hangs on it. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as oidc from 'openid-client'
import { beforeEach, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { PAYROLL } from '../../support/oidc/client-records.ts'
import {
  activate,
  answer,
  asksPassword,
  EMAIL,
  errorOf,
  PASSWORD,
  relyingParty,
  world,
} from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

let sanne: Person

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))

clockOfEachTest()
beforeEach(async () => {
  sanne = new Person()
  await house.signIn(sanne)
})

/** What an administrator does to an account, straight in the store. */
function alterAccount(email: string, change: string): void {
  const db = new DatabaseSync(join(here.app.folder, 'sigma-id.db'))
  db.prepare(`UPDATE people SET record = json_set(record, ${change}) WHERE record->>'$.account.emailKey' = ?`).run(
    email,
  )
  db.close()
}

async function silently(person: Person): Promise<string> {
  await house.open(person, { prompt: 'none' })
  return answer(person).get('error') ?? 'code'
}

test('K-01 in a session the id of a client is a key that leads to nothing that all objects share', () => {
  const { Session } = here.app.oidc.provider() as unknown as { Session: new () => SessionKeys }
  const session = new Session()
  for (const name of ['__proto__', 'constructor']) {
    expect(session.sidFor(name)).toBeUndefined()
    session.sidFor(name, 'planted')
    expect(session.sidFor(name)).toBe('planted')
  }
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(Object).not.toHaveProperty('sid')
})

interface SessionKeys {
  sidFor(clientId: string, value?: string): string | undefined
}

test('a listener of the provider that throws is a line in the log, and the person goes on', async () => {
  const provider = here.app.oidc.provider()
  const fail = () => {
    throw new Error('a listener of nobody')
  }
  provider.on('authorization.success', fail)
  provider.on('grant.success', fail)
  expect((await house.signIn(sanne)).access_token).toBeDefined()
  provider.off('authorization.success', fail)
  provider.off('grant.success', fail)
  expect(here.app.logged.filter((line) => line.includes('a listener of nobody'))).toHaveLength(2)
})

test('I-05 a session that nobody used for 60 minutes asks for the password', async () => {
  pass(59 * MINUTE)
  expect(await silently(sanne)).toBe('code')
  pass(59 * MINUTE)
  expect(await silently(sanne)).toBe('code')
  pass(60 * MINUTE + 6 * SECOND)
  expect(await silently(sanne)).toBe('login_required')
})

test('I-05 a session that is used all the time ends after 12 hours, and what hangs on it too', async () => {
  const first = await house.signIn(sanne)
  for (let at = 0; at < 23; at += 1) {
    pass(HOUR / 2)
    expect(await silently(sanne)).toBe('code')
  }
  const late = await house.signIn(sanne)
  expect(late.claims()?.auth_time).toBe(first.claims()?.auth_time)
  pass(HOUR / 2 + 6 * SECOND)
  expect(await silently(sanne)).toBe('login_required')
  expect(await errorOf(house.refresh(late.refresh_token))).toBe('invalid_grant')
  const request = await house.request()
  await sanne.visit(request.url.href)
  expect(asksPassword(sanne)).toBe(true)
})

test('signing in again starts the 12 hours anew', async () => {
  pass(50 * MINUTE)
  const request = await house.request({ prompt: 'login' })
  await sanne.visit(request.url.href)
  await sanne.submit({ password: PASSWORD })
  for (let at = 0; at < 23; at += 1) {
    pass(HOUR / 2)
    expect(await silently(sanne)).toBe('code')
  }
})

test('I-04 a disabled account: session, tokens and password open nothing, and that is no fault', async () => {
  await activate(here.app, 'disabled@sigma.example', 'Dirk')
  const dirk = new Person()
  const request = await house.open(dirk, {}, 'disabled@sigma.example')
  const tokens = await house.redeem(dirk.page.url, request)
  const code = await house.open(dirk)
  alterAccount('disabled@sigma.example', `'$.account.status', 'disabled'`)

  expect(await errorOf(house.redeem(dirk.page.url, code))).toBe('invalid_grant')
  expect(await errorOf(house.refresh(tokens.refresh_token))).toBe('invalid_grant')
  const sub = tokens.claims()?.sub ?? ''
  expect(await errorOf(oidc.fetchUserInfo(house.config, tokens.access_token, sub))).toBe('invalid_token')
  expect(await silently(dirk)).toBe('login_required')
  await house.open(dirk, {}, 'disabled@sigma.example')
  expect(dirk.page.status).toBe(400)
  expect(asksPassword(dirk)).toBe(true)
})

test('a session of an earlier epoch, written back by a request that was under way, opens nothing', async () => {
  expect(await silently(sanne)).toBe('code')
  alterAccount(EMAIL, `'$.account.epoch', record->>'$.account.epoch' + 1`)
  expect(await silently(sanne)).toBe('login_required')
  await house.open(sanne)
  expect(await silently(sanne)).toBe('code')
})

test('I-03 a new password ends sessions and tokens and tells the applications', async () => {
  await activate(here.app, 'reset@sigma.example', 'Rik')
  const rik = new Person()
  const request = await house.open(rik, { scope: 'openid payroll:read', resource: PAYROLL }, 'reset@sigma.example')
  const tokens = await house.redeem(rik.page.url, request)
  pass(5 * SECOND)
  here.apps.received.length = 0

  const elsewhere = new Person()
  await elsewhere.visit(`${here.app.origin}/recover`)
  await elsewhere.submit({ email: 'reset@sigma.example' })
  await elsewhere.visit(await here.app.linkFor('reset@sigma.example'))
  await elsewhere.submit({ password: 'een heel ander wachtwoord', repeat: 'een heel ander wachtwoord' })

  expect(await silently(rik)).toBe('login_required')
  expect(await silently(elsewhere)).toBe('login_required')
  expect(await errorOf(house.refresh(tokens.refresh_token))).toBe('invalid_grant')
  await here.app.drain()
  expect(here.apps.received.map(({ path }) => path)).toEqual(['/house/logout'])
})

test('I-07 after signing out the old cookie is dead', async () => {
  const before = sanne.copy()
  await sanne.visit(`${here.app.origin}/session/end`)
  await sanne.submit({ logout: 'yes' })
  expect(await silently(before)).toBe('login_required')
})

test('I-01 a session gets a new id when a person signs in, and the old one is dead', async () => {
  // Nobody is given a session before: what an attack would plant is one that somebody had.
  const stranger = new Person()
  await stranger.visit(`${here.app.origin}/session/end`)
  expect(stranger.cookie('sigma-session')).toBeUndefined()
  await house.signIn(stranger)
  const planted = stranger.cookie('sigma-session')
  const elsewhere = stranger.copy()
  await elsewhere.visit(`${here.app.origin}/session/end`)
  await elsewhere.submit({ logout: 'yes' })
  const attacker = stranger.copy()
  await house.open(stranger)
  expect(planted).toBeTypeOf('string')
  expect(stranger.cookie('sigma-session')).not.toBe(planted)
  expect(await silently(attacker)).toBe('login_required')

  const before = sanne.cookie('sigma-session')
  const copy = sanne.copy()
  const request = await house.request({ prompt: 'login' })
  await sanne.visit(request.url.href)
  await sanne.submit({ password: PASSWORD })
  expect(sanne.cookie('sigma-session')).not.toBe(before)
  expect(await silently(copy)).toBe('login_required')
})

test('I-02 login CSRF: the password form of the attacker does not work in the browser of the victim', async () => {
  const [attacker, victim] = [new Person(), new Person()]
  await attacker.visit((await house.request()).url.href)
  const { action = '', fields = {} } = attacker.forms()[0] ?? {}
  await victim.post(new URL(action, attacker.page.url).href, { ...fields, email: EMAIL, password: PASSWORD })
  expect(victim.page.status).toBe(403)
  expect(await silently(victim)).toBe('login_required')

  // The victim has a sitting of their own: the form token is of another browser.
  await victim.visit((await house.request()).url.href)
  const own = victim.forms()[0]?.action ?? ''
  await victim.post(new URL(own, victim.page.url).href, { ...fields, email: EMAIL, password: PASSWORD })
  expect(victim.page.status).toBe(403)
})

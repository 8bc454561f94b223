/** A relying party that nobody here wrote: Apache with mod_auth_openidc, in front of an application. */

import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { HOUR } from '../../src/lib/time.ts'
import type { Account } from '../../src/person/account.ts'
import { freePorts } from '../support/app/app.ts'
import { administrator, open } from '../support/app/settings.ts'
import { ACR, relyingParty, type World, world } from '../support/oidc/relying-party.ts'
import { type Apache, apache, told, visit } from '../support/peers/apache.ts'
import { asked } from '../support/people/asked-people.ts'
import { passkeyOf } from '../support/people/passkey.ts'
import { Person } from '../support/people/person.ts'
import {
  due,
  obligeAll,
  type Screen,
  type Someone,
  type Starts,
  somebody,
  startsOf,
} from '../support/people/step-up.ts'
import { describeWith } from '../support/services/services.ts'

/** One address asks for more than the others. */
const PAYROLL = [
  '<Location /payroll>',
  `  OIDCPathAuthRequestParams acr_values=${encodeURIComponent(ACR.mfa)}`,
  `  Require claim acr:${ACR.mfa}`,
  '  OIDCUnAutzAction auth',
  '</Location>',
]
/** Two addresses are for passkeys: one asks for them, and one for what nobody here can prove. */
const essential = JSON.stringify({ id_token: { acr: { essential: true, value: 'phrh' } } })
const PASSKEYS = [
  '<Location /vault>',
  '  OIDCPathAuthRequestParams acr_values=phr',
  '  Require claim acr:phr',
  '  OIDCUnAutzAction auth',
  '</Location>',
  '<Location /hardware>',
  `  OIDCPathAuthRequestParams claims=${encodeURIComponent(essential)}`,
  '  Require claim acr:phrh',
  '  OIDCUnAutzAction auth',
  '</Location>',
]
/** Every address asks for more, in the words of REFEDS. */
const EVERYWHERE = [
  `OIDCAuthRequestParams acr_values=${encodeURIComponent(ACR.refedsMfa)}`,
  '<Location /staff>',
  `  Require claim acr:${ACR.refedsMfa}`,
  '</Location>',
]

let here: World
let roster: Apache
let salary: Apache
let starts: Starts
/** How often the key set was asked for. */
let fetched = 0

async function begin(): Promise<void> {
  const today = Date.now()
  // Our signing keys are made a day and an hour ago, so that they may rotate today, which is when Apache lives.
  vi.useFakeTimers({ toFake: ['Date'], now: today - 25 * HOUR })
  const ports = await freePorts()
  const issuer = `http://localhost:${ports[0]}`
  roster = await apache(issuer, 'roster', ['OIDCPassIDTokenAs claims serialized', ...PAYROLL, ...PASSKEYS])
  salary = await apache(issuer, 'salary', EVERYWHERE)
  here = await world({
    ports,
    env: { ...roster.env, ...salary.env },
    more: [roster.record, salary.record],
    settings: { egress: [roster.origin, salary.origin] },
  })
  vi.setSystemTime(today)
  here.app.web.on('request', ({ url }) => {
    if (url === '/jwks') fetched += 1
  })
  starts = startsOf(here.app, await relyingParty(here, 'house'))
}

async function end(): Promise<void> {
  await here?.stop()
  await roster?.remove()
  await salary?.remove()
  vi.useRealTimers()
}

/** Opens an address behind Apache and answers what comes; which pages. */
async function enter(who: Someone, address: string): Promise<Screen[]> {
  await visit(who, address)
  return obligeAll(who)
}

/** Somebody with an app and a passkey, who has signed in with the app or signs in with the passkey alone. */
async function owner(start: 'mfa' | 'enrolled'): Promise<Someone> {
  const who = await starts[start]()
  return { ...who, passkey: { key: await passkeyOf(here.app, who.email), alone: start === 'enrolled' } }
}

/** The key that signed the ID token. */
function kid(who: Someone): string | undefined {
  return decodeProtectedHeader(told(who)?.oidc_id_token ?? '').kid
}

async function accountOf({ email }: Someone): Promise<Account | undefined> {
  return asked(here.app.core.store.durable.people).findAccountByEmail(email)
}

/** Which applications were told that this person signed out. */
async function notified(who: Someone): Promise<unknown[]> {
  await here.app.drain()
  const account = await accountOf(who)
  const trail = await here.app.core.store.durable.listAudit({ subject: account?.id, limit: 100 })
  return trail.flatMap(({ type, client }) => (type === 'logout.notified' ? [client] : [])).sort()
}

async function rotate(how?: { forced: boolean }): Promise<void> {
  expect(await here.app.core.keys.rotate(how)).toBe('rotated')
  expect(await here.app.oidc.refresh()).toBe(true)
}

describeWith(['apache'], 'Apache with mod_auth_openidc', () => {
  beforeAll(begin)
  afterAll(end)

  test('an address leads to the password page and back, and the application is told who it is', async () => {
    const who = await somebody(here.app)
    expect(await enter(who, `${roster.origin}/staff?week=3`)).toEqual(['password'])
    expect(who.browser.page.url).toBe(`${roster.origin}/staff?week=3`)
    expect(told(who)).toMatchObject({
      oidc_claim_iss: here.app.origin,
      oidc_claim_sub: (await accountOf(who))?.id,
      oidc_claim_name: 'Sanne de Vries',
      oidc_claim_email: who.email,
      oidc_claim_organization: 'Bakkerij',
      oidc_claim_acr: ACR.password,
      oidc_claim_amr: 'pwd',
    })
  })

  test('who is signed in already sees no page', async () => {
    const who = await starts.mfa()
    expect(await enter(who, `${roster.origin}/staff`)).toEqual([])
    expect(told(who)).toMatchObject({ oidc_claim_acr: ACR.mfa, oidc_claim_amr: 'pwd,otp,mfa' })
  })

  test.each<[keyof Starts, Screen[], string]>([
    ['password', ['enroll'], 'pwd,otp,mfa'],
    ['knownDevice', ['code'], 'pwd,otp,device,mfa'],
    ['mfa', [], 'pwd,otp,mfa'],
  ])('an address that asks for a second factor, from %s: %j', async (start, pages, amr) => {
    const who = await starts[start]()
    expect(await enter(who, `${roster.origin}/staff`)).toEqual([])
    expect(await enter(who, `${roster.origin}/payroll`)).toEqual(pages)
    expect(who.browser.page.url).toBe(`${roster.origin}/payroll`)
    expect(told(who)).toMatchObject({ oidc_claim_acr: ACR.mfa, oidc_claim_amr: amr })
  })

  test.each<[Parameters<typeof owner>[0], Screen[], string]>([
    ['enrolled', ['password'], 'pop,user,mfa'],
    ['mfa', ['passkey'], 'pwd,pop,otp,mfa'],
  ])('an address that asks for a passkey (phr), from %s: %j', async (start, pages, amr) => {
    const who = await owner(start)
    expect(await enter(who, `${roster.origin}/vault`)).toEqual(pages)
    expect(who.browser.page.url).toBe(`${roster.origin}/vault`)
    expect(told(who)).toMatchObject({ oidc_claim_acr: 'phr', oidc_claim_amr: amr })
  })

  test('an address that demands proof of hardware (phrh) hears that nobody has it, and others stay open', async () => {
    const who = await owner('enrolled')
    expect(await enter(who, `${roster.origin}/vault`)).toEqual(['password'])
    await visit(who, `${roster.origin}/hardware`)
    expect(due(who.browser)).toBeUndefined()
    expect(who.browser.page.url).toContain('error=unmet_authentication_requirements')
    expect(told(who)).toBeUndefined()
    expect(await enter(who, `${roster.origin}/vault`)).toEqual([])
    expect(told(who)?.oidc_claim_acr).toBe('phr')
  })

  test('an application that asks for it everywhere, in other words, gets its own word back', async () => {
    const who = await starts.enrolled()
    expect(await enter(who, `${salary.origin}/staff`)).toEqual(['password', 'code'])
    expect(told(who)?.oidc_claim_acr).toBe(ACR.refedsMfa)
  })

  test.each<[keyof Starts, Screen, string]>([
    ['password', 'enroll', ACR.password],
    ['knownDevice', 'code', 'urn:sigma:acr:known-device'],
  ])('who cancels the step-up, from %s, is asked again each time and keeps what was open', async (start, page, acr) => {
    const who = await starts[start]()
    await enter(who, `${roster.origin}/staff`)
    for (const _again of [1, 2]) {
      await visit(who, `${roster.origin}/payroll`)
      expect(due(who.browser)).toBe(page)
      await who.browser.submit({ action: 'cancel' })
      expect(who.browser.page.url).toContain('error=access_denied')
      expect(told(who)).toBeUndefined()
    }
    expect(await enter(who, `${roster.origin}/staff`)).toEqual([])
    expect(told(who)?.oidc_claim_acr).toBe(acr)
  })

  test('signing out at one application leads back to it, and is signing out here and at every other', async () => {
    const who = await starts.mfa()
    for (const { origin } of [roster, salary]) expect(await enter(who, `${origin}/staff`)).toEqual([])
    await visit(who, roster.signOut)
    const parameters = new URL(who.browser.page.url).searchParams
    expect([...parameters.keys()].sort()).toEqual(['id_token_hint', 'post_logout_redirect_uri'])
    // The ID token proves whose session it is, so there is no second word.
    expect(who.browser.page.html).toContain('data-automatic')
    await who.browser.submit({ logout: 'yes' })
    expect(who.browser.page).toMatchObject({ url: `${roster.origin}/goodbye`, status: 200 })
    await visit(who, `${roster.origin}/staff`)
    expect(due(who.browser)).toBe('password')
    // The one where it began has no session any more, and takes its logout token all the same.
    expect(await notified(who)).toEqual(['roster', 'salary'])
    await visit(who, `${salary.origin}/staff`)
    expect(due(who.browser)).toBe('password')
  })

  test('signing out elsewhere ends the session of Apache when it is told, and that of no other browser', async () => {
    const who = await somebody(here.app)
    const phone = { ...who, browser: new Person() }
    for (const each of [who, phone]) await enter(each, `${roster.origin}/staff`)
    await who.browser.visit(`${here.app.origin}/session/end`)
    await who.browser.submit({ logout: 'yes' })
    expect(await enter(who, `${roster.origin}/staff`)).toEqual([])
    expect(await notified(who)).toEqual(['roster'])
    await visit(who, `${roster.origin}/staff`)
    expect(due(who.browser)).toBe('password')
    await visit(phone, `${roster.origin}/staff`)
    expect(told(phone)?.oidc_claim_email).toBe(who.email)
  })

  test('the help desk signs somebody out of Apache in every browser', async () => {
    const who = await somebody(here.app)
    const phone = { ...who, browser: new Person() }
    for (const each of [who, phone]) await enter(each, `${roster.origin}/staff`)
    const olga = await administrator(here.app, () => Date.now(), 'owner')
    await open(here.app, olga, `/admin/people/${(await accountOf(who))?.id}/sign-out`)
    await olga.browser.submit()
    expect(await notified(who)).toEqual(['roster', 'roster'])
    for (const each of [who, phone]) {
      await visit(each, `${roster.origin}/staff`)
      expect(due(each.browser)).toBe('password')
    }
  })

  test('keys that rotate a day after they were published are known to Apache, and what was before goes on', async () => {
    const [before, after] = [await somebody(here.app), await somebody(here.app)]
    await enter(before, `${roster.origin}/staff`)
    const old = kid(before)
    fetched = 0
    await rotate()
    expect(await enter(after, `${roster.origin}/staff`)).toEqual(['password'])
    expect(kid(after)).not.toBe(old)
    expect(fetched).toBe(0)
    expect(await enter(before, `${roster.origin}/staff`)).toEqual([])
    expect(kid(before)).toBe(old)
    // The previous key signed the hint.
    await visit(before, roster.signOut)
    expect(before.browser.page.html).toContain('data-automatic')
  })

  test('a key that Apache has never seen makes it look again, for who signs in and for who signs out', async () => {
    const [before, after] = [await somebody(here.app), await somebody(here.app)]
    await enter(before, `${roster.origin}/staff`)
    const old = kid(before)
    fetched = 0
    // Twice, so that even the next key of before is no more the one that signs.
    for (const forced of [true, true]) await rotate({ forced })
    await before.browser.visit(`${here.app.origin}/session/end`)
    await before.browser.submit({ logout: 'yes' })
    expect(await notified(before)).toEqual(['roster'])
    expect(fetched).toBe(1)
    await visit(before, `${roster.origin}/staff`)
    expect(due(before.browser)).toBe('password')
    expect(await enter(after, `${roster.origin}/staff`)).toEqual(['password'])
    expect(kid(after)).not.toBe(old)
    expect(fetched).toBe(1)
  })
})

/**
 * Whoever leaves a page open over lunch or over night, goes back, reloads, or has two tabs ends at the application they
 * were heading for: every page of a sign-in by every way of wandering off.
 */
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { record } from '../../support/oidc/client-records.ts'
import { ACR, type RelyingParty, type Request, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, PASSWORD, press, scanned } from '../../support/people/second-factor.ts'
import { due, oblige, obligeAll, type Someone, somebody, startsOf } from '../../support/people/step-up.ts'
import { leaveOpen, whereabouts } from '../../support/people/wanderer.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const begin = { initiate_login_uri: '{apps}/begin' }
const all = forAllTests(() =>
  world({
    more: [
      record('heading', begin),
      record('pushing', { ...begin, require_pushed_authorization_requests: true }),
      record('stranger', { ...begin, first_party: false, scope: 'openid profile email' }),
      record('exacting', { ...begin, minimum_acr: 'mfa' }),
    ],
    settings: { throttle: { perAddress: 10_000, perNetwork: 10_000 } },
  }),
)
const parties = forAllTests(async () => ({
  heading: await relyingParty(all, 'heading'),
  pushing: await relyingParty(all, 'pushing'),
  stranger: await relyingParty(all, 'stranger'),
  exacting: await relyingParty(all, 'exacting'),
}))
const house = forAllTests(() => relyingParty(all, 'house'))
const starts = forAllTests(async () => startsOf(all.app, await relyingParty(all, 'house')))

type Client = 'heading' | 'stranger' | 'exacting'

interface Place {
  client: Client
  who(): Promise<Someone>
  /** From the application's request to the page. */
  reach(who: Someone, party: RelyingParty): Promise<Request>
  /** Does what the page asks for. */
  act(who: Someone): Promise<unknown>
}

async function open(who: Someone, party: RelyingParty): Promise<Request> {
  const request = await party.request()
  await who.browser.visit(request.url.href)
  return request
}

let key = ''

const PLACES: Record<string, Place> = {
  'sign-in': { client: 'heading', who: () => somebody(all.app), reach: open, act: oblige },
  'second step': {
    client: 'exacting',
    who: () => starts.enrolled(),
    async reach(who, party) {
      const request = await open(who, party)
      await oblige(who)
      return request
    },
    act: oblige,
  },
  wizard: {
    client: 'exacting',
    who: () => somebody(all.app),
    async reach(who, party) {
      const request = await open(who, party)
      await oblige(who)
      key = await scanned(who.browser)
      return request
    },
    act: (who) => press(who.browser, 'code', { code: codeOf(key, Date.now()) }),
  },
  consent: {
    client: 'stranger',
    who: () => somebody(all.app),
    async reach(who, party) {
      const request = await open(who, party)
      await oblige(who)
      return request
    },
    act: oblige,
  },
}

/** Answers page after page; the wizard goes on where it was, with the key that was scanned. */
async function goOn(who: Someone): Promise<string[]> {
  const pages: string[] = []
  for (let screen = due(who.browser); screen; screen = due(who.browser)) {
    pages.push(screen)
    if (pages.length > 9) throw new Error(`page after page: ${pages}`)
    const { html } = who.browser.page
    if (html.includes('value="app:other"') || html.includes('value="enable"')) pages.push('from the start')
    if (html.includes('value="scanned"')) await press(who.browser, 'scanned')
    else if (html.includes('value="skip"')) await press(who.browser, 'skip')
    else if (html.includes('value="saved"')) await press(who.browser, 'saved', { saved: 'yes' })
    else if (html.includes('value="continue"')) await press(who.browser, 'continue')
    else if (html.includes('name="code"') && screen === 'other') {
      pass(30_000)
      await press(who.browser, 'code', { code: codeOf(key, Date.now()) })
    } else if (!/<form/.test(html) || who.browser.page.status >= 400) return pages
    else await oblige(who)
  }
  return pages
}

/** The pages that came up after the person was back. */
type Way = (place: Place, who: Someone, party: RelyingParty) => Promise<string[]>

const leftFor =
  (time: number): Way =>
  async (place, who, party) => {
    const request = await place.reach(who, party)
    leaveOpen(who.browser, time)
    await place.act(who)
    const pages = await goOn(who)
    // It is the request of the application that is answered, with all that it was asked with.
    await party.redeem(who.browser.page.url, request)
    return pages
  }

const WAYS: Record<string, Way> = {
  '21 minutes': leftFor(21 * MINUTE),
  '13 hours': leftFor(13 * HOUR),
  async back(place, who, party) {
    await place.reach(who, party)
    const { url } = who.browser.page
    await goOn(who)
    expect(whereabouts(who.browser)).toBe('application')
    await who.browser.visit(url)
    return goOn(who)
  },
  async reload(place, who, party) {
    await place.reach(who, party)
    leaveOpen(who.browser, 21 * MINUTE)
    await who.browser.visit(who.browser.page.url)
    return goOn(who)
  },
  async 'second tab'(place, who, party) {
    await place.reach(who, party)
    const tab = { ...who, browser: who.browser.copy() }
    await goOn(tab)
    expect(whereabouts(tab.browser)).toBe('application')
    // Tabs of one browser share their cookies.
    who.browser.cookies = tab.browser.cookies
    who.enrolled = tab.enrolled
    await place.act(who)
    return goOn(who)
  },
}

/** What the person saw between coming back and the end, which is the application in every row. */
const SEEN: Record<string, Record<string, [end: string, ...pages: string[]]>> = {
  // The password that is typed counts: nobody notices.
  'sign-in': {
    '21 minutes': ['application'],
    '13 hours': ['application'],
    back: ['application begins'],
    reload: ['application', 'password'],
    'second tab': ['application begins'],
  },
  'second step': {
    '21 minutes': ['application', 'code'],
    '13 hours': ['application', 'password', 'code'],
    back: ['application begins'],
    reload: ['application', 'code'],
    'second tab': ['application begins'],
  },
  // With the key that was scanned, from the page where it stood, after the password.
  wizard: {
    '21 minutes': ['application', 'password', 'other', 'other', 'other', 'other'],
    '13 hours': ['application', 'password', 'other', 'other', 'other', 'other'],
    back: ['application begins'],
    reload: ['application', 'password', 'other', 'other', 'other', 'other'],
    'second tab': ['application begins'],
  },
  consent: {
    '21 minutes': ['application', 'consent'],
    '13 hours': ['application', 'password', 'consent'],
    back: ['application begins'],
    reload: ['application', 'consent'],
    'second tab': ['application begins'],
  },
}

for (const [where, place] of Object.entries(PLACES))
  test.each(Object.entries(WAYS))(`${where}: %s`, async (name, way) => {
    const who = await place.who()
    const pages = await way(place, who, parties[place.client])
    expect([whereabouts(who.browser), ...pages]).toEqual(SEEN[where]?.[name])
  })

/** A sign-in page that has been open for 21 minutes. */
async function leftSignIn(party = parties.heading): Promise<Someone> {
  const who = await somebody(all.app)
  await open(who, party)
  leaveOpen(who.browser, 21 * MINUTE)
  return who
}

test('a wrong password on a page that was left open is refused on it, and the right one then counts', async () => {
  const who = await leftSignIn()
  await who.browser.submit({ email: who.email, password: 'not the password of anybody' })
  expect([who.browser.page.status, due(who.browser)]).toEqual([400, 'password'])
  await oblige(who)
  expect(whereabouts(who.browser)).toBe('application')
})

test('whoever types their password there is who signs in, whoever has signed in meanwhile', async () => {
  const who = await leftSignIn()
  const { page } = who.browser
  const other = await somebody(all.app)
  other.browser = who.browser
  const theirs = await open(other, house)
  await oblige(other)
  const { sub } = (await house.redeem(who.browser.page.url, theirs)).claims() ?? {}
  who.browser.page = page
  const since = who.browser.trail.length
  await oblige(who)
  expect(whereabouts(who.browser)).toBe('application')
  expect(who.browser.trail.slice(since).filter(({ next }) => next?.includes('code='))).toHaveLength(1)
  const mine = await open(who, house)
  expect((await house.redeem(who.browser.page.url, mine)).claims()?.sub).not.toBe(sub)
})

test('an application that wants the account to be chosen, and the password, is given both by a typed password', async () => {
  const who = await somebody(all.app)
  const request = await parties.heading.request({ prompt: 'select_account login' })
  await who.browser.visit(request.url.href)
  await who.browser.submit({ account: 'other' })
  leaveOpen(who.browser, HOUR)
  await oblige(who)
  await parties.heading.redeem(who.browser.page.url, request)
})

/** What every page has beside what it is for. */
test.each(Object.entries(PLACES))(
  '%s: **Cancel** on a page that was left open is what the application is told',
  async (where, place) => {
    const who = await place.who()
    await place.reach(who, parties[place.client])
    leaveOpen(who.browser, where === 'consent' ? 13 * HOUR : 21 * MINUTE)
    await who.browser.submit({ action: 'cancel' })
    expect(whereabouts(who.browser)).toBe('error access_denied')
  },
)

test.each(['second step', 'wizard', 'consent'])(
  '%s: **Not you?** on a page that was left open asks who it is, and their request is answered',
  async (where) => {
    const place = PLACES[where]
    if (!place) throw new Error(where)
    const who = await place.who()
    const party = parties[place.client]
    const request = await place.reach(who, party)
    leaveOpen(who.browser, 21 * MINUTE)
    await who.browser.submit({ action: 'switch' })
    expect([due(who.browser), who.browser.forms()[0]?.fields.email]).toEqual(['password', ''])
    const other = await somebody(all.app)
    other.browser = who.browser
    await obligeAll(other)
    await party.redeem(other.browser.page.url, request)
  },
)

test('another account, from a page that was left open, is asked for by its address', async () => {
  const who = await starts.password()
  await who.browser.visit((await parties.heading.request({ prompt: 'login' })).url.href)
  leaveOpen(who.browser, 21 * MINUTE)
  await who.browser.submit({ action: 'switch' })
  expect([due(who.browser), who.browser.forms()[0]?.fields.email]).toEqual(['password', ''])
})

test.each<[string, Record<string, string>, picked: string | undefined, locale: string]>([
  ['asked for', { ui_locales: 'nl-NL en' }, undefined, 'nl'],
  ['picked on the page', { ui_locales: 'nl' }, 'en', 'en'],
  ['picked, where the application says nothing', {}, 'nl', 'nl'],
])('a page that is gone is in the language that was %s', async (_how, parameters, picked, locale) => {
  const languages = ({ browser }: Someone) => browser.page.headers.get('content-language')
  const who = await somebody(all.app)
  for (const [time, status] of [
    [21 * MINUTE, 200],
    [25 * HOUR, 400],
  ] as const) {
    await who.browser.visit((await parties.heading.request(parameters)).url.href)
    if (picked) await who.browser.visit(`${who.browser.page.url}?lang=${picked}`)
    // What the browser itself prefers, or remembers, is not what this page was in.
    who.browser.cookies = who.browser.cookies.filter(({ name }) => name !== 'sigma-language')
    const { url } = who.browser.page
    leaveOpen(who.browser, time)
    await who.browser.visit(url.split('?')[0] ?? '')
    expect([who.browser.page.status, languages(who)]).toEqual([status, locale])
  }
  await who.browser.visit((await parties.heading.request(parameters)).url.href)
  if (picked) await who.browser.visit(`${who.browser.page.url}?lang=${picked}`)
  who.browser.cookies = who.browser.cookies.filter(({ name }) => name !== 'sigma-language')
  await who.browser.visit(/href="(\/recover[^"]*)"/.exec(who.browser.page.html)?.[1] ?? '')
  expect([who.browser.forms()[0]?.action.startsWith('/recover?from='), languages(who)]).toEqual([true, locale])
  await who.browser.submit({ email: who.email })
  expect(languages(who)).toBe(locale)
})

test('a wizard that could wait goes on after lunch; **Remind me later** asks for nothing', async () => {
  const campaign = { everyone: { start: '2020-01-01', deadline: '2099-01-01' } }
  const later = await world({ more: [record('heading', begin)], settings: { twoStep: { campaign } } })
  const party = await relyingParty(later, 'heading')
  for (const [step, seen] of [
    ['enable', ['password', 'other', 'other', 'other', 'other']],
    ['later', []],
  ] as const) {
    const who = await somebody(later.app)
    await open(who, party)
    await oblige(who)
    if (step === 'enable') key = await scanned(who.browser)
    leaveOpen(who.browser, 40 * MINUTE)
    await press(who.browser, step === 'later' ? step : 'code', { code: codeOf(key, Date.now()) })
    expect(await goOn(who)).toEqual(seen)
    expect(whereabouts(who.browser)).toBe('application')
  }
  await later.stop()
})

/** What is on the page that ends there: an error, and the way to the application that the page was of. */
function deadEnd({ browser }: Someone): [status: number, href: string | undefined] {
  const { status, html } = browser.page
  return [status, /<a class="button" href="([^"]+)"/.exec(html)?.[1]]
}

test.each<[string, (who: Someone) => Promise<unknown> | unknown]>([
  ['a day and an hour old', (who) => leaveOpen(who.browser, 25 * HOUR)],
  ['pushed, so for one use', async (who) => Object.assign(who, await leftPushed())],
])('a request that is %s is over: the page says so, and leads to its application', async (_what, spoil) => {
  const who = await leftSignIn()
  await spoil(who)
  await oblige(who)
  expect(deadEnd(who)).toEqual([400, `${all.apps.origin}/begin?iss=${encodeURIComponent(all.app.origin)}`])
})

async function leftPushed(): Promise<Someone> {
  const who = await somebody(all.app)
  await who.browser.visit((await parties.pushing.push()).url.href)
  leaveOpen(who.browser, 21 * MINUTE)
  return who
}

type Spoil = (browser: Person) => unknown

/** What the browser keeps of requests becomes something else. */
function keeping(change: (kept: string) => string): Spoil {
  return ({ cookies }) => {
    for (const cookie of cookies) if (cookie.name === 'sigma-requests') cookie.value = change(cookie.value)
  }
}

function without(name: string): Spoil {
  return (browser) => {
    browser.cookies = browser.cookies.filter((cookie) => cookie.name !== name)
  }
}

test.each<[string, Spoil]>([
  ['forged', keeping(() => `k.${'A'.repeat(400)}`)],
  ['changed', keeping((kept) => `${kept.slice(0, 90)}${kept[90] === 'A' ? 'B' : 'A'}${kept.slice(91)}`)],
  [
    'that another browser keeps',
    async (browser) => {
      const theirs = (await leftSignIn()).browser
      keeping(() => theirs.cookie('sigma-requests') ?? '')(browser)
      // At their page, with a token of this browser.
      const [address = ''] = /interaction\/[\w-]+/.exec(theirs.page.html) ?? []
      const html = browser.page.html.replaceAll(/interaction\/[\w-]+/g, address)
      browser.page = { ...browser.page, html }
    },
  ],
  ['too long to be one', keeping(() => `k.${'A'.repeat(6000)}`)],
  ['not there', without('sigma-requests')],
  ['of a browser whose seat was taken', without('sigma-seat')],
  [
    'of another page of this browser',
    (browser) => {
      const html = browser.page.html.replaceAll(/interaction\/[\w-]+/g, 'interaction/x')
      browser.page = { ...browser.page, html }
    },
  ],
])('a kept request that is %s begins nothing, and no password is looked at', async (_what, spoil) => {
  const who = await leftSignIn()
  await spoil(who.browser)
  await oblige(who)
  expect([who.browser.page.status, whereabouts(who.browser)]).toEqual([400, 'This sign-in has expired'])
  expect(who.browser.page.html).toContain(`href="${all.apps.origin}/house"`)
  expect(who.browser.cookie('sigma-browser')).toBeUndefined()
})

test('an application that was disabled meanwhile is not begun again, and no password is looked at', async () => {
  const chris = { actor: 'chris', via: 'pages' }
  const { clients } = all.app.core.admin
  await clients.add(record('closing', {}, all.apps.origin), chris)
  await all.app.followClients()
  const who = await leftSignIn(await relyingParty(all, 'closing'))
  expect(await clients.disable('closing', undefined, chris)).toMatchObject({ ok: true })
  await all.app.followClients()
  await oblige(who)
  expect(whereabouts(who.browser)).toBe('This application is not registered')
  expect(who.browser.cookie('sigma-browser')).toBeUndefined()
})

test('guesses on a page that is gone are counted with all others, and make it wait as any page', async () => {
  const who = await leftSignIn()
  for (let guesses = 0; guesses < 5; guesses += 1) {
    await who.browser.submit({ email: who.email, password: `guess ${guesses} of many` })
    expect([who.browser.page.status, due(who.browser)]).toEqual([400, 'password'])
  }
  const fresh = { ...who, browser: new Person() }
  await open(fresh, house)
  for (const { browser } of [who, fresh]) {
    await browser.submit({ email: who.email, password: PASSWORD })
    expect([browser.page.status, Number(browser.page.headers.get('retry-after')) > 0]).toEqual([429, true])
  }
})

test('one page that is sent twice at once ends at the application twice', async () => {
  const who = await leftSignIn()
  const twice = { ...who, browser: who.browser.copy() }
  await Promise.all([oblige(who), oblige(twice)])
  expect([who, twice].map(({ browser }) => whereabouts(browser))).toEqual(['application', 'application'])
})

test.each<[string, Record<string, string>, pages: string[]]>([
  ['max_age', { max_age: '0' }, ['code']],
  ['prompt=login', { prompt: 'login' }, ['code']],
  [
    'an essential acr',
    { claims: JSON.stringify({ id_token: { acr: { essential: true, value: ACR.mfa } } }), prompt: 'login' },
    ['code'],
  ],
  ['mfa_max_age', { mfa_max_age: '60', prompt: 'login' }, ['code']],
])('%s is held to by a request that begins again', async (_what, parameters, pages) => {
  const who = await starts.mfa()
  const request = await parties.heading.request(parameters)
  await who.browser.visit(request.url.href)
  expect(due(who.browser)).toBe('password')
  leaveOpen(who.browser, 21 * MINUTE)
  const typed = Math.floor(Date.now() / 1000)
  await oblige(who)
  expect(await obligeAll(who)).toEqual(pages)
  const claims = (await parties.heading.redeem(who.browser.page.url, request)).claims()
  expect([claims?.auth_time, claims?.acr]).toEqual([typed, ACR.mfa])
})

test('of a request that means one person, a page that is gone takes nobody else', async () => {
  const meant = await starts.password()
  const first = await house.request()
  await meant.browser.visit(first.url.href)
  const { id_token = '' } = await house.redeem(meant.browser.page.url, first)
  const who = await somebody(all.app)
  const request = await house.request({ id_token_hint: id_token, prompt: 'login' })
  await who.browser.visit(request.url.href)
  leaveOpen(who.browser, 21 * MINUTE)
  await oblige(who)
  expect(due(who.browser)).toBe('password')
  await oblige({ ...meant, browser: who.browser })
  expect((await house.redeem(who.browser.page.url, request)).claims()?.sub).toBe(decodeJwt(id_token).sub)
})

test('a request that shows no page leaves nothing behind', async () => {
  const { browser } = await somebody(all.app)
  await browser.visit((await parties.heading.request({ prompt: 'none' })).url.href)
  expect([whereabouts(browser), browser.cookie('sigma-requests')]).toEqual(['error login_required', undefined])
})

test('an address that is taken off the record meanwhile is not led to', async () => {
  const chris = { actor: 'chris', via: 'pages' }
  const { clients } = all.app.core.admin
  await clients.add(record('leaving', {}, all.apps.origin), chris)
  await all.app.followClients()
  const who = await leftSignIn(await relyingParty(all, 'leaving'))
  const fields = { redirect_uris: [`${all.apps.origin}/elsewhere`] }
  expect(await clients.change('leaving', { fields }, chris)).toMatchObject({ ok: true })
  await all.app.followClients()
  await oblige(who)
  expect(whereabouts(who.browser)).toBe('The way back is not registered')
})

test('what scripts ask of a page that is gone is refused, and begins nothing', async () => {
  const who = await leftSignIn()
  const { url } = who.browser.page
  const cookie = who.browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const headers = { 'content-type': 'application/json', origin: all.app.origin, cookie }
  const body = JSON.stringify({ password: 'a' })
  const answer = await fetch(`${url}/password/check`, { method: 'POST', headers, body, redirect: 'manual' })
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []])
})

/** Bytes of the longest head of an answer of ours, and of the cookies that the browser sends. */
function sizesOf({ cookies, trail }: Person): [answer: number, cookies: number] {
  const heads = trail
    .filter(({ url }) => url.startsWith(all.app.origin))
    .map(({ headers }) => [...headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 20))
  const sent = cookies.filter(({ host }) => host === 'localhost').map(({ name, value }) => `${name}=${value}; `)
  return [Math.max(...heads), sent.join('').length]
}

test.each<[what: string, state: number, others: string, goOn: number]>([
  ['the usual length', 43, '/begin?iss=', 4],
  ['1,900 characters', 1600, '/house', 1],
  ['3,500 characters', 3200, '/begin?iss=', 0],
])(
  'of eight tabs with requests of %s the latest go on, others lead to an application, and any proxy takes all headers',
  async (_what, length, others, goOn) => {
    const who = await starts.mfa()
    const tabs: string[] = []
    for (let tab = 0; tab < 8; tab += 1) {
      await who.browser.visit((await parties.heading.request({ prompt: 'login', state: 's'.repeat(length) })).url.href)
      tabs.push(who.browser.page.url)
    }
    const [answered, sent] = sizesOf(who.browser)
    expect([answered < 4096, sent < 4096]).toEqual([true, true])
    leaveOpen(who.browser, 21 * MINUTE)
    for (const [at, url] of tabs.entries()) {
      const tab = { ...who, browser: who.browser.copy() }
      await tab.browser.visit(url)
      const [status, href = ''] = deadEnd(tab)
      if (at >= 8 - goOn) expect(due(tab.browser)).toBe('password')
      else expect([status, href.startsWith(all.apps.origin + others)]).toEqual([400, true])
    }
  },
)

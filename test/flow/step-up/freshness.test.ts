/** How old a proof may be: max_age, prompt, the application's own limit, and which second factors count. */
import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND, seconds } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { ACR, answer, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { appBound, press } from '../../support/people/second-factor.ts'
import {
  ask,
  due,
  nextCode,
  type Outcome,
  oblige,
  obligeAll,
  outcome,
  reopen,
  type Someone,
  type Starts,
  somebody,
  startsOf,
} from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const MFA = ['pwd', 'otp', 'mfa']

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
const strict = forAllTests(() => relyingParty(here, 'strict'))
const sensitive = forAllTests(() => relyingParty(here, 'sensitive'))
const starts = forAllTests(() => startsOf(here.app, house))
clockOfEachTest()

/** Time goes by, and the person keeps working in an application, so that the session does not end. */
async function work(who: Someone, duration: number): Promise<void> {
  for (let gone = 0; gone < duration; gone += 30 * MINUTE) {
    pass(30 * MINUTE)
    expect((await ask(who, house)).pages).toEqual([])
  }
}

function authenticatedNow(): unknown {
  return seconds(Date.now())
}

describe('what was proven within the request is never too old for it', () => {
  test.each([['hasty'], ['strict']])('%s: a person who is slow on the page after the code', async (name) => {
    const who = await starts.knownDevice()
    const party = await relyingParty(here, name)
    const request = await party.request(name === 'hasty' ? {} : { max_age: '1' })
    const { browser } = who
    pass(5 * SECOND)
    await browser.visit(request.url.href)
    if (due(browser) === 'password') await oblige(who)
    expect(due(browser)).toBe('code')
    const form = browser.forms()[0]
    const body = new URLSearchParams({ ...form?.fields, step: 'verify', code: nextCode(who) })
    const answered = await browser.request('POST', new URL(form?.action ?? '', browser.page.url).href, body)
    pass(5 * SECOND)
    await browser.visit(answered.headers.get('location') ?? '')
    expect(await obligeAll(who)).toEqual([])
    expect((await outcome(who, party, request)).told).toMatchObject({ acr: ACR.mfa })
  })

  test('mfa_max_age in a request asks for a code that is older, and only for the code', async () => {
    const who = await starts.mfa()
    pass(11 * MINUTE)
    expect(await ask(who, house, { mfa_max_age: '900' })).toMatchObject({ pages: [], acr: ACR.mfa })
    expect(await ask(who, house, { mfa_max_age: '600' })).toMatchObject({ pages: ['code'], acr: ACR.mfa })
  })

  test('it cannot make a code older than the application allows', async () => {
    const who = await starts.mfa()
    pass(11 * MINUTE)
    expect((await ask(who, sensitive, { mfa_max_age: '36000' })).pages).toEqual(['code'])
  })

  test.each(['-1', 'x', '1.5', '99999999', ' '])('mfa_max_age=%s is refused', async (mfa_max_age) => {
    const { browser } = await starts.password()
    await browser.visit((await house.request({ mfa_max_age })).url.href)
    expect(answer(browser).get('error')).toBe('invalid_request')
  })
})

describe('max_age', () => {
  type Row = [start: keyof Starts, after: number, asked: Record<string, string>, expected: Outcome]
  test.each<Row>([
    ['password', 200 * SECOND, { max_age: '300' }, { pages: [], acr: ACR.password }],
    ['password', 400 * SECOND, { max_age: '300' }, { pages: ['password'], acr: ACR.password }],
    [
      'password',
      400 * SECOND,
      { max_age: '300', acr_values: ACR.mfa },
      { pages: ['password', 'enroll'], acr: ACR.mfa },
    ],
    ['mfa', 200 * SECOND, { max_age: '300', acr_values: ACR.mfa }, { pages: [], acr: ACR.mfa, amr: MFA }],
    [
      'mfa',
      400 * SECOND,
      { max_age: '300', acr_values: ACR.mfa },
      { pages: ['password', 'code'], acr: ACR.mfa, amr: MFA },
    ],
    ['mfa', 400 * SECOND, { max_age: '300' }, { pages: ['password', 'code'], acr: ACR.mfa, amr: MFA }],
    ['knownDevice', 400 * SECOND, { max_age: '300' }, { pages: ['password', 'code'], acr: ACR.mfa }],
    ['knownDevice', 20 * SECOND, { max_age: '300' }, { pages: ['code'], acr: ACR.mfa }],
    [
      'mfa',
      20 * SECOND,
      { max_age: '0', acr_values: ACR.mfa },
      { pages: ['password', 'code'], acr: ACR.mfa, amr: MFA },
    ],
    ['mfa', 20 * SECOND, { prompt: 'login' }, { pages: ['password', 'code'], acr: ACR.mfa, amr: MFA }],
    ['knownDevice', 20 * SECOND, { prompt: 'login' }, { pages: ['password', 'code'], acr: ACR.mfa }],
    ['password', 20 * SECOND, { prompt: 'login' }, { pages: ['password'], acr: ACR.password }],
    ['password', 20 * SECOND, { prompt: 'login', max_age: '0' }, { pages: ['password'], acr: ACR.password }],
  ])('%s, %d ms ago, and %j', async (start, after, asked, expected) => {
    const who = await starts[start]()
    pass(after)
    const request = await house.request(asked)
    await who.browser.visit(request.url.href)
    const began = authenticatedNow()
    const pages = await obligeAll(who)
    const { told } = await outcome(who, house, request)
    expect({ pages, ...told }).toMatchObject(expected)
    if (pages.includes('password')) expect(told.authTime).toBe(began)
    else expect(told.authTime).toBeLessThan(Number(began))
  })

  test('a code that is younger than the password saves the code, not the password', async () => {
    const who = await starts.knownDevice()
    pass(250 * SECOND)
    expect((await ask(who, house, { acr_values: ACR.mfa })).pages).toEqual(['code'])
    pass(100 * SECOND)
    const told = await ask(who, house, { acr_values: ACR.mfa, max_age: '300' })
    expect(told).toMatchObject({ pages: ['password'], acr: ACR.mfa })
  })
})

describe('the application says how old a second factor may be', () => {
  test('J-10 after two hours it is asked for again there, alone, and nowhere else', async () => {
    const who = await starts.mfa()
    expect((await ask(who, sensitive)).pages).toEqual([])
    await work(who, 2 * HOUR)
    const before = await ask(who, strict)
    expect(before).toMatchObject({ pages: [], acr: ACR.mfa })
    const told = await ask(who, sensitive)
    expect(told).toMatchObject({ pages: ['code'], acr: ACR.mfa, amr: MFA, authTime: before.authTime })
    pass(4 * MINUTE)
    expect((await ask(who, sensitive)).pages).toEqual([])
    pass(2 * MINUTE)
    expect(await ask(who, sensitive, { prompt: 'none' })).toEqual({ pages: [], error: 'interaction_required' })
  })

  test('J-10 a request of another application does not lengthen it: only a code does', async () => {
    const who = await starts.mfa()
    pass(299 * SECOND)
    await ask(who, strict)
    pass(2 * SECOND)
    expect((await ask(who, sensitive)).pages).toEqual(['code'])
  })
})

describe('which second factors count', () => {
  test('a session that was proven with a text message is asked for the app where only that counts', async () => {
    const who = await withNumber()
    await house.open(who.browser, {}, who.email)
    await who.browser.visit(`${who.browser.page.url}/challenge/sms`)
    await press(who.browser, 'send')
    await press(who.browser, 'verify', { code: await smsCode() })
    expect(await ask(who, house, { acr_values: ACR.mfa })).toMatchObject({ pages: [], amr: ['pwd', 'sms', 'mfa'] })

    const totponly = await relyingParty(here, 'totponly')
    const request = await totponly.request()
    await who.browser.visit(request.url.href)
    expect(due(who.browser)).toBe('code')
    const other = await who.browser.visit(`${who.browser.page.url}/challenge/sms`)
    expect(new URL(other.url).pathname.split('/')).not.toContain('sms')
    await oblige(who)
    expect((await outcome(who, totponly, request)).told).toMatchObject({ acr: ACR.mfa, amr: MFA })
    expect(await ask(who, house)).toMatchObject({ pages: [], amr: ['pwd', 'otp', 'sms', 'mfa'] })
  })

  test('a device that was remembered for a text message saves no code where only the app counts', async () => {
    const who = await withNumber('06 12 34 56 79')
    await house.open(who.browser, {}, who.email)
    await who.browser.visit(`${who.browser.page.url}/challenge/sms`)
    await press(who.browser, 'send')
    await press(who.browser, 'verify', { code: await smsCode('+31612345679'), remember: 'yes' })
    reopen(who)
    pass(2 * MINUTE)
    await house.open(who.browser, {}, who.email)
    expect(await ask(who, house)).toMatchObject({ pages: [], amr: ['pwd', 'device'] })
    const totponly = await relyingParty(here, 'totponly')
    expect(await ask(who, totponly)).toMatchObject({ pages: ['code'], acr: ACR.mfa, amr: ['pwd', 'otp', 'mfa'] })
  })

  test('a text message that is posted to an application which takes none proves nothing', async () => {
    const who = await withNumber()
    const totponly = await relyingParty(here, 'totponly')
    await totponly.open(who.browser, {}, who.email)
    await who.browser.post(`${who.browser.page.url}/challenge/sms`, { ...who.browser.forms()[0]?.fields, step: 'send' })
    const sent = (await here.app.inbox()).filter(({ channel }) => channel === 'sms').length
    await who.browser.post(`${who.browser.page.url}/challenge/sms`, {
      ...who.browser.forms()[0]?.fields,
      code: '123456',
    })
    expect(due(who.browser)).toBeDefined()
    expect((await here.app.inbox()).filter(({ channel }) => channel === 'sms')).toHaveLength(sent)
  })

  /** Somebody with an app and a number, signed in nowhere. */
  async function withNumber(number = '06 12 34 56 78'): Promise<Someone> {
    const who = await somebody(here.app)
    const { browser } = who
    await house.open(browser, { acr_values: ACR.mfa }, who.email)
    const key = await appBound(browser)
    await press(browser, 'send', { number, country: 'NL' })
    await press(browser, 'sms-code', { code: await smsCode(`+31${number.replaceAll(' ', '').slice(1)}`) })
    await press(browser, 'saved', { saved: 'yes' })
    await press(browser, 'continue')
    reopen(who)
    pass(2 * MINUTE)
    return { ...who, enrolled: { key, backupCode: '' } }
  }

  async function smsCode(number = '+31612345678'): Promise<string> {
    const message = (await here.app.inbox()).find(({ channel, to }) => channel === 'sms' && to === number)
    return /#(\d{6})$/.exec(message?.text ?? '')?.[1] ?? ''
  }
})

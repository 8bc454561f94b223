/** What attacks on the second step have in common: applications that want different things, victims, and who got through. */
import { networks } from '../../../src/lib/network.ts'
import { MINUTE } from '../../../src/lib/time.ts'
import { type Challenges, challenges } from '../../../src/mfa/challenge.ts'
import { type Enrollments, enrollments } from '../../../src/mfa/enrollment.ts'
import { backup, temporary } from '../../../src/mfa/factors.ts'
import { type RememberedDevices, rememberedDevices } from '../../../src/mfa/remembered-device.ts'
import { type SmsCodes, smsCodes } from '../../../src/mfa/sms.ts'
import { smsLimits } from '../../../src/mfa/sms-limits.ts'
import { totp } from '../../../src/mfa/totp.ts'
import { type AppOptions, PORTAL_ONLY, type RunningApp, startApp } from '../app/app.ts'
import { pass } from '../app/clock.ts'
import { asked } from './asked-people.ts'
import { Person } from './person.ts'
import { activated, appBound, backupSaved, PASSWORD, press } from './second-factor.ts'
import type { Someone } from './step-up.ts'

const APPLICATIONS: Record<string, string> = {
  payroll: '',
  leave: '',
  strict: 'minimum_acr: mfa',
  quick: 'mfa_max_age: 300',
  'no-sms': 'second_factors: [totp, backup]',
  'apps-only': 'second_factors: [totp]\n    minimum_acr: mfa',
}

/** The product, with two-step verification offered to everyone and no throttle by address: one machine plays all. */
export function startTwoStep(options: AppOptions = {}): Promise<RunningApp> {
  const records = Object.entries(APPLICATIONS).map(
    ([id, more]) => `
  - client_id: ${id}
    client_name: Application ${id}
    redirect_uris: ['{portal}/${id}']
    grant_types: [authorization_code, refresh_token]
    client_secret: { env: ${id.toUpperCase().replace('-', '_')}_SECRET }
    first_party: true
    ${more}`,
  )
  return startApp({
    clients: PORTAL_ONLY + records.join(''),
    ...options,
    settings: {
      throttle: { perAddress: 1e6, perNetwork: 1e6 },
      twoStep: { campaign: { everyone: { start: '2026-01-01', deadline: '2099-01-01' } }, sms: { countries: ['NL'] } },
      ...options.settings,
    },
  })
}

/** The address of an authorization request of one of the applications. */
export function authorize(app: RunningApp, client = 'payroll', more: Record<string, string> = {}): string {
  const parameters = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: client === 'portal' ? `${app.portalOrigin}/callback` : `${app.portalOrigin}/${client}`,
    state: 's',
    code_challenge_method: 'S256',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    ...more,
  })
  return `${app.origin}/auth?${parameters}`
}

/** Authorization codes that this browser was given: what every attack is after. */
export function codesOf(person: Person): string[] {
  return person.trail.flatMap(({ headers, next }) => {
    const location = next ?? headers.get('location') ?? ''
    const code = URL.canParse(location) ? new URL(location).searchParams.get('code') : null
    return code ? [code] : []
  })
}

export function errorOf(person: Person): string | null {
  return new URL(person.page.url).searchParams.get('error')
}

/** A browser that has typed the right password and no more. */
export async function halfSignedIn(
  app: RunningApp,
  email: string,
  client = 'payroll',
  person = new Person(),
): Promise<Person> {
  await person.visit(authorize(app, client))
  if (person.page.html.includes('name="password"')) await person.submit({ email, password: PASSWORD })
  return person
}

export interface Victim {
  email: string
  id: string
  key: string
  backupCode: string
  /** The browser that everything was set up in. */
  browser: Person
}

/** A person with an app, a backup code, and a number if one is given. */
export async function victim(app: RunningApp, email: string, number?: string, client = 'payroll'): Promise<Victim> {
  const browser = new Person()
  await activated(app, email, browser)
  await halfSignedIn(app, email, client, browser)
  const key = await appBound(browser)
  if (number) {
    await press(browser, 'send', { number, country: 'NL' })
    await press(browser, 'sms-code', { code: await smsCode(app, international(number)) })
  } else await press(browser, 'skip')
  const backupCode = await backupSaved(browser)
  const account = await asked(app.core.store.durable.people).findAccountByEmail(email)
  if (!account?.enrolledAt || codesOf(browser).length !== 1) throw new Error(`${email} was not set up`)
  return { email, id: account.id, key, backupCode, browser }
}

let victims = 0

/** Somebody new each time, a minute after the last code: another one is due. */
export async function someVictim(app: RunningApp, number?: string): Promise<Victim> {
  victims += 1
  const made = await victim(app, `victim${victims}@sigma.example`, number)
  pass(MINUTE)
  return made
}

/** The same person as the settings know them. */
export function owner({ email, key, backupCode, browser }: Victim): Someone {
  return { email, browser, enrolled: { key, backupCode } }
}

/** A Dutch number as messages go to it. */
export function international(number: string): string {
  return `+31${number.replace(/\D/g, '').slice(1)}`
}

/** The code in the newest text message, to this number if one is given. */
export async function smsCode(app: RunningApp, number?: string): Promise<string> {
  const messages = (await app.inbox()).filter(({ channel }) => channel === 'sms')
  const code = /#(\d{6})$/.exec(messages.find(({ to }) => !number || to === number)?.text ?? '')?.[1]
  if (!code) throw new Error(`no text message to ${number ?? 'anyone'}`)
  return code
}

/** How many tries count against a factor now. */
export function tries(app: RunningApp, method: string, accountId: string): Promise<number> {
  return app.core.store.durable.count(`second-factor/${method}/${accountId}`)
}

export interface Parts {
  challenges: Challenges
  enrollments: Enrollments
  sms: SmsCodes
  devices: RememberedDevices
  /** The code that was sent last. */
  sent(): string
}

/** The same parts on the same store as the running product's, without pages, where pages would take too long. */
export function partsOf({ core }: RunningApp): Parts {
  const { store, seal, ring, wrap, notice, attempts: throttle, record, now } = core
  const { durable } = store
  const { people } = durable
  const common = { people, store: durable, seal, throttle, audit: record, notice, now }
  const limits = smsLimits({ throttle, now, networks })
  let last = ''
  const words = (_locale: string, code: string) => {
    last = code
    return `Your code: ${code}`
  }
  const sms = smsCodes({ ...common, ring, wrap, limits, words, host: 'localhost', countries: ['NL'] })
  const factors = [totp(people, seal, now), sms.factor, backup(people, now), temporary(people, ring, now)]
  return {
    challenges: challenges({ ...common, factors }),
    enrollments: enrollments({ ...common, passkeys: core.passkeys }),
    sms,
    devices: rememberedDevices(common),
    sent: () => last,
  }
}

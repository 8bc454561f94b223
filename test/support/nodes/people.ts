/** People at the moments at which a store can go away, and what they see then. */

import { expect } from 'vitest'
import { at } from '../app/settings.ts'
import { secretOf } from '../oidc/secret-of.ts'
import { asked } from '../people/asked-people.ts'
import { Person } from '../people/person.ts'
import { activated, codeOf, enroll, PASSWORD, press, text } from '../people/second-factor.ts'
import { authorize, codesOf, halfSignedIn } from '../people/second-factor-attack.ts'
import type { FaultCluster } from './faulty.ts'

const UNAVAILABLE = { en: 'is out of order for a moment', nl: 'is even niet beschikbaar' }
/** RFC 7636 appendix B; `authorize` sends its challenge. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

export interface Answer {
  status: number
  headers: Headers
  body: string
  /** The sentence that a person reads it by. */
  language?: 'en' | 'nl'
}

/** Somebody at one moment; what they do there can be done again. */
export interface Moment {
  name: string
  act(): Promise<Answer>
  worked(answer: Answer): boolean
}

export interface Sanne {
  email: string
  id: string
  key: string
  /** Signed in to the settings. */
  settings: Person
  /** Remembered after a code, and not signed in. */
  known: Person
  moments: Moment[]
}

export function freshPerson(language: 'en' | 'nl'): Person {
  return new Person({ language })
}

function seen({ page }: Person, language: 'en' | 'nl'): Answer {
  return { status: page.status, headers: page.headers, body: page.html, language }
}

/** Somebody with an app in front of several browsers, each of them somewhere else in the middle. */
export async function sanneEverywhere(cluster: FaultCluster, email = 'sanne@sigma.example'): Promise<Sanne> {
  const { app, now } = cluster
  const { settings, key, id } = await enrolled(cluster, email)
  const atPassword = await halfOpen(cluster, 'nl')
  const atCode = await halfSignedIn(app, email, 'payroll', freshPerson('nl'))
  cluster.nextCode()
  const known = await remembered(cluster, { email, key })
  cluster.nextCode()
  const code = await codeFor(cluster, settings)
  await settings.visit(`${app.origin}/account/language`)
  const moments: Moment[] = [
    {
      name: 'before signing in',
      act: async () => seen(await halfOpen(cluster, 'nl'), 'nl'),
      worked: ({ body }) => body.includes('name="password"'),
    },
    {
      name: 'between the page and the password',
      async act() {
        const browser = atPassword.copy()
        await browser.submit({ email, password: PASSWORD })
        return seen(browser, 'nl')
      },
      worked: ({ body }) => body.includes('/challenge/totp"'),
    },
    {
      name: 'between the password and the code',
      async act() {
        const browser = atCode.copy()
        await press(browser, 'verify', { code: codeOf(key, now()) })
        return codesOf(browser).length === 1 ? { status: 200, headers: new Headers(), body: 'in' } : seen(browser, 'nl')
      },
      worked: ({ body }) => body === 'in',
    },
    {
      name: 'at the token endpoint',
      act: () => redeem(cluster, code),
      worked: ({ status, body }) => status === 200 && body.includes('access_token'),
    },
    {
      name: 'in the settings',
      async act() {
        const browser = settings.copy()
        await browser.visit(`${app.origin}/account`)
        return at(browser) === '/account' && browser.page.status === 200
          ? { status: 200, headers: browser.page.headers, body: 'overview' }
          : seen(browser, 'en')
      },
      worked: ({ body }) => body === 'overview',
    },
    {
      name: 'at a form of the settings',
      async act() {
        const browser = settings.copy()
        await browser.submit({ locale: 'en' })
        return seen(browser, 'en')
      },
      worked: ({ status, body }) => status === 200 && body.includes('role="status"'),
    },
  ]
  return { email, id, key, settings, known, moments }
}

/** Somebody with a password and an app, whose browser is signed in to the settings too. */
export async function enrolled(
  { app, now }: FaultCluster,
  email: string,
): Promise<{ settings: Person; key: string; id: string }> {
  const settings = freshPerson('en')
  await activated(app, email, settings)
  await halfSignedIn(app, email, 'payroll', settings)
  const { key } = await enroll(settings, now)
  await settings.visit(`${app.origin}/account`)
  const account = await asked(app.core.store.durable.people).findAccountByEmail(email)
  if (!account || at(settings) !== '/account')
    throw new Error(`${email} is not in the settings: ${text(settings.page)}`)
  return { settings, key, id: account.id }
}

/** A browser that proved the app and is remembered, and not signed in any more. */
export async function remembered(cluster: FaultCluster, { email, key }: Pick<Sanne, 'email' | 'key'>): Promise<Person> {
  const browser = await halfSignedIn(cluster.app, email)
  await press(browser, 'verify', { code: codeOf(key, cluster.now()), remember: 'yes' })
  if (codesOf(browser).length !== 1) throw new Error(`${email} was not let in: ${text(browser.page)}`)
  browser.cookies = browser.cookies.filter(({ name }) => !name.startsWith('sigma-session'))
  return browser
}

/** An authorization code for somebody who is signed in. */
export async function codeFor({ app }: FaultCluster, signedIn: Person): Promise<string> {
  const browser = signedIn.copy()
  await browser.visit(authorize(app))
  const [code] = codesOf(browser)
  if (!code) throw new Error(`no code: ${text(browser.page)}`)
  return code
}

/** A new browser that has asked for the sign-in page. */
export async function halfOpen({ app }: FaultCluster, language: 'en' | 'nl' = 'en'): Promise<Person> {
  const browser = freshPerson(language)
  await browser.visit(authorize(app))
  return browser
}

/** Redeems an authorization code as the application `payroll`. */
export async function redeem({ app }: FaultCluster, code: string): Promise<Answer> {
  const secret = secretOf(app, 'payroll')
  const response = await fetch(`${app.origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`payroll:${encodeURIComponent(secret)}`)}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: `${app.portalOrigin}/payroll`,
      code_verifier: VERIFIER,
    }),
  })
  return { status: response.status, headers: response.headers, body: await response.text() }
}

/** 503 and when to come back: a page in the person's language, JSON for a program; never a word about the stores. */
export function expectInterruption(cluster: FaultCluster, name: string, answer: Answer): void {
  const { status, headers, body, language } = answer
  const where = `${name}: ${body.slice(0, 300)}`
  expect(status, where).toBe(503)
  expect(headers.get('retry-after'), where).toMatch(/^\d+$/)
  for (const secret of cluster.secrets) expect(body, name).not.toContain(secret)
  expect(body, name).not.toMatch(/mongo|redis|ECONN/i)
  if (!language) {
    expect(headers.get('content-type'), name).toContain('application/json')
    expect(JSON.parse(body), name).toHaveProperty('error')
    return
  }
  expect(headers.get('content-type'), name).toContain('text/html')
  expect(/<html lang="\w\w">/.exec(body)?.[0], where).toBe(`<html lang="${language}">`)
  expect(body.includes(UNAVAILABLE[language]), where).toBe(true)
}

type Possible = Moment | undefined

export async function expectInterrupted(cluster: FaultCluster, moments: Possible[]): Promise<void> {
  for (const moment of moments) if (moment) expectInterruption(cluster, moment.name, await moment.act())
}

/** What was refused works now, without beginning anew. */
export async function expectToGoOn(moments: Possible[]): Promise<void> {
  for (const moment of moments) {
    if (!moment) continue
    const answer = await moment.act()
    const words = answer.body.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
    expect(moment.worked(answer), `${moment.name}: ${answer.status} ${words}`).toBe(true)
  }
}

/**
 * A person who signs in to one application of two nodes (nodes.ts): password, for some a code of their app, back to the
 * application, tokens. What goes wrong is told apart by what the person saw.
 */
import { createHash, randomBytes } from 'node:crypto'
import { Person, whereTo } from '../people/person.ts'
import { codeOf, keyOn } from '../people/second-factor.ts'
import { type Member, PASSWORD } from './crowd.ts'
import { CLIENT } from './nodes.ts'

const USED = 'This code has been used already'

export interface Tokens {
  access_token: string
  id_token: string
  refresh_token?: string
}

/** What somebody saw instead of what should have come. */
export class Unexpected extends Error {
  readonly seen: string
  constructor(seen: string, where: string) {
    super(`${seen} ${where}`)
    this.seen = seen
  }
}

/** One person in one browser. */
export class Visit {
  readonly person = new Person()
  readonly #origin: string
  #verifier = randomBytes(32).toString('base64url')

  constructor(origin: string) {
    this.#origin = origin
  }

  /** The application sends them; ends at a page, or back at the application. */
  open(parameters: Record<string, string> = {}): Promise<string | undefined> {
    return this.#walk(() => this.person.request('GET', this.request(parameters)))
  }

  /** A new authorization request. */
  request(parameters: Record<string, string> = {}): string {
    this.#verifier = randomBytes(32).toString('base64url')
    const address = new URL(`${this.#origin}/auth`)
    address.search = new URLSearchParams({
      client_id: CLIENT.id,
      redirect_uri: CLIENT.redirect,
      response_type: 'code',
      scope: 'openid',
      code_challenge: createHash('sha256').update(this.#verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
    }).toString()
    return address.href
  }

  /** The code that the application was given, if they are back there. */
  async submit(fields: Record<string, string>): Promise<string | undefined> {
    const [form] = this.person.forms()
    if (!form) throw new Unexpected(`page without a form (${this.person.page.status})`, this.person.page.url)
    const body = new URLSearchParams({ ...form.fields, ...fields })
    const address = new URL(form.action, this.person.page.url).href
    return this.#walk(() => this.person.request('POST', address, body))
  }

  async redeem(code: string): Promise<Tokens> {
    const response = await this.tokenRequest(code)
    const text = await response.text()
    if (!response.ok) throw new Unexpected(`${response.status} at /token`, text)
    return JSON.parse(text) as Tokens
  }

  tokenRequest(code: string, origin = this.#origin): Promise<Response> {
    const fields = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CLIENT.redirect,
      code_verifier: this.#verifier,
    }
    const authorization = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`
    return reached(() =>
      fetch(`${origin}/token`, { method: 'POST', headers: { authorization }, body: new URLSearchParams(fields) }),
    )
  }

  /** All of it. `typed` is told each code of the app just before it is sent. */
  async signIn(member: Member, typed: (code: string) => void = () => undefined): Promise<Tokens> {
    await this.open()
    let code = await this.submit({ email: member.email, password: PASSWORD })
    if (member.key !== undefined && code === undefined) {
      const shown = codeOf(member.key, Date.now())
      typed(shown)
      code = await this.submit({ code: shown, step: 'verify' })
    }
    if (code === undefined) throw new Unexpected(`page ${this.person.page.status}`, this.person.page.url)
    return this.redeem(code)
  }

  /** Up to the page that asks for the first code of a new app; returns the key in the app. */
  async setUp(member: Member): Promise<string> {
    await this.open({ acr_values: 'urn:sigma:acr:mfa' })
    await this.submit({ email: member.email, password: PASSWORD })
    if (this.person.page.html.includes('value="enable"')) await this.submit({ step: 'enable' })
    await this.submit({ step: 'app:other' })
    const key = keyOn(this.person.page)
    await this.submit({ step: 'scanned' })
    return key
  }

  /** With this code of the app, whatever the time. */
  async enter({ email }: Member, code: string): Promise<'in' | 'used' | 'refused'> {
    await this.open({ acr_values: 'urn:sigma:acr:mfa' })
    await this.submit({ email, password: PASSWORD })
    if ((await this.submit({ code, step: 'verify' })) !== undefined) return 'in'
    return this.person.page.html.includes(USED) ? 'used' : 'refused'
  }

  /** Another tab, or a copy of the browser. */
  copy(): Visit {
    const copy = new Visit(this.#origin)
    copy.person.cookies = this.person.cookies.map((cookie) => ({ ...cookie }))
    return copy
  }

  /** Follows redirects up to a page or the application. */
  async #walk(first: () => Promise<Response>): Promise<string | undefined> {
    let response = await reached(first)
    for (;;) {
      const at = response.url
      const html = await reached(() => response.text())
      const location = whereTo(response, html)
      if (location === undefined) {
        this.person.page = { status: response.status, url: at, html, headers: response.headers }
        if (response.status >= 500) throw new Unexpected(`page ${response.status}`, new URL(at).pathname)
        return undefined
      }
      if (location.startsWith(CLIENT.redirect)) return back(new URL(location))
      const next = new URL(location, at).href
      response = await reached(() => this.person.request('GET', next))
    }
  }
}

function back({ searchParams }: URL): string {
  const code = searchParams.get('code')
  if (!code) throw new Unexpected(`error ${searchParams.get('error')}`, 'at the application')
  return code
}

async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (fault) {
    const { cause } = fault as { cause?: { code?: string } }
    throw new Unexpected('connection broken', cause?.code ?? String(fault))
  }
}

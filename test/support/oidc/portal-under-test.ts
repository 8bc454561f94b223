/** The demonstration portal on a free port, before the stub issuer, with a clock that a test can move. */
import { createServer } from 'node:http'
import type { JWTPayload } from 'jose'
import { logger } from '../../../src/lib/log.ts'
import { type PortalOptions, portal } from '../../../src/portal/portal.ts'
import { listenLocally, STUB_CLIENT, type StubIssuer, stubIssuer } from './stub-issuer.ts'

/** A page as the fake views write it: the template's name and what it was given. */
export interface Shown {
  view: string
  locale: string
  data: Record<string, unknown>
}

export interface PortalUnderTest {
  origin: string
  provider: StubIssuer
  /** How often the portal logged this. */
  logged(message: string): number
  /** Moves the portal's clock, and only that, ahead. */
  pass(milliseconds: number): void
  close(): Promise<void>
}

/** `settings.origin` is where the portal believes to be, when a proxy in front of it ends TLS. */
export async function portalUnderTest(settings: Partial<PortalOptions> = {}): Promise<PortalUnderTest> {
  const provider = await stubIssuer()
  const lines: string[] = []
  let ahead = 0
  const server = createServer()
  const origin = await listenLocally(server)
  const { handler } = portal({
    issuer: provider.issuer,
    origin,
    name: 'Sigma Portal',
    house: true,
    approvesPayroll: true,
    ...STUB_CLIENT,
    views: { page: (view, locale, data) => JSON.stringify({ view, locale, data }) },
    now: () => Date.now() + ahead,
    log: logger('debug', { write: (line: string) => void lines.push(line) }),
    assets: (path) => (path === '/assets/site.css' ? { body: 'p{}', type: 'text/css', etag: '"one"' } : undefined),
    ...settings,
  })
  server.on('request', handler)
  return {
    origin,
    provider,
    logged: (message) => lines.filter((line) => JSON.parse(line).msg === message).length,
    pass: (milliseconds) => {
      ahead += milliseconds
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await provider.close()
    },
  }
}

export interface PortalBrowser {
  cookies: Map<string, string>
  /** Follows no redirect: each is part of what is tested. */
  send(url: string | URL, init?: RequestInit): Promise<Response>
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  show(path?: string, headers?: Record<string, string>): Promise<Shown>
  /** From **Sign in** to the answer of the callback; `meddle` changes what the provider sent back. */
  signIn(claims?: JWTPayload, meddle?: (callback: URL) => void): Promise<Response>
  /** Presses **Approve payroll run** on the first page; the answer is where that leads. */
  approve(): Promise<Response>
}

export function portalBrowser({ origin, provider }: PortalUnderTest): PortalBrowser {
  const cookies = new Map<string, string>()
  const browser: PortalBrowser = {
    cookies,
    async send(url, init = {}) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = new Headers(init.headers)
      if (cookie) headers.set('cookie', cookie)
      const response = await fetch(new URL(url, origin), { ...init, headers, redirect: 'manual' })
      for (const line of response.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split('; ')
        const equals = pair.indexOf('=')
        if (attributes.some((attribute) => attribute.includes('1970'))) cookies.delete(pair.slice(0, equals))
        else cookies.set(pair.slice(0, equals), pair.slice(equals + 1))
      }
      return response
    },
    post: (path, fields, headers) => browser.send(path, { method: 'POST', body: new URLSearchParams(fields), headers }),
    async show(path = '/', headers = {}) {
      return (await browser.send(path, { headers })).json()
    },
    async signIn(claims, meddle) {
      const started = await browser.send('/login')
      const callback = provider.authorize(location(started), claims)
      meddle?.(callback)
      return browser.send(callback)
    },
    async approve() {
      const { data } = await browser.show()
      const { action } = data.approve as { action: string }
      return browser.post(action, { csrf: String(data.csrf) }, { origin })
    },
  }
  return browser
}

export function location(response: Response): string {
  return response.headers.get('location') ?? ''
}

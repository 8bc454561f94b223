/** Browsers and applications that cost little, so that the server alone is measured: one pool of connections and no more. */
import { Pool } from 'undici'
import { attribute } from '../../support/people/person.ts'
import { forwarded, type Target } from './target.ts'

export const CONNECTIONS = 8

export interface Answer {
  status: number
  location: string | undefined
  cookies: string[]
  text: string
}

/** The way to a target. Nodes get requests in turn, as a proxy gives them. */
export interface Line {
  target: Target
  send(method: 'GET' | 'POST', path: string, headers: Record<string, string>, body?: string): Promise<Answer>
  close(): Promise<void>
}

export function lineTo(target: Target): Line {
  const pools = target.ports().map((port) => new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS }))
  let turn = 0
  return {
    target,
    async send(method, path, headers, body) {
      const pool = pools[turn++ % pools.length] as Pool
      const answer = await pool.request({ method, path, headers, body: body ?? null })
      const { location, 'set-cookie': cookies = [] } = answer.headers
      return {
        status: answer.statusCode,
        location: typeof location === 'string' ? location : undefined,
        cookies: typeof cookies === 'string' ? [cookies] : cookies,
        text: await answer.body.text(),
      }
    },
    close: async () => void (await Promise.all(pools.map((pool) => pool.close()))),
  }
}

interface Cookie {
  value: string
  path: string
}

/** One browser without scripts: cookies by name and path, redirects followed to a page or to the application. */
export class Browser {
  readonly #line: Line
  readonly #headers: Record<string, string>
  readonly #cookies = new Map<string, Cookie>()

  constructor(line: Line, number: number) {
    this.#line = line
    const address = `198.18.${(number >> 8) & 255}.${number & 255}`
    this.#headers = { ...forwarded(line.target.issuer, address), accept: 'text/html', 'accept-language': 'en' }
  }

  open(path: string): Promise<Stop> {
    return this.#go('GET', path)
  }

  /** Sends the form of the page with what the page filled in. */
  submit({ html, at }: Page, fields: Record<string, string>): Promise<Stop> {
    const form = formOn(html)
    if (!form) throw new Error(`no form at ${at}: ${html.slice(0, 300)}`)
    const { pathname, search } = new URL(form.action, new URL(at, this.#line.target.issuer))
    return this.#go('POST', pathname + search, new URLSearchParams({ ...form.fields, ...fields }).toString())
  }

  async #go(method: 'GET' | 'POST', path: string, body?: string): Promise<Stop> {
    const { issuer } = this.#line.target
    const posted = { origin: issuer, 'content-type': 'application/x-www-form-urlencoded' }
    let answer = await this.#line.send(method, path, { ...this.#sent(path), ...(method === 'POST' && posted) }, body)
    for (let at = path; ; ) {
      for (const line of answer.cookies) this.#keep(line)
      const onward = answer.location ?? refreshOn(answer.text)
      if (onward === undefined) return { page: { status: answer.status, html: answer.text, at } }
      const next = new URL(onward, new URL(at, issuer))
      if (next.origin !== new URL(issuer).origin) return { back: next.searchParams }
      at = next.pathname + next.search
      answer = await this.#line.send('GET', at, this.#sent(at))
    }
  }

  #sent(path: string): Record<string, string> {
    const pairs: string[] = []
    for (const [name, { value, path: under }] of this.#cookies) {
      if (path.startsWith(under)) pairs.push(`${name}=${value}`)
    }
    return pairs.length > 0 ? { ...this.#headers, cookie: pairs.join('; ') } : this.#headers
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/; */)
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? []
    const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/'
    const over = value === '' || attributes.some((each) => /^expires=\w+, 01.Jan.1970|^max-age=0$/i.test(each))
    if (over) this.#cookies.delete(name)
    else this.#cookies.set(name, { value, path })
  }
}

export interface Page {
  status: number
  html: string
  at: string
}

/** Where a browser ends: at a page, or at the application with what it was given. */
export interface Stop {
  page?: Page
  back?: URLSearchParams
}

/** The form that is posted. */
function formOn(html: string): { action: string; fields: Record<string, string> } | undefined {
  const [, open = '', inside = ''] = /<form\b([^>]*\bmethod="post"[^>]*)>([\s\S]*?)<\/form>/i.exec(html) ?? []
  if (open === '') return undefined
  const fields: Record<string, string> = {}
  for (const [tag] of inside.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)) {
    fields[attribute(tag, 'name') ?? ''] = attribute(tag, 'value') ?? ''
  }
  return { action: attribute(open, 'action') ?? '', fields }
}

/** A page that goes on by itself ends a chain that began with a form. */
function refreshOn(html: string): string | undefined {
  const tag = /<meta http-equiv="refresh"[^>]*>/.exec(html)?.[0]
  return tag && /^0;url=(.*)$/.exec(attribute(tag, 'content') ?? '')?.[1]
}

/**
 * A browser without scripts: cookies by host and path, redirects followed one by one, forms filled in by the names that
 * the page gives them. What a person sees is in `page`; what went over the line is in `trail`.
 */
export interface Page {
  status: number
  url: string
  html: string
  headers: Headers
}

interface Cookie {
  name: string
  value: string
  host: string
  path: string
}

export interface PersonOptions {
  language?: string
  headers?: Record<string, string>
}

export class Person {
  page: Page = { status: 0, url: '', html: '', headers: new Headers() }
  /** Every answer, redirects included, in order; `next` is where it was followed to. */
  trail: Array<{ method: string; url: string; status: number; headers: Headers; next?: string }> = []
  cookies: Cookie[] = []
  readonly #headers: Record<string, string>

  constructor(options: PersonOptions = {}) {
    this.#headers = { accept: 'text/html', 'accept-language': options.language ?? 'en', ...options.headers }
  }

  /** Another browser with the same cookies, for requests that must not wait for each other. */
  copy(): Person {
    const copy = new Person({ headers: this.#headers })
    copy.cookies = this.cookies.map((cookie) => ({ ...cookie }))
    copy.page = this.page
    return copy
  }

  visit(url: string): Promise<Page> {
    return this.#go('GET', new URL(url, this.page.url || undefined).href)
  }

  /** Submits the form whose action or buttons fit; fields that the page filled in are kept. */
  submit(fields: Record<string, string> = {}, which = 0): Promise<Page> {
    const form = this.forms()[which]
    if (!form) throw new Error(`no form on ${this.page.url}: ${this.page.html.slice(0, 400)}`)
    const body = new URLSearchParams({ ...form.fields, ...fields })
    return this.#go('POST', new URL(form.action, this.page.url).href, body)
  }

  post(
    url: string,
    fields: Record<string, string> | URLSearchParams | FormData,
    headers: Record<string, string> = {},
  ): Promise<Page> {
    const body = fields instanceof FormData ? fields : new URLSearchParams(fields)
    return this.#go('POST', new URL(url, this.page.url || undefined).href, body, headers)
  }

  /** The form of the page that has a file in it, sent as the browser sends it. */
  upload(parts: FormData, which = 0): Promise<Page> {
    const form = this.forms()[which]
    if (!form) throw new Error(`no form on ${this.page.url}`)
    for (const [name, value] of Object.entries(form.fields)) if (!parts.has(name)) parts.set(name, value)
    return this.#go('POST', new URL(form.action, this.page.url).href, parts)
  }

  forms(): Array<{ action: string; fields: Record<string, string> }> {
    return [...this.page.html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, open = '', inside = '']) => {
      const fields: Record<string, string> = {}
      for (const [tag] of inside.matchAll(/<input\b[^>]*>/g)) {
        const name = attribute(tag, 'name')
        const type = attribute(tag, 'type')
        if (!name || ((type === 'checkbox' || type === 'radio') && !/\bchecked\b/.test(tag))) continue
        fields[name] = attribute(tag, 'value') ?? ''
      }
      for (const [, tag = '', typed = ''] of inside.matchAll(/<textarea\b([^>]*)>\n?([\s\S]*?)<\/textarea>/g)) {
        const name = attribute(tag, 'name')
        if (name) fields[name] = unescaped(typed)
      }
      return { action: attribute(open, 'action') ?? '', fields }
    })
  }

  cookie(name: string): string | undefined {
    return this.cookies.find((cookie) => cookie.name === name)?.value
  }

  /** One request, without following where it leads. */
  async request(
    method: string,
    url: string,
    body?: URLSearchParams | FormData,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const target = new URL(url)
    const response = await fetch(target, {
      method,
      redirect: 'manual',
      headers: {
        ...this.#headers,
        cookie: this.#cookieHeader(target),
        ...(method === 'POST' && { origin: target.origin }),
        ...headers,
      },
      ...(body && { body }),
    })
    for (const line of response.headers.getSetCookie()) this.#keep(line, target)
    this.trail.push({ method, url: target.href, status: response.status, headers: response.headers })
    return response
  }

  async #go(
    method: string,
    url: string,
    body?: URLSearchParams | FormData,
    headers: Record<string, string> = {},
  ): Promise<Page> {
    let response = await this.request(method, url, body, headers)
    let at = url
    for (let hops = 0; hops < 20; hops += 1) {
      const html = await response.text()
      const next = whereTo(response, html)
      Object.assign(this.trail.at(-1) ?? {}, { next })
      if (next === undefined) {
        this.page = { status: response.status, url: at, html, headers: response.headers }
        return this.page
      }
      at = new URL(next, at).href
      response = await this.request('GET', at)
    }
    throw new Error(`too many redirects, last at ${at}`)
  }

  #cookieHeader(target: URL): string {
    return this.cookies
      .filter((cookie) => cookie.host === target.hostname && under(target.pathname, cookie.path))
      .map((cookie) => `${cookie.name}=${cookie.value}`)
      .join('; ')
  }

  #keep(line: string, target: URL): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const equals = pair.indexOf('=')
    const named = (name: string) =>
      attributes.find((part) => part.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
    const cookie: Cookie = {
      name: pair.slice(0, equals),
      value: pair.slice(equals + 1),
      host: target.hostname,
      path: named('path') ?? '/',
    }
    this.cookies = this.cookies.filter(
      (kept) => !(kept.name === cookie.name && kept.host === cookie.host && kept.path === cookie.path),
    )
    const expires = named('expires')
    const dead = named('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= 0) || cookie.value === ''
    if (!dead) this.cookies.push(cookie)
  }
}

/** Where an answer sends the browser on to: by a redirect, or by a page that goes on by itself. */
export function whereTo(response: Response, html: string): string | undefined {
  const { status, headers } = response
  if (status >= 300 && status <= 399) return headers.get('location') ?? undefined
  const refresh = /<meta http-equiv="refresh"[^>]*>/.exec(html)?.[0]
  return refresh && /^0;url=(.*)$/.exec(attribute(refresh, 'content') ?? '')?.[1]
}

function under(path: string, cookiePath: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)
}

export function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return value === undefined ? undefined : unescaped(value)
}

export function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

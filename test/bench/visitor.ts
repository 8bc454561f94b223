/**
 * Somebody with a browser, as cheaply as it can be played: one connection of their own, cookies by name, forms by pattern.
 * Thousands of them come from one process, which must not be what is measured.
 */
import { createHash, randomBytes } from 'node:crypto'
import { Agent, type OutgoingHttpHeaders, request } from 'node:http'
import { CLIENT } from './installation.ts'

export interface Answer {
  status: number
  location: string | undefined
  /** Seconds. */
  retryAfter: number
  text: string
}

export interface Sent {
  headers?: OutgoingHttpHeaders
  form?: Record<string, string>
  /** Over a connection that is opened for this alone. */
  newConnection?: boolean
}

export class Visitor {
  readonly cookies = new Map<string, string>()
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #origin: string
  readonly #from: string

  constructor(origin: string, from: string) {
    this.#origin = origin
    this.#from = from
  }

  send(method: string, path: string, { headers, form, newConnection }: Sent = {}): Promise<Answer> {
    const body = form && new URLSearchParams(form).toString()
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const sent = {
      accept: 'text/html',
      'x-forwarded-for': this.#from,
      ...(cookie && { cookie }),
      ...(body !== undefined && {
        ...(!headers?.authorization && { origin: this.#origin }),
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
      }),
      ...headers,
    }
    const options = { method, headers: sent, agent: newConnection ? false : this.#agent }
    return new Promise((resolve, reject) => {
      const asked = request(new URL(path, this.#origin), options, (answer) => {
        for (const line of answer.headers['set-cookie'] ?? []) this.#keep(line)
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (part) => {
          text += part
        })
        answer.once('error', reject)
        answer.once('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            location: answer.headers.location,
            retryAfter: Number(answer.headers['retry-after'] ?? 0),
            text,
          }),
        )
      })
      asked.once('error', reject)
      asked.end(body)
    })
  }

  #keep(line: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (name === undefined || value === undefined) return
    if (value === '') this.cookies.delete(name)
    else this.cookies.set(name, value)
  }

  leave(): void {
    this.#agent.destroy()
  }
}

/** The address at which a sign-in begins. */
export function beginning(verifier: string, more: Record<string, string> = {}): string {
  return `/auth?${new URLSearchParams({
    client_id: CLIENT.id,
    redirect_uri: CLIENT.redirect,
    response_type: 'code',
    scope: 'openid',
    state: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  })}`
}

/** The form of a page: where it goes, and what it holds already. */
export function formOf(html: string): { action: string; fields: Record<string, string> } | undefined {
  const [, action, inside = ''] = /<form\b[^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/.exec(html) ?? []
  if (action === undefined) return undefined
  const hidden = [...inside.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
  return { action, fields: Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])) }
}

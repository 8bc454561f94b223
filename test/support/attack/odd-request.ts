/**
 * Requests that no honest client sends, one after the other from a seed: addresses in odd spellings, headers that
 * contradict each other, bodies that are too long, badly announced or never finished. Each knows which limit it breaks.
 */
import { CLIENT } from '../nodes/nodes.ts'
import { names, values } from './odd-input.ts'

export interface OddRequest {
  /** As it goes over the line, in pieces. */
  pieces: string[]
  /** The bound that it is beyond: it may be answered by a refusal only. */
  beyond: string | undefined
  /** Nothing more comes after the last piece, though the request is not whole. */
  unfinished: boolean
}

/** From 0 up to 1, as Math.random. */
export type Random = () => number

/** Tommy Ettinger's mulberry32: small, quick, and the same for the same seed. */
export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Addresses, with how long a query and a body may be. Of our own pages only the form has a bound. */
const MOST = 16 * 1024
type Bounded = [path: string, query: number, body: number]
/** What is sent to these is kept. */
const KEEPING: Bounded[] = [
  ['/auth', 4096, 4096],
  ['/request', 8192, 8192],
]
const DOORS: Bounded[] = [
  ...KEEPING,
  ['/session/end', 8192, 8192],
  ['/session/end/confirm', MOST, MOST],
  ['/session/end/success', MOST, MOST],
  ['/auth/AAAAAAAAAAAAAAAAAAAAA', MOST, MOST],
  ['/token', MOST, MOST],
  ['/token/introspection', MOST, MOST],
  ['/token/revocation', MOST, MOST],
  ['/me', MOST, MOST],
  ['/jwks', MOST, Number.POSITIVE_INFINITY],
  ['/.well-known/openid-configuration', MOST, Number.POSITIVE_INFINITY],
  ['/recover', MOST, MOST],
  ['/activate/set', MOST, MOST],
  ['/activate/check', MOST, MOST],
  ['/interaction/AAAAAAAAAAAAAAAAAAAAA/login', MOST, MOST],
  ['/account', MOST, Number.POSITIVE_INFINITY],
  ['/account/password', MOST, MOST],
  ['/admin/people/invite', MOST, MOST],
  ['/assets/sigma.css', MOST, Number.POSITIVE_INFINITY],
  ['/', MOST, Number.POSITIVE_INFINITY],
  ['/nothing', MOST, Number.POSITIVE_INFINITY],
]
const MOST_HEADERS = 100
const MOST_HEAD = 16 * 1024

const ODD_HEADERS = [
  ['Accept', 'text/html', '*/*', 'application/json', ';;;', '*', 'text/html;q=x'],
  ['Accept-Language', 'nl', '*', ';q=', 'nl-'.repeat(300)],
  ['Cookie', 'sigma-session=x; sigma-session.sig=y', '__Host-sigma-seat=%%%', '=;=;;', 'a=b; '.repeat(200)],
  ['Authorization', 'Basic !!!', 'Basic', 'Bearer', 'DPoP a.b.c', `Bearer ${'x'.repeat(500)}`],
  ['DPoP', 'a.b.c', '', 'x'.repeat(3000)],
  ['Origin', 'null', 'https://spa.example', 'x', ''],
  ['Sec-Fetch-Site', 'cross-site', 'same-origin', 'x'],
  ['X-Forwarded-For', '192.0.2.7:50123', '[2001:db8::7]:443', '[', ':'.repeat(500), '1.2.3.4, , x', ''],
  ['X-Forwarded-Host', 'evil.example', '//', ''],
  ['Forwarded', 'for="[2001:db8::7]:443";host=evil.example'],
  ['Content-Encoding', 'gzip', 'x'],
  ['Expect', '100-continue', 'x'],
  ['Range', 'bytes=0-,x'],
  ['If-None-Match', '*', '"'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['Transfer-Encoding', 'identity', 'gzip', 'x'],
  ['Content-Length', '-1', '1e3', '0x10', '99999999999999999999'],
  ['Upgrade', 'websocket', 'h2c'],
]
const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'QUERY']
const FORM = 'application/x-www-form-urlencoded'
const TYPES = [
  ...Array(6).fill(FORM),
  'application/x-www-form-urlencoded; charset=x',
  'application/json',
  'multipart/form-data; boundary=x',
  'text/plain',
  'nonsense',
  '',
]

export function oddRequest(random: Random): OddRequest {
  const chance = (of: number) => random() < of
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const upTo = (most: number) => Math.floor(random() * (most + 1))

  // In order but for its spelling and its length, so that it gets as far as a guard lets it.
  const almostRight = chance(0.4)
  const [path, mostQuery, mostBody] = pick(almostRight ? KEEPING : DOORS)
  const method = almostRight ? pick(path === '/auth' ? ['GET', 'POST'] : ['POST']) : pick(METHODS)
  const query = (almostRight ? method === 'GET' : chance(0.5)) ? fields(mostQuery) : ''
  const spelled = chance(0.4) ? spell(path) : path
  const target = targetOf(query === '' ? spelled : `${spelled}?${query}`)
  const body = method === 'POST' || chance(0.1) ? content(mostBody) : ''
  const hosts = almostRight || chance(0.9) ? 1 : pick([0, 2, 3])

  const headers: string[] = Array.from(
    { length: hosts },
    () => `Host: ${pick(['localhost', 'evil.example', 'x@y:1', ''])}`,
  )
  if (body !== '' && (almostRight || chance(0.9))) headers.push(`Content-Type: ${almostRight ? FORM : pick(TYPES)}`)
  if (almostRight || chance(0.4))
    headers.push(`Authorization: Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`)
  for (let more = almostRight ? 0 : upTo(4); more > 0 && chance(0.7); more -= 1) {
    const [name = '', ...options] = pick(ODD_HEADERS)
    headers.push(`${chance(0.2) ? name.toLowerCase() : name}: ${pick(options)}`)
  }
  if (chance(0.03)) headers.push(...Array.from({ length: 60 + upTo(80) }, (_, n) => `X-${n}: x`))
  if (chance(0.03)) headers.push(`X-Long: ${'x'.repeat(8000 + upTo(12_000))}`)
  headers.push('Connection: close')

  const chunked = body !== '' && chance(0.5)
  // Announced as shorter than it is, what is left over stands where the next request would.
  const announced =
    almostRight || chance(0.9) ? body.length : pick([0, upTo(body.length), body.length + 1 + upTo(1000)])
  if (chunked) headers.push('Transfer-Encoding: chunked')
  else if (body !== '') headers.push(`Content-Length: ${announced}`)
  const head = `${method} ${target} HTTP/${chance(0.97) ? '1.1' : pick(['1.0', '2.0', '9.9', '1'])}\r\n${headers.join('\r\n')}\r\n\r\n`
  const unfinished = chance(0.05)
  const sent = chunked ? chunks() : [body]
  const pieces = [head, ...sent].filter((piece) => piece !== '')
  if (unfinished) pieces.push(pieces.pop()?.slice(0, -1 - upTo(10)) ?? '')
  return { pieces, beyond: beyond(), unfinished: unfinished || (!chunked && announced > body.length) }

  function chunks(): string[] {
    const parts: string[] = []
    for (let at = 0; at < body.length; ) {
      const part = body.slice(at, at + 1 + upTo(Math.max(1, body.length / 3)))
      at += part.length
      parts.push(`${part.length.toString(16)}${chance(0.1) ? ';x=y' : ''}\r\n${part}\r\n`)
    }
    return [...parts, chance(0.97) ? '0\r\n\r\n' : 'zz\r\n']
  }

  /** The first bound that the request is over, as a guard meets it. */
  function beyond(): string | undefined {
    if (headers.length > MOST_HEADERS) return 'headers'
    if (head.length > MOST_HEAD + 1024) return 'head'
    if (hosts > 1) return 'hosts'
    // Of another spelling the query may be in a fragment, or the path in a host.
    const asked = spelled.startsWith('/') && !spelled.includes('#') && target.endsWith(query) ? query.length : 0
    if (asked > mostQuery) return `query of ${path}`
    const length = chunked ? body.length : Math.min(announced, body.length)
    return method === 'POST' && length > mostBody ? `body of ${path}` : undefined
  }

  /** Fields of which some mean something, often just below or above the bound. */
  function fields(most: number): string {
    const known = new URLSearchParams(
      almostRight || chance(0.6)
        ? {
            client_id: CLIENT.id,
            redirect_uri: CLIENT.redirect,
            response_type: 'code',
            scope: 'openid',
            code_challenge: 'A'.repeat(43),
            code_challenge_method: 'S256',
          }
        : {},
    )
    for (let more = almostRight ? 0 : upTo(6); more > 0; more -= 1)
      known.append(pick(names), pick(values).slice(0, 200))
    if (almostRight || chance(0.4)) {
      known.delete('state')
      known.set('state', 'x')
      const left = Math.min(most, MOST) - known.toString().length + pick([-1, 0, 1, 100, 4000, 12_000])
      if (left > 0) known.set('state', 'x'.repeat(1 + left))
    }
    return known.toString()
  }

  function content(most: number): string {
    if (almostRight || chance(0.75)) return fields(most)
    return pick(['{"a":"b"}', '{', '[]', 'x'.repeat(100_000), '\0\0', '%', '&&&==', '\xff\xfe', 'a=1&a=2'])
  }

  function spell(plain: string): string {
    const letter = 1 + upTo(Math.max(0, plain.length - 2))
    return pick([
      `${plain}/`,
      plain.toUpperCase(),
      `${plain.slice(0, letter).toUpperCase()}${plain.slice(letter)}`,
      `${plain}//`,
      `/${plain}`,
      `/.${plain}`,
      `/x/..${plain}`,
      `${plain.slice(0, letter)}%${plain.charCodeAt(letter).toString(16)}${plain.slice(letter + 1)}`,
      plain.replaceAll('/', '%2f'),
      `${plain}%00`,
      `${plain}%`,
      `${plain};x`,
      `${plain}#x`,
      `${plain}\\`,
      `${plain}\xe9`,
    ])
  }

  function targetOf(address: string): string {
    if (chance(0.9)) return address
    return pick([`http://evil.example${address}`, `HTTPS://x@y:1${address}`, '*', 'evil.example:443', 'http:/auth', ''])
  }
}

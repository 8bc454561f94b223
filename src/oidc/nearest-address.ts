/** Which address on an application's record was most likely meant, and in what the one that was sent differs from it. */

export type Difference =
  | 'scheme'
  | 'user'
  | 'host'
  | 'port'
  | 'slash'
  | 'case'
  | 'path'
  | 'query'
  | 'fragment'
  | 'spelling'

export interface Nearest {
  address: string
  differs: Difference[]
}

/** One that differs in more is another address, not this one with a slip in it. */
const MOST = 2
/** A line of a log. */
const LONGEST = 200

export function nearestAddress(
  refused: string,
  registered: readonly string[],
  { anyPort }: { anyPort: boolean },
): Nearest | undefined {
  if (!URL.canParse(refused)) return undefined
  const [best] = registered
    .filter((address) => URL.canParse(address))
    .map((address) => ({ address, differs: differences(new URL(refused), new URL(address), anyPort) }))
    .sort((one, other) => one.differs.length - other.differs.length)
  if (!best || best.differs.length > MOST) return undefined
  // A browser takes the two for the same address, but we compare them as text (RFC 9700 section 2.1).
  return best.differs.length === 0 ? { ...best, differs: ['spelling'] } : best
}

function differences(refused: URL, registered: URL, anyPort: boolean): Difference[] {
  const found: Array<Difference | false> = [
    refused.protocol !== registered.protocol && 'scheme',
    (refused.username !== '' || refused.password !== '') && 'user',
    refused.hostname !== registered.hostname && 'host',
    refused.port !== registered.port && !anyPort && 'port',
    refused.pathname !== registered.pathname && pathDifference(refused.pathname, registered.pathname),
    (refused.search !== registered.search || hasBare(refused, '?') !== hasBare(registered, '?')) && 'query',
    (refused.hash !== '' || hasBare(refused, '#')) && 'fragment',
  ]
  return found.filter((difference) => difference !== false)
}

function pathDifference(refused: string, registered: string): Difference {
  if (refused === `${registered}/` || `${refused}/` === registered) return 'slash'
  return refused.toLowerCase() === registered.toLowerCase() ? 'case' : 'path'
}

/** A sign with nothing after it, which the URL's own fields do not show. */
function hasBare({ href }: URL, sign: '?' | '#'): boolean {
  return href.endsWith(sign) || (sign === '?' && href.includes('?#'))
}

/** Scheme, host and path: what follows them may be anything, a secret too. */
export function plainAddress(text: string): string {
  if (!URL.canParse(text)) return 'not an address'
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}${host && '//'}${host}${host ? pathname : pathOf(protocol, pathname)}`.slice(0, LONGEST)
}

/** Of a private scheme the path; of `data:` and `javascript:` it is the content. */
function pathOf(protocol: string, pathname: string): string {
  return protocol.includes('.') ? pathname : ''
}

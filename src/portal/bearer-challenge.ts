/**
 * The challenge with which an API refuses a token (`WWW-Authenticate`, RFC 9110 section 11.6.1), written and read.
 *
 * It steers where a browser is sent next, so reading is strict: a header that breaks the grammar anywhere, or means two
 * things at once, is not believed in part.
 */

/** What a Bearer challenge says (RFC 6750 section 3, RFC 9470 section 3). */
export interface BearerChallenge {
  error: string
  acrValues?: string
  /** Seconds. */
  maxAge?: number
}

export interface Challenge {
  /** In lower case, as schemes and names are compared. */
  scheme: string
  token68?: string
  params: Map<string, string>
}

const LONGEST = 4096

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const QUOTED = '"((?:[\\t \\x21\\x23-\\x5B\\x5D-\\x7E]|\\\\[\\t \\x21-\\x7E])*)"'
const END = '(?=[ \\t]*(?:,|$))'
const SEPARATOR = /[ \t]*(?:(?:,[ \t]*)+|$)/y
const SCHEME = new RegExp(`(${TOKEN})(?: +(?! |,|$)|${END})`, 'y')
const PARAM = new RegExp(`(${TOKEN})[ \\t]*=[ \\t]*(?:(${TOKEN})|${QUOTED})${END}`, 'y')
const TOKEN68 = new RegExp(`([A-Za-z0-9._~+/-]+=*)${END}`, 'y')

/** Every challenge of the header, in order. Undefined when it breaks the grammar. */
export function parseChallenges(header: string): Challenge[] | undefined {
  if (header.length > LONGEST) return undefined
  const challenges: Challenge[] = []
  let at = 0

  function read(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at
    const match = pattern.exec(header)
    if (match) at = pattern.lastIndex
    return match
  }

  /** False for a name that the challenge has already: section 11.2 allows each once. */
  function keep({ params }: Challenge, [, name = '', plain, quoted]: RegExpExecArray): boolean {
    const key = name.toLowerCase()
    if (params.has(key)) return false
    params.set(key, plain ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1'))
    return true
  }

  // A list may begin with empty elements.
  read(SEPARATOR)
  while (at < header.length) {
    const last = challenges.at(-1)
    const more = last && read(PARAM)
    // A scheme that stands alone, or before a token68, has no parameters to go on with.
    if (more && (last.params.size === 0 || !keep(last, more))) return undefined
    if (!more) {
      const [, scheme] = read(SCHEME) ?? []
      if (!scheme) return undefined
      const challenge: Challenge = { scheme: scheme.toLowerCase(), params: new Map() }
      challenges.push(challenge)
      // Where the scheme ends its element there is nothing to read before the comma.
      const first = read(PARAM)
      if (first) keep(challenge, first)
      else challenge.token68 = read(TOKEN68)?.[1]
    }
    if (!read(SEPARATOR)) return undefined
  }
  return challenges
}

// One or more values with single spaces between, of the characters that OAuth allows in `scope` (RFC 6749 section 3.3).
const ACR_VALUES = /^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/
const SECONDS = /^\d{1,9}$/

/** The one Bearer challenge of the header. Undefined if there is none, more than one, or its values are malformed. */
export function readBearerChallenge(header: string | null): BearerChallenge | undefined {
  const [bearer, ...others] = parseChallenges(header ?? '')?.filter(({ scheme }) => scheme === 'bearer') ?? []
  const error = bearer?.params.get('error')
  if (!bearer || !error || others.length > 0) return undefined
  const acrValues = bearer.params.get('acr_values')
  const maxAge = bearer.params.get('max_age')
  if (acrValues !== undefined && !ACR_VALUES.test(acrValues)) return undefined
  if (maxAge !== undefined && !SECONDS.test(maxAge)) return undefined
  return {
    error,
    ...(acrValues !== undefined && { acrValues }),
    ...(maxAge !== undefined && { maxAge: Number(maxAge) }),
  }
}

export function writeBearerChallenge(challenge: BearerChallenge, description?: string): string {
  const params = {
    error: challenge.error,
    error_description: description,
    acr_values: challenge.acrValues,
    max_age: challenge.maxAge,
  }
  const written = Object.entries(params).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}="${String(value).replaceAll(/["\\]/g, '\\$&')}"`,
  )
  return `Bearer ${written.join(', ')}`
}

/** What an address in a client's record may be. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

export interface UriFault {
  code: string
  reason: string
}

const NOT_ABSOLUTE = { code: 'not-absolute', reason: 'must be an absolute URL' }
const WILDCARD = { code: 'wildcard', reason: 'must not have a wildcard: list every address exactly' }
const FRAGMENT = { code: 'fragment', reason: 'must not have a fragment' }
export const NOT_ASCII = {
  code: 'not-ascii',
  reason: 'must be written as it is sent: a name of other letters as xn--, any other sign with %',
}

/**
 * The signs of an address (RFC 3986 section 2). Others look like them, cannot be seen, or turn the text around: whoever
 * looks at a change would take it for an address that they know.
 */
const SIGNS = /^[\x21-\x7e]+$/

export function isWrittenOut(text: string): boolean {
  return SIGNS.test(text)
}

/** Exact matching (RFC 9700 section 2.1) makes wildcards useless; refusing them tells the administrator so. */
export function uriFault(text: string, production: boolean): UriFault | undefined {
  if (!URL.canParse(text)) return NOT_ABSOLUTE
  if (text.includes('*')) return WILDCARD
  const url = new URL(text)
  if (url.hash || text.includes('#')) return FRAGMENT
  if (url.username || url.password) return { code: 'credentials', reason: 'must not have a user name or password' }
  const mayBe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname) && !production)
  if (!mayBe) return { code: 'not-https', reason: 'must be https' }
  return isWrittenOut(text) ? undefined : NOT_ASCII
}

/** Redirects of native applications may go to loopback over http (RFC 8252 section 7.3) or to a private scheme. */
export function nativeRedirectFault(text: string): UriFault | undefined {
  if (!URL.canParse(text)) return NOT_ABSOLUTE
  if (text.includes('*')) return WILDCARD
  const url = new URL(text)
  if (url.hash || text.includes('#')) return FRAGMENT
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname))
    return { code: 'not-https', reason: 'must be https, or http on loopback' }
  if (!['https:', 'http:'].includes(url.protocol) && !url.protocol.includes('.'))
    return {
      code: 'private-scheme',
      reason: 'a private scheme must be a reversed domain name, such as org.example.app:/callback',
    }
  return isWrittenOut(text) ? undefined : NOT_ASCII
}

/** Whether an application may be answered there. The port of a native one on loopback is its own affair (RFC 8252 section 7.3). */
export function mayRedirectTo(
  {
    redirect_uris = [],
    application_type,
  }: { redirect_uris?: readonly string[] | undefined; application_type?: string | undefined },
  address: string,
): boolean {
  if (redirect_uris.includes(address)) return true
  const bare = application_type === 'native' ? withoutPort(address) : undefined
  return bare !== undefined && redirect_uris.some((registered) => withoutPort(registered) === bare)
}

function withoutPort(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'http:' || !LOOPBACK.has(url.hostname)) return undefined
  url.port = ''
  return url.href
}

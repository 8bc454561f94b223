/** What an address in a client's record may be. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Exact matching (RFC 9700 section 2.1) makes wildcards useless; refusing them tells the administrator so. */
export function uriFault(text: string, production: boolean): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL'
  if (text.includes('*')) return 'must not have a wildcard: list every address exactly'
  const url = new URL(text)
  if (url.hash || text.includes('#')) return 'must not have a fragment'
  if (url.username || url.password) return 'must not have a user name or password'
  if (url.protocol === 'https:') return undefined
  if (url.protocol === 'http:' && LOOPBACK.has(url.hostname) && !production) return undefined
  return 'must be https'
}

/** Redirects of native applications may go to loopback over http (RFC 8252 section 7.3) or to a private scheme. */
export function nativeRedirectFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL'
  if (text.includes('*')) return 'must not have a wildcard: list every address exactly'
  const url = new URL(text)
  if (url.hash) return 'must not have a fragment'
  if (url.protocol === 'https:') return undefined
  if (url.protocol === 'http:') return LOOPBACK.has(url.hostname) ? undefined : 'must be https, or http on loopback'
  return url.protocol.includes('.')
    ? undefined
    : 'a private scheme must be a reversed domain name, such as org.example.app:/callback'
}

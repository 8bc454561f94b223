/**
 * The addresses of the provider: who asks there, and how much may be sent. Nothing reaches the library but through one
 * of these, in the one spelling that is written here: the library's router takes `/AUTH`, `/auth/` and `/auth/%41` too,
 * and a guard that knows one spelling only would stand beside the others.
 */
export interface Door {
  /** One address, or with `:uid` as its last part one for each sitting. */
  path: string
  /** A person's browser gets pages; a program gets OAuth's errors as JSON, and those of another origin may read them. */
  asker: 'person' | 'program'
  /** Characters of the query, or bytes of the body. */
  most: number
  /** A form may be posted here by another site: OpenID Connect Core 1.0 section 3.1.2.1, RP-Initiated Logout 1.0 section 2. */
  byForm?: true
}

/** As much as any form of ours may be. */
const MOST = 16 * 1024

export const PROVIDER_DOORS: readonly Door[] = [
  // Anybody can send something to the next two, and we keep it until its sitting ends or it is fetched.
  { path: '/auth', asker: 'person', most: 4 * 1024, byForm: true },
  { path: '/request', asker: 'program', most: 8 * 1024 },
  { path: '/auth/:uid', asker: 'person', most: MOST },
  // Room for an ID token with many claims in it.
  { path: '/session/end', asker: 'person', most: 8 * 1024, byForm: true },
  { path: '/session/end/confirm', asker: 'person', most: MOST },
  { path: '/session/end/success', asker: 'person', most: MOST },
  { path: '/token', asker: 'program', most: MOST },
  { path: '/token/introspection', asker: 'program', most: MOST },
  { path: '/token/revocation', asker: 'program', most: MOST },
  { path: '/me', asker: 'program', most: MOST },
  { path: '/jwks', asker: 'program', most: MOST },
  { path: '/.well-known/openid-configuration', asker: 'program', most: MOST },
  { path: '/.well-known/oauth-authorization-server', asker: 'program', most: MOST },
]

const FIXED = new Map(PROVIDER_DOORS.map((door) => [door.path, door]))

/** The door that the library's router would open for this path, and the path as that door spells it. */
export function doorAt(path: string): { door: Door; path: string } | undefined {
  // One slash at the end and case make no difference to the router.
  const plain = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  const fixed = FIXED.get(plain.toLowerCase())
  if (fixed) return { door: fixed, path: fixed.path }
  const last = plain.lastIndexOf('/') + 1
  const door = FIXED.get(`${plain.slice(0, last).toLowerCase()}:uid`)
  const uid = decoded(plain.slice(last))
  // Anything else names no sitting.
  return door && /^[\w-]+$/.test(uid) ? { door, path: door.path.replace(':uid', uid) } : undefined
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

/** The scopes that are ours to give, and the claims about a person that each of them is for. */

/** Claims by scope (OpenID Connect Core 1.0 section 5.4); the last four scopes are ours. */
export const CLAIMS = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username', 'locale'],
  email: ['email', 'email_verified'],
  organization: ['organization'],
  /** Apart from the name, which people can read: an id is for those who keep things by it, and it outlives a change of the name. */
  organization_id: ['organization_id'],
  groups: ['groups'],
  roles: ['roles'],
}

/** A claim that tells something of another scope as well is given with both: what people sign in by is their address. */
const ALSO_NEEDS = new Map([['preferred_username', 'email']])

/** Each claim with the scopes that it is given with, all of them. */
const NEEDS = Object.entries(CLAIMS).flatMap(([scope, claims]) =>
  claims.map((claim) => ({ claim, scopes: [scope, ALSO_NEEDS.get(claim) ?? scope] })),
)

/** What these scopes give. */
export function claimsOf(scopes: Iterable<string>): Set<string> {
  const given = new Set(scopes)
  const names = NEEDS.filter((need) => need.scopes.every((scope) => given.has(scope)))
  return new Set(names.map(({ claim }) => claim))
}

/** Every other scope belongs to a resource. */
export const OWN_SCOPES: ReadonlySet<string> = new Set(['offline_access', ...Object.keys(CLAIMS)])

/**
 * Scopes of the API of administration. Its resource is built in, and no other has them; what each opens is in
 * web/api/routes.ts.
 */
export const ADMIN_SCOPES = [
  'admin:clients',
  'admin:people',
  'admin:organizations',
  'admin:audit',
  'admin:operations',
] as const
export type AdminScope = (typeof ADMIN_SCOPES)[number]

/** Roles that an application may have there for itself. An owner is a person: whoever gives roles is somebody. */
export const SERVICE_ROLES = ['client-admin', 'auditor', 'help-desk'] as const
export type ServiceRole = (typeof SERVICE_ROLES)[number]

export function isAdminScope(name: string): name is AdminScope {
  return ADMIN_SCOPES.some((scope) => scope === name)
}

/** As they stand in a record or a request. */
export function scopeNames(scope: unknown): string[] {
  return typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []
}

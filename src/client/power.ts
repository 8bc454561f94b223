/**
 * Applications by which somebody administers: what their records have to say, and that only an owner says it.
 *
 * A service has a role of its own. Where people sign in, the record is as strict as that of our own pages: who finds a
 * session open, or intercepts a text message, must not come in by another door.
 */
import { atLeast } from '../mfa/assurance.ts'
import { opening, SECOND_FACTORS } from '../person/second-factor.ts'
import type { ClientFields } from './fields.ts'
import type { Definition } from './record.ts'
import { isAdminScope, scopeNames } from './scopes.ts'

/** Seconds: what our own pages ask at their door, too. */
export const OLDEST_FACTOR = 15 * 60

/** Who has its secret, or leads people to it, may administer by it. */
export function givesPower({ admin_role, scope }: Definition): boolean {
  return admin_role !== undefined || namesAdminScope(scope)
}

/** Whoever gives no roles does not make, change or get the secret of what would administer for them. */
export function mayTouch({ mayEmpower = false }: { mayEmpower?: boolean }, ...definitions: Definition[]): boolean {
  return mayEmpower || !definitions.some(givesPower)
}

export const NOT_HELD = { ok: false, reason: 'role-not-held' } as const

export function namesAdminScope(scope: unknown): boolean {
  return scopeNames(scope).some(isAdminScope)
}

interface Rule {
  reads: Array<keyof ClientFields>
  at: keyof ClientFields
  code: string
  fault(client: ClientFields): string | undefined
}

/** Of records that name a scope of administration, and by which people sign in. */
function forPeople(at: keyof ClientFields, reason: string, isStrict: (client: ClientFields) => boolean): Rule {
  return {
    reads: ['scope', 'grant_types', at],
    at,
    code: 'admin-scope',
    fault: (client) =>
      namesAdminScope(client.scope) && client.grant_types.includes('authorization_code') && !isStrict(client)
        ? `${reason}, for the record has a scope of administration`
        : undefined,
  }
}

export const POWER_RULES: Rule[] = [
  {
    reads: ['admin_role', 'grant_types'],
    at: 'admin_role',
    code: 'admin-role',
    fault: ({ admin_role, grant_types }) =>
      admin_role !== undefined && grant_types.join(' ') !== 'client_credentials'
        ? 'is for an application that acts for itself: client_credentials must be its only grant'
        : undefined,
  },
  {
    reads: ['scope', 'admin_role', 'grant_types'],
    at: 'scope',
    code: 'admin-scope',
    fault: ({ scope, admin_role, grant_types }) =>
      namesAdminScope(scope) && admin_role === undefined && !grant_types.includes('authorization_code')
        ? 'has a scope of administration: that needs admin_role, or people who sign in'
        : undefined,
  },
  forPeople('minimum_acr', 'must be mfa', ({ minimum_acr }) => atLeast(minimum_acr, 'mfa')),
  forPeople(
    'second_factors',
    `must be no other than ${opening('admin').join(', ')}`,
    ({ second_factors = SECOND_FACTORS }) => second_factors.every((factor) => opening('admin').includes(factor)),
  ),
  forPeople('remembered_devices', 'must be false', ({ remembered_devices }) => !remembered_devices),
  forPeople(
    'mfa_max_age',
    `must be ${OLDEST_FACTOR} or less`,
    ({ mfa_max_age }) => mfa_max_age !== undefined && mfa_max_age <= OLDEST_FACTOR,
  ),
  forPeople('staff_only', 'must be true', ({ staff_only }) => staff_only),
]

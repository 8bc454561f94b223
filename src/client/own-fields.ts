/** The fields of a client's record that no standard has, as the provider's library gives them back. */
import type { Rung } from '../mfa/assurance.ts'
import { meansAll, SECOND_FACTORS, type SecondFactor } from '../person/second-factor.ts'
import type { ServiceRole } from './scopes.ts'

/** Fields of ours, handed to the provider as extra client metadata. */
export const OWN_FIELDS = [
  'first_party',
  'minimum_acr',
  'second_factors',
  'mfa_max_age',
  'remembered_devices',
  'staff_only',
  'require_issuer_audience',
  'require_pkce',
  'require_nonce',
  'id_token_claims',
  'admin_role',
] as const

export interface OwnFields {
  first_party: boolean
  minimum_acr: Rung
  second_factors: SecondFactor[]
  mfa_max_age: number | undefined
  remembered_devices: boolean
  staff_only: boolean
  require_issuer_audience: boolean
  require_pkce: boolean
  require_nonce: boolean
  id_token_claims: boolean
  admin_role: ServiceRole | undefined
}

/** Our fields of the provider's client object, where they keep their names. Read one by one: the object has many others. */
export function ownFields(client: unknown): OwnFields {
  const given = (client ?? {}) as Partial<OwnFields>
  const { second_factors = SECOND_FACTORS } = given
  return {
    first_party: given.first_party ?? false,
    minimum_acr: given.minimum_acr ?? 'password',
    second_factors: meansAll(second_factors) ? [...SECOND_FACTORS] : second_factors,
    mfa_max_age: given.mfa_max_age,
    remembered_devices: given.remembered_devices ?? true,
    staff_only: given.staff_only ?? false,
    require_issuer_audience: given.require_issuer_audience ?? false,
    require_pkce: given.require_pkce ?? true,
    require_nonce: given.require_nonce ?? given.require_pkce === false,
    id_token_claims: given.id_token_claims ?? false,
    admin_role: given.admin_role,
  }
}

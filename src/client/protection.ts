/**
 * Which changes of a protected application wait for a second person (proposal.ts). Whoever has one administrator's
 * session, or talked one over, must not get people's codes, tokens or less of their proof by it. So whatever decides
 * where people and tokens go, who the application is taken for, what it gets, and how well people sign in, waits.
 *
 * What takes something away from everybody (disabling, ending a secret) is never held up: it is what an emergency needs.
 * What lets in again (enabling, a new secret) waits, and so does deleting, which nobody can put back.
 */
import type { Defined, FieldChange } from './record.ts'

/** What one person may change. A field that is on neither list waits. */
export const FREE: readonly string[] = [
  'client_name',
  'backchannel_logout_session_required',
  'id_token_signed_response_alg',
  'id_token_claims',
  // Wishes of a request that names none; the floor stays where it is.
  'default_max_age',
  'default_acr_values',
  'logo',
  // By itself it opens nothing: whoever owns it, what they change waits.
  'owner',
]

export const GUARDED: readonly string[] = [
  'client_id',
  // Where people are led, and codes, logout tokens and keys come from or go.
  'client_uri',
  'initiate_login_uri',
  'application_type',
  'redirect_uris',
  'post_logout_redirect_uris',
  'backchannel_logout_uri',
  'jwks_uri',
  'jwks',
  // How it proves who it is.
  'token_endpoint_auth_method',
  'client_secret',
  'previous_client_secret',
  'require_issuer_audience',
  'require_pkce',
  'require_nonce',
  'require_pushed_authorization_requests',
  'dpop_bound_access_tokens',
  // What it gets.
  'grant_types',
  'scope',
  'admin_role',
  // Whether people are asked, and how well they sign in.
  'first_party',
  'minimum_acr',
  'second_factors',
  'mfa_max_age',
  'remembered_devices',
  'staff_only',
  // Only taking it away comes here: what is not protected yet is not asked.
  'protected',
]

export function isProtected({ version, definition }: Pick<Defined, 'version' | 'definition'>): boolean {
  return version > 0 && definition.protected === true
}

/** Whether these changes of what is there need a second person. */
export function needsApproval(
  before: Pick<Defined, 'version' | 'definition'>,
  changes: readonly FieldChange[],
): boolean {
  return isProtected(before) && changes.some(isGuarded)
}

function isGuarded({ field, from, to }: FieldChange): boolean {
  if (field === 'status') return to !== 'disabled'
  if (field === 'secrets') return listOf(to).some((one) => !listOf(from).includes(one))
  return !FREE.includes(field)
}

function listOf(value: unknown): unknown[] {
  return value === undefined ? [] : [value].flat()
}

/** Why the library refused a request, as a code: it tells us more than it tells the application, in words. */
import type { Reason } from './observed.ts'

export interface LibraryFault extends Error {
  error_description?: string
  error_detail?: string
}

/** What its words begin with, in the order in which they are looked for. */
const WORDS: Array<[beginning: string, reason: Reason]> = [
  ['authorization code already consumed', 'code-used'],
  ['authorization code is expired', 'code-expired'],
  ['authorization code not found', 'code-unknown'],
  ['authorization code redirect_uri mismatch', 'redirect-differs'],
  ['code_verifier must be provided', 'verifier-missing'],
  ['code_verifier does not match', 'verifier-differs'],
  ['refresh token already used', 'refresh-used'],
  ['refresh token not found', 'refresh-unknown'],
  ['invalid secret provided', 'wrong-secret'],
  ['the client is registered with token_endpoint_auth_method', 'wrong-method'],
  ['the provided authentication mechanism does not match', 'wrong-method'],
  ['client authentication must only be provided using one mechanism', 'both-methods'],
  ['client_id and client_secret in the authorization header are not properly encoded', 'bad-encoding'],
  ['Authorization Server policy requires PKCE', 'no-pkce'],
  ['not supported value of code_challenge_method', 'plain-pkce'],
  ['code_challenge_method must be provided', 'plain-pkce'],
  ['requested grant type is not allowed', 'grant-missing'],
  ['origin ', 'origin-unknown'],
  ['iat of the client assertion', 'assertion-time'],
  ['exp of the client assertion', 'assertion-time'],
  ['jwt not active yet', 'assertion-time'],
  ['jwt expired', 'assertion-time'],
  ['DPoP proof iat', 'assertion-time'],
]

export function reasonOf(fault: LibraryFault, grant: string | undefined): Reason | undefined {
  const said = [fault.error_detail, fault.error_description]
  // Of several requests with one code or token at once, the adapter tells.
  if (said.includes('used already')) return grant === 'refresh_token' ? 'refresh-used' : 'code-used'
  return WORDS.find(([beginning]) => said.some((text) => text?.startsWith(beginning)))?.[1]
}

/**
 * Whether what a passkey answered is right: the steps of WebAuthn Level 3 sections 7.1 (registration) and 7.2 (assertion) that
 * a server takes by itself. Nothing is kept here and nobody is known.
 *
 * What is left to the caller: that the challenge was issued to this sitting and is spent (before the check); that the id is
 * nobody's yet (7.1 step 26), or whose it is and that the user handle is that person's (7.2 steps 5 and 6); and what a
 * counter that went back means (7.2 step 22).
 */
import { hash } from 'node:crypto'
import { sameSecret } from '../lib/crypto.ts'
import type { Assertion, ClientData, Registration } from './passkey-answer.ts'
import { type AuthenticatorData, readAttestationObject, readAuthenticatorData } from './passkey-data.ts'
import { isSignedBy, type PasskeyAlgorithm, type PublicKey, readKey } from './passkey-key.ts'

export { type Assertion, type Registration, readAssertion, readRegistration } from './passkey-answer.ts'
export { ALGORITHMS, type PasskeyAlgorithm } from './passkey-key.ts'

export interface Expected {
  /** Base64url, as it was issued. */
  challenge: string
  origin: string
  rpId: string
}

export type PasskeyFault =
  | 'type'
  | 'challenge'
  | 'origin'
  | 'cross-origin'
  | 'rp-id'
  | 'presence'
  | 'verification'
  | 'algorithm'
  | 'signature'
  | 'eligibility'
  | 'malformed'

/** What is kept of a credential (section 4, "credential record"). */
export interface NewCredential extends PublicKey {
  /** Base64url. */
  credentialId: string
  /** The text of a UUID: a label, which the authenticator may well leave at zero and which nothing proves. */
  aaguid: string
  /** Ways to reach the authenticator, known names only. */
  transports: string[]
  signCount: number
  backupEligible: boolean
  backedUp: boolean
}

export interface KnownCredential {
  /** SPKI, DER, base64url. */
  publicKey: string
  algorithm: PasskeyAlgorithm
  backupEligible: boolean
}

/** So that an unknown credential costs as much as a known one. Its x is a SHA-256: nobody has the private key. */
export const NOBODYS: KnownCredential = {
  publicKey:
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEx3gv4TF4rschvqMmAn77fc0lVn9PrhI6x1QFqIZad-uZE2RsKe5W7FbG05CSY0YetRC2H2wrNthUQ9m4zn77yg',
  algorithm: -7,
  backupEligible: true,
}

export type CheckedRegistration = { ok: true; credential: NewCredential } | { ok: false; fault: PasskeyFault }
export type CheckedAssertion = { ok: true; signCount: number; backedUp: boolean } | { ok: false; fault: PasskeyFault }

/**
 * Section 7.1. Read from the attestation object alone: password managers leave out the copies of its parts that the JSON may
 * have. Steps 21 to 24 do not apply: `attestation: 'none'` was asked, so a statement of any format is accepted and ignored,
 * and nothing is proven of the make of the authenticator.
 */
export function checkRegistration(registration: Registration, expected: Expected): CheckedRegistration {
  const fault = clientFault(registration.client, 'webauthn.create', expected)
  if (fault) return refused(fault)
  // 7.1 step 13.
  const object = readAttestationObject(registration.attestationObject)
  const data = object && readAuthenticatorData(object)
  if (!data?.attested) return refused('malformed')
  const dataFault = authenticatorFault(data, expected)
  if (dataFault) return refused(dataFault)
  // 7.1 step 20: one of the algorithms asked for, and a key of its kind.
  const { aaguid, credentialId, key } = data.attested
  const publicKey = readKey(key)
  if (!publicKey) return refused('algorithm')
  // 7.1 step 25, that the id is of 1023 bytes at most, was asked of the JSON; the one that is kept must be that one.
  if (credentialId.toString('base64url') !== registration.credentialId) return refused('malformed')
  const { signCount, backupEligible, backedUp } = data
  const { transports } = registration
  const id = registration.credentialId
  return {
    ok: true,
    credential: { credentialId: id, ...publicKey, aaguid, transports, signCount, backupEligible, backedUp },
  }
}

/**
 * Section 7.2. Throws if `known` has no key that a registration gave.
 *
 * The signature is checked before backup eligibility is compared (step 19): what is not signed says nothing of the
 * authenticator, and an unknown credential must come as far as a known one.
 */
export function checkAssertion(assertion: Assertion, known: KnownCredential, expected: Expected): CheckedAssertion {
  const fault = clientFault(assertion.client, 'webauthn.get', expected)
  if (fault) return refused(fault)
  const data = readAuthenticatorData(assertion.authenticatorData)
  if (!data) return refused('malformed')
  const dataFault = authenticatorFault(data, expected)
  if (dataFault) return refused(dataFault)
  // 7.2 steps 20 and 21.
  const signed = Buffer.concat([assertion.authenticatorData, hash('sha256', assertion.clientDataJson, 'buffer')])
  if (!isSignedBy(known, signed, assertion.signature)) return refused('signature')
  // 7.2 step 19: it never changes.
  if (data.backupEligible !== known.backupEligible) return refused('eligibility')
  return { ok: true, signCount: data.signCount, backedUp: data.backedUp }
}

/** 7.1 steps 7 to 11, and 7.2 steps 10 to 14. */
function clientFault(client: ClientData, type: string, expected: Expected): PasskeyFault | undefined {
  // 7.1 step 7, 7.2 step 10.
  if (client.type !== type) return 'type'
  // 7.1 step 8, 7.2 step 11.
  if (!sameSecret(client.challenge, expected.challenge)) return 'challenge'
  // 7.1 step 9, 7.2 step 12.
  if (client.origin !== expected.origin) return 'origin'
  // 7.1 steps 10 and 11, 7.2 steps 13 and 14: no page of ours is ever framed by another.
  const { crossOrigin = false, topOrigin } = client
  return crossOrigin !== false || topOrigin !== undefined ? 'cross-origin' : undefined
}

/** 7.1 steps 14 to 17, and 7.2 steps 15 to 18. */
function authenticatorFault(data: AuthenticatorData, { rpId }: Expected): PasskeyFault | undefined {
  // 7.1 step 14, 7.2 step 15.
  if (!data.rpIdHash.equals(hash('sha256', rpId, 'buffer'))) return 'rp-id'
  // 7.1 step 15, 7.2 step 16.
  if (!data.present) return 'presence'
  // 7.1 step 16, 7.2 step 17: it is always required here.
  if (!data.verified) return 'verification'
  // 7.1 step 17, 7.2 step 18: what cannot be copied was not.
  return data.backedUp && !data.backupEligible ? 'malformed' : undefined
}

function refused(fault: PasskeyFault): { ok: false; fault: PasskeyFault } {
  return { ok: false, fault }
}

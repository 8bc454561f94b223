/**
 * All fifteen test vectors of WebAuthn Level 3. Their user was not always verified, which is always wanted here: what says
 * `verification` is right in everything that is looked at before.
 */
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkAssertion, checkRegistration, readAssertion, readRegistration } from '../../../src/mfa/passkey-check.ts'
import { isSignedBy } from '../../../src/mfa/passkey-key.ts'
import { origin, rpId, VECTORS } from '../../support/unit/passkey-vectors.ts'

const NOT_VERIFIED = 'verification'
const FRAMED = 'cross-origin'
/** What is said of its registration, and of its assertion; a key that is not of our algorithms cannot have been kept. */
const OUTCOMES: Record<string, [registration: string, assertion: string]> = {
  'ES256 Credential with No Attestation': [NOT_VERIFIED, NOT_VERIFIED],
  'ES256 Credential with Self Attestation': ['right', NOT_VERIFIED],
  'ES256 Credential with "crossOrigin": true in clientDataJSON': [FRAMED, FRAMED],
  'ES256 Credential with "topOrigin" in clientDataJSON': [FRAMED, FRAMED],
  'ES256 Credential with very long credential ID': [NOT_VERIFIED, 'right'],
  'Packed Attestation with ES256 Credential': ['right', 'right'],
  'Packed Attestation with ES384 Credential': [NOT_VERIFIED, 'no key'],
  'Packed Attestation with ES512 Credential': ['algorithm', 'no key'],
  'Packed Attestation with RS256 Credential': ['right', NOT_VERIFIED],
  'Packed Attestation with Ed25519 Credential': [NOT_VERIFIED, NOT_VERIFIED],
  'Packed Attestation with Ed448 Credential': [NOT_VERIFIED, 'no key'],
  'TPM Attestation with ES256 Credential': ['right', 'right'],
  'Android Key Attestation with ES256 Credential': ['right', NOT_VERIFIED],
  'Apple Anonymous Attestation with ES256 Credential': [NOT_VERIFIED, NOT_VERIFIED],
  'FIDO U2F Attestation with ES256 Credential': [NOT_VERIFIED, NOT_VERIFIED],
}

test('each has its outcome', () => expect(VECTORS.map(({ title }) => title)).toEqual(Object.keys(OUTCOMES)))

test.each(VECTORS)('registration: $title', ({ title, credentialId, known, registration: { text, challenge } }) => {
  const read = readRegistration(text)
  const checked = read && checkRegistration(read, { challenge, origin, rpId })
  expect(checked?.ok ? 'right' : checked?.fault).toBe(OUTCOMES[title]?.[0])
  if (checked?.ok) expect(checked.credential).toMatchObject({ credentialId, ...known })
})

test.each(VECTORS)('assertion: $title', ({ title, known, assertion: { text, challenge } }) => {
  const read = readAssertion(text)
  const checked = read && known && checkAssertion(read, known, { challenge, origin, rpId })
  expect(checked?.ok ? 'right' : (checked?.fault ?? 'no key')).toBe(OUTCOMES[title]?.[1])
})

const kept = VECTORS.flatMap(({ title, known, assertion }) => (known ? [{ title, known, ...assertion.bytes }] : []))

// Whether its user was verified or not.
test.each(kept)('signature: $title', ({ known, authenticatorData, clientDataJSON, signature }) => {
  const signed = Buffer.concat([authenticatorData, hash('sha256', clientDataJSON, 'buffer')])
  expect(isSignedBy(known, signed, signature)).toBe(true)
  signed.writeUInt8(signed.readUInt8(32) ^ 0x04, 32)
  expect(isSignedBy(known, signed, signature)).toBe(false)
})

/**
 * The test vectors of WebAuthn Level 3 (section "Test Vectors", informative), as numbers in `passkey-vectors.json`; put here
 * into the JSON that a page hands over.
 */
import { readFileSync } from 'node:fs'
import type { KnownCredential } from '../../../src/mfa/passkey-check.ts'
import { readAttestationObject, readAuthenticatorData } from '../../../src/mfa/passkey-data.ts'
import { readKey } from '../../../src/mfa/passkey-key.ts'

/** In hexadecimal. */
interface Numbers {
  title: string
  credentialId: string
  registration: Record<'challenge' | Registered, string>
  assertion: Record<'challenge' | Asserted, string>
}

type Registered = 'clientDataJSON' | 'attestationObject'
type Asserted = 'clientDataJSON' | 'authenticatorData' | 'signature'

export interface Vector {
  title: string
  /** Base64url. */
  credentialId: string
  /** Undefined where its key is not of our algorithms. */
  known: KnownCredential | undefined
  registration: Told<Registered>
  assertion: Told<Asserted>
}

export interface Told<Part extends string> {
  /** Base64url, as it was issued. */
  challenge: string
  /** What a page hands over. */
  text: string
  /** The response within. */
  bytes: Record<Part, Buffer>
}

const file = JSON.parse(readFileSync(`${import.meta.dirname}/passkey-vectors.json`, 'utf8')) as {
  origin: string
  rpId: string
  vectors: Numbers[]
}

export const { origin, rpId } = file
export const VECTORS: Vector[] = file.vectors.map(({ title, credentialId, registration, assertion }) => ({
  title,
  credentialId: text(hex(credentialId)),
  known: knownOf(registration),
  registration: told(credentialId, registration.challenge, {
    clientDataJSON: hex(registration.clientDataJSON),
    attestationObject: hex(registration.attestationObject),
  }),
  assertion: told(credentialId, assertion.challenge, {
    clientDataJSON: hex(assertion.clientDataJSON),
    authenticatorData: hex(assertion.authenticatorData),
    signature: hex(assertion.signature),
  }),
}))

/** The answer with these bytes as its response. */
export function answerOf(credentialId: string, bytes: Record<string, Buffer>): string {
  const response = Object.fromEntries(Object.entries(bytes).map(([name, value]) => [name, text(value)]))
  return JSON.stringify({ id: credentialId, rawId: credentialId, type: 'public-key', response })
}

function told<Part extends string>(id: string, challenge: string, bytes: Record<Part, Buffer>): Told<Part> {
  return { challenge: text(hex(challenge)), text: answerOf(text(hex(id)), bytes), bytes }
}

/** Also where its user was not verified when it was made. */
function knownOf({ attestationObject }: Numbers['registration']): KnownCredential | undefined {
  const data = readAuthenticatorData(readAttestationObject(hex(attestationObject)) ?? Buffer.of())
  const key = data?.attested && readKey(data.attested.key)
  return key && { ...key, backupEligible: data.backupEligible }
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex')
}

function text(bytes: Buffer): string {
  return bytes.toString('base64url')
}

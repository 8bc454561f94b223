/** What is sealed of a passkey, and what its person is found by. */
import { digest, type Sealer } from '../lib/crypto.ts'
import type { Passkey } from '../person/passkey.ts'
import type { KnownCredential } from './passkey-check.ts'
import { openAuthenticator } from './sealed-authenticator.ts'

/** Sealed, so that whoever writes in the database puts no key of theirs in the place of somebody's. */
export interface Credential extends Omit<KnownCredential, 'backupEligible'> {
  id: string
}

export function credentialOf(seal: Sealer, passkey: Passkey): Credential {
  return JSON.parse(openAuthenticator(seal, passkey)) as Credential
}

/** By which the person of a credential is found. */
export function keyDigest(credentialId: string): string {
  return digest(`passkey/${credentialId}`)
}

/** Signing keys as they are kept. keys.ts makes, rotates and opens them. */

export type SigningAlg = 'RS256' | 'ES256'
/** `next` is published and not yet used, `current` signs, `previous` is published until what it signed has run out. */
export type KeyState = 'next' | 'current' | 'previous'

export interface SigningKey {
  kid: string
  alg: SigningAlg
  state: KeyState
  /** The private JWK, sealed. */
  sealed: string
  createdAt: number
  activatedAt: number | undefined
  retiredAt: number | undefined
}

export interface SigningKeyStore {
  loadKeys(): Promise<{ version: number; keys: SigningKey[] }>
  /** Replaces them all. False, and nothing changed, if someone else did since `version`. */
  replaceKeys(version: number, keys: SigningKey[]): Promise<boolean>
}

/** What a browser is asked for, as pages carry it: of this machine, for one account. */
const bytes = (text: string) => Buffer.from(text).toString('base64url')

/** Of the account; passkeys carry it. */
export const HANDLE = bytes('of the account, and 32 bytes: ..')

export const GET = {
  challenge: bytes('for signing in'),
  rpId: 'localhost',
  userVerification: 'required',
  timeout: 300_000,
}

export const CREATE = {
  challenge: bytes('for one more'),
  rp: { id: 'localhost', name: 'Sigma ID' },
  user: { id: HANDLE, name: 'sanne@sigma.example', displayName: 'Sanne de Vries' },
  pubKeyCredParams: [
    { type: 'public-key', alg: -7 },
    { type: 'public-key', alg: -257 },
  ],
  authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  attestation: 'none',
  extensions: { credProps: true },
  timeout: 300_000,
}

/** What a browser is told of a passkey that no account has. */
export const UNKNOWN = {
  method: 'signalUnknownCredential',
  options: { rpId: 'localhost', credentialId: bytes('of no account') },
}

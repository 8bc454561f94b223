/** An authenticator as it is kept: an app's secret, or a phone's number, is sealed for the record that it is in. */
import { randomUUID } from 'node:crypto'
import type { Sealer } from '../lib/crypto.ts'
import type { Authenticator } from '../person/authenticator.ts'

/** A new one, which keeps this secret. */
export function sealAuthenticator(
  seal: Sealer,
  secret: string,
  rest: Omit<Authenticator, 'id' | 'sealed'>,
): Authenticator {
  const id = randomUUID()
  return { ...rest, id, sealed: seal.seal(secret, recordOf(rest.accountId, id)) }
}

/** The secret of one that is kept. */
export function openAuthenticator(seal: Sealer, { accountId, id, sealed }: Authenticator): string {
  return seal.open(sealed, recordOf(accountId, id))
}

function recordOf(accountId: string, id: string): string {
  return `authenticator/${accountId}/${id}`
}

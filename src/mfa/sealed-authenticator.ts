/** An authenticator as it is kept: an app's secret, or a phone's number, is sealed for the record that it is in. */
import { randomUUID } from 'node:crypto'
import type { Sealer } from '../lib/crypto.ts'
import type { Authenticator } from '../person/authenticator.ts'
import { APP } from '../person/second-factor.ts'

/** A new one, which keeps this secret. */
export function sealAuthenticator(
  seal: Sealer,
  secret: string,
  rest: Omit<Authenticator, 'id' | 'sealed'>,
): Authenticator {
  const id = randomUUID()
  return { ...rest, id, sealed: seal.seal(secret, authenticatorRecord(rest.accountId, id)) }
}

/** An app that has just answered: the code that it answered with is used up (RFC 6238 section 5.2). */
export function provenApp(
  seal: Sealer,
  accountId: string,
  {
    name,
    entry,
    secret,
    step,
    at,
  }: { name: string | undefined; entry: string; secret: string; step: number; at: number },
): Authenticator {
  const used = { lastStep: step, createdAt: at, lastUsedAt: at }
  const called = name === undefined ? { label: entry } : { label: name, entry }
  return sealAuthenticator(seal, secret, { accountId, kind: APP, ...called, numberKey: undefined, ...used })
}

/** The secret of one that is kept. */
export function openAuthenticator(seal: Sealer, { accountId, id, sealed }: Authenticator): string {
  return seal.open(sealed, authenticatorRecord(accountId, id))
}

/** What it is sealed for. */
export function authenticatorRecord(accountId: string, id: string): string {
  return `authenticator/${accountId}/${id}`
}

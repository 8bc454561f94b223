/** Records to keep, the races to run on them, and what the suite asks of whoever opens a store for it. */

import { randomUUID } from 'node:crypto'
import type { AuditRecord } from '../../../src/audit/audit.ts'
import type { Parcel } from '../../../src/delivery/queue.ts'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import type { Artifact } from '../../../src/oidc/artifact.ts'
import type { SigningKey } from '../../../src/oidc/signing-key.ts'
import type { Account } from '../../../src/person/account.ts'
import type { AddressCode, EmailChange } from '../../../src/person/address.ts'
import type { EmailUndo } from '../../../src/person/email-undo.ts'
import type { Link } from '../../../src/person/link.ts'
import type { PasswordChange } from '../../../src/person/password.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Of } from '../people/asked-people.ts'

/** One empty store, for one test. */
export interface Opened {
  store: Store
  /** Closes the store and opens what it kept anew. */
  reopen?: () => Promise<Store>
  /** Changes the kept audit record with this id behind the store's back. */
  tamper?: (auditId: string) => Promise<void>
  destroy: () => Promise<void>
}

export const NOW = Date.UTC(2030, 0, 15, 12)

/** What no keeper of text may change or cut: NUL, quotes, wildcards, what looks like code, other planes, both forms of é. */
export const AWKWARD = `a\u0000b '";-- %_ {"$ne":null} \${x} é e\u0301 😀 \u202E ß \r\n`

export function account(given: Partial<Account> = {}): Account {
  const id = randomUUID()
  return {
    id,
    email: `${id}@Sigma.example`,
    emailKey: `${id}@sigma.example`,
    name: 'Sanne de Vries',
    locale: 'nl',
    organizationId: 'sigma',
    roles: ['employee'],
    status: 'invited',
    passwordHash: undefined,
    passwordChangedAt: undefined,
    epoch: 1,
    enrolledAt: undefined,
    noticeEmail: undefined,
    previousEmail: undefined,
    emailChangedAt: undefined,
    givenName: undefined,
    familyName: undefined,
    createdAt: NOW,
    ...given,
  }
}

export function link(accountId: string, given: Partial<Link> = {}): Link {
  return {
    digest: randomUUID(),
    accountId,
    purpose: 'activation',
    createdAt: NOW,
    expiresAt: NOW + DAY,
    usedAt: undefined,
    ...given,
  }
}

/** What using the link asks for. */
export function passwordChange(of: Link, given: Partial<Of<PasswordChange>> = {}): Of<PasswordChange> {
  const { digest, purpose, accountId } = of
  return { accountId, link: { digest, purpose }, passwordHash: 'hash-1', at: NOW, ...given }
}

export function addressCode(accountId: string, given: Partial<AddressCode> = {}): AddressCode {
  const [key, digest] = [randomUUID(), randomUUID()]
  return { key, accountId, digest, sealed: 'k1.sealed', createdAt: NOW, expiresAt: NOW + 10 * MINUTE, ...given }
}

export function emailUndo({ id, email, emailKey, enrolledAt }: Account, given: Partial<EmailUndo> = {}): EmailUndo {
  return {
    digest: randomUUID(),
    accountId: id,
    email,
    emailKey,
    enrolledAt,
    factors: [],
    createdAt: NOW,
    expiresAt: NOW + 7 * DAY,
    ...given,
  }
}

/** What proving a new address with this code asks for. */
export function emailChange(
  one: Account,
  { key, digest }: AddressCode,
  given: Partial<Of<EmailChange>> & Pick<EmailChange, 'email' | 'emailKey'>,
): Of<EmailChange> {
  const { id: accountId, epoch } = one
  return { accountId, epoch, code: { key, digest }, at: NOW + 1, undo: emailUndo(one), ...given }
}

export function parcel(given: Partial<Parcel> = {}): Parcel {
  return { id: randomUUID(), channel: 'email', sealed: 'k1.sealed', createdAt: NOW, dueAt: NOW, ...given }
}

export function artifact(given: Partial<Artifact> = {}): Artifact {
  return {
    model: 'AuthorizationCode',
    key: randomUUID(),
    sealed: 'k1.sealed',
    expiresAt: NOW + DAY,
    grantKey: undefined,
    uidKey: undefined,
    accountId: undefined,
    ...given,
  }
}

export function signingKey(given: Partial<SigningKey> = {}): SigningKey {
  return {
    kid: randomUUID(),
    alg: 'RS256',
    state: 'current',
    sealed: 'k1.sealed',
    createdAt: NOW,
    activatedAt: undefined,
    retiredAt: undefined,
    ...given,
  }
}

export function auditRecord(given: Partial<AuditRecord> = {}): AuditRecord {
  return { id: randomUUID(), at: NOW, type: 'sign-in.password', outcome: 'ok', ...given }
}

/** Starts `racers` at once and returns how they ended. */
export function race<T>(racers: number, run: (racer: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: racers }, (_, racer) => run(racer)))
}

/** How many of the racers won. */
export async function winners(racers: number, run: (racer: number) => Promise<boolean>): Promise<number> {
  return (await race(racers, run)).filter(Boolean).length
}

export const RACERS = [20, 100]
export const ROUNDS = 200

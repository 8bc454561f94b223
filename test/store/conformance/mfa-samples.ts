/** Second factors to keep, and a look at all that an account has of them. */
import { randomUUID } from 'node:crypto'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import type {
  Activation,
  Authenticator,
  BackupCode,
  MfaStore,
  PendingEnrollment,
  RememberedDevice,
  SentCode,
  TemporaryCode,
} from '../../../src/mfa/authenticator.ts'
import type { DurableStore } from '../../../src/store/store.ts'
import { NOW } from './samples.ts'

export function authenticator(given: Partial<Authenticator> = {}): Authenticator {
  return {
    id: randomUUID(),
    accountId: 'sanne',
    kind: 'totp',
    label: 'Phone',
    sealed: 'k1.sealed',
    numberKey: undefined,
    lastStep: 0,
    createdAt: NOW,
    lastUsedAt: undefined,
    ...given,
  }
}

export function backupCode(given: Partial<BackupCode> = {}): BackupCode {
  const id = randomUUID()
  return { id, accountId: 'sanne', salt: 'salt', digest: `digest-${id}`, createdAt: NOW, savedAt: undefined, ...given }
}

export function temporaryCode(given: Partial<TemporaryCode> = {}): TemporaryCode {
  const id = randomUUID()
  return { id, accountId: 'sanne', digest: `digest-${id}`, createdAt: NOW, expiresAt: NOW + DAY, ...given }
}

export function sentCode(given: Partial<SentCode> = {}): SentCode {
  return {
    key: randomUUID(),
    accountId: 'sanne',
    digest: randomUUID(),
    sealed: 'k1.sealed',
    createdAt: NOW,
    expiresAt: NOW + 5 * MINUTE,
    ...given,
  }
}

export function pending(given: Partial<PendingEnrollment> = {}): PendingEnrollment {
  const key = randomUUID()
  return { key, accountId: 'sanne', sealed: 'k1.sealed', version: 1, expiresAt: NOW + 10 * MINUTE, ...given }
}

export function device(given: Partial<RememberedDevice> = {}): RememberedDevice {
  return {
    id: randomUUID(),
    accountId: 'sanne',
    digest: randomUUID(),
    previousDigest: undefined,
    previousUntil: 0,
    createdAt: NOW,
    lastUsedAt: NOW,
    expiresAt: NOW + 30 * DAY,
    method: 'totp',
    agent: 'Firefox, Linux',
    ...given,
  }
}

/** What proving the factor of this wizard asks for. */
export function activation(from: PendingEnrollment, given: Partial<Activation> = {}): Activation {
  const { accountId, key, version } = from
  return {
    accountId,
    from: { key, version },
    next: { ...from, version: version + 1, sealed: 'k1.next' },
    authenticator: authenticator({ accountId }),
    backup: backupCode({ accountId }),
    replacesAll: false,
    firstOnly: false,
    ...given,
  }
}

/** Puts an authenticator in by the shortest way there is. */
export async function enroll(mfa: MfaStore, given: Partial<Authenticator> = {}): Promise<Authenticator> {
  const one = authenticator(given)
  const sent = sentCode({ accountId: one.accountId })
  await mfa.putSentCode(sent, [])
  await mfa.addWithSentCode(one, sent.key, sent.digest, NOW, [])
  return one
}

/** All that an account has, its wizard, and what waits in the queue: to see that nothing changed. */
export async function everything(durable: DurableStore, accountId: string, wizard = 'none') {
  return {
    account: await durable.findAccount(accountId),
    authenticators: await durable.listAuthenticators(accountId),
    backup: await durable.findBackupCode(accountId),
    devices: await durable.listDevices(accountId, NOW),
    pending: await durable.findPending(wizard, accountId, NOW),
    waiting: (await durable.backlog()).waiting,
  }
}

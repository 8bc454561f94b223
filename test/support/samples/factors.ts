/** Second factors to keep, and a look at all that an account has of them. */

import { randomUUID } from 'node:crypto'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import type { Authenticator, PasskeyState } from '../../../src/person/authenticator.ts'
import type { BackupCode } from '../../../src/person/backup-code.ts'
import type { Activation, AppChange, NumberChange } from '../../../src/person/factor-changes.ts'
import type { Passkey } from '../../../src/person/passkey.ts'
import type { CaseDecision, RecoveryCase } from '../../../src/person/recovery-case.ts'
import type { RememberedDevice } from '../../../src/person/remembered-device.ts'
import { PASSKEY } from '../../../src/person/second-factor.ts'
import type { SentCode } from '../../../src/person/sent-code.ts'
import type { TemporaryCode } from '../../../src/person/temporary-code.ts'
import type { PendingEnrollment } from '../../../src/person/wizard.ts'
import type { Of } from '../people/asked-people.ts'
import type { PeopleUnderTest } from '../unit/people-under-test.ts'
import { account, link, NOW } from './records.ts'

type Bench = Omit<PeopleUnderTest, 'tidy'>

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

/** A synced one, made on `sigma.example`, that has not signed yet. */
export function passkey(given: Partial<Authenticator> = {}, state: Partial<PasskeyState> = {}): Passkey {
  const kept = { rpId: 'sigma.example', aaguid: '00000000-0000-0000-0000-000000000000', transports: ['internal'] }
  const synced = { backupEligible: true, backedUp: true, signCount: 0, agent: 'Safari, iPhone' }
  const one = { kind: PASSKEY, label: 'iPhone', ...given }
  return { ...authenticator(one), passkey: { key: randomUUID(), ...kept, ...synced, ...state } }
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

/** What proving the factor of this wizard asks for, in the epoch that `account()` begins in. */
export function activation(from: PendingEnrollment, given: Partial<Of<Activation>> = {}): Of<Activation> {
  const { accountId, key, version } = from
  return {
    accountId,
    epoch: 1,
    from: { key, version },
    next: { ...from, version: version + 1, sealed: 'k1.next' },
    authenticator: authenticator({ accountId }),
    backup: backupCode({ accountId }),
    replacesAll: false,
    switches: false,
    firstOnly: false,
    holder: { by: 'session', holding: {} },
    ...given,
  }
}

export function recoveryCase(given: Partial<RecoveryCase> = {}): RecoveryCase {
  return {
    number: randomUUID(),
    accountId: 'sanne',
    state: 'open',
    sealed: 'k1.sealed',
    cancelDigest: randomUUID(),
    createdAt: NOW,
    expiresAt: NOW + 3 * DAY,
    closedAt: undefined,
    closedBy: undefined,
    check: undefined,
    sealedNote: undefined,
    ...given,
  }
}

/** What closing it asks for: issued with a code, declined without. */
export function caseDecision(of: RecoveryCase, given: Partial<Of<CaseDecision>> = {}): Of<CaseDecision> {
  return {
    number: of.number,
    accountId: of.accountId,
    to: given.code ? 'issued' : 'declined',
    at: NOW,
    by: 'helen',
    check: 'call-back',
    sealedNote: undefined,
    code: undefined,
    ...given,
  }
}

/** What setting up one more app asks for. */
export function appChange(from: PendingEnrollment, given: Partial<Of<AppChange>> = {}): Of<AppChange> {
  const { accountId, key, version } = from
  const added = authenticator({ accountId, createdAt: NOW + 9 })
  return { accountId, epoch: 1, from: { key, version }, authenticator: added, replaces: undefined, most: 5, ...given }
}

/** What proving a number with this code asks for. */
export function numberChange(code: SentCode, given: Partial<NumberChange> = {}): NumberChange {
  const { accountId, key, digest } = code
  return {
    authenticator: authenticator({ accountId, kind: 'sms', numberKey: 'new', createdAt: NOW + 9 }),
    epoch: 1,
    sent: { key, digest },
    raisesEpoch: true,
    ...given,
  }
}

/** Accounts that there is nothing of yet. */
export async function people(durable: Bench, ...ids: string[]): Promise<void> {
  for (const id of ids) await durable.insertAccount(account({ id }), link(id), [])
}

/**
 * Puts an authenticator in without moving the epoch up or leaving a backup code. The account has to be there. A number
 * takes the place of the one before.
 */
export async function enroll(durable: Bench, given: Partial<Authenticator> = {}): Promise<Authenticator> {
  const one = authenticator(given)
  const { accountId } = one
  const epoch = (await durable.findAccount(accountId))?.epoch ?? 0
  if (!(await (one.kind === 'sms' ? proveNumber : proveApp)(durable, one, epoch))) throw new Error('not enrolled')
  return one
}

async function proveNumber(mfa: Bench, one: Authenticator, epoch: number): Promise<boolean> {
  const sent = sentCode({ accountId: one.accountId })
  await mfa.putSentCode(sent, [])
  return mfa.addNumber(numberChange(sent, { authenticator: one, epoch, raisesEpoch: false }), NOW, [])
}

async function proveApp(mfa: Bench, one: Authenticator, epoch: number): Promise<boolean> {
  const wizard = pending({ accountId: one.accountId })
  await mfa.putPending(wizard, NOW)
  const proven = activation(wizard, { authenticator: one, epoch })
  const activated = await mfa.activate(proven, NOW, [])
  await mfa.removePending(wizard.accountId, wizard.key)
  await mfa.withoutBackupCode(one.accountId)
  return activated
}

/** An account with one of everything that turning off, or losing, a phone takes away. */
export async function equip(mfa: Bench, accountId = 'sanne') {
  const app = await enroll(mfa, { accountId })
  const phone = await enroll(mfa, { accountId, kind: 'sms', numberKey: 'number', createdAt: NOW + 1 })
  const [backup, temporary, remembered] = [
    backupCode({ accountId }),
    temporaryCode({ accountId }),
    device({ accountId }),
  ]
  const [sent, wizard] = [sentCode({ accountId }), pending({ accountId })]
  await mfa.replaceBackupCode(backup, [])
  await mfa.insertTemporaryCode(temporary)
  await mfa.insertDevice(remembered, 5, [])
  await mfa.putSentCode(sent, [])
  await mfa.putPending(wizard, NOW)
  return { app, phone, backup, temporary, remembered, sent, wizard }
}

/** All that an account has, its wizard, and what waits in the queue: to see that nothing changed. */
export async function everything(durable: Bench, accountId: string, wizard = 'none') {
  return {
    account: await durable.findAccount(accountId),
    authenticators: await durable.listAuthenticators(accountId),
    backup: await durable.findBackupCode(accountId),
    devices: await durable.listDevices(accountId, NOW),
    pending: await durable.findPending(wizard, accountId, NOW),
    waiting: (await durable.backlog()).waiting,
  }
}

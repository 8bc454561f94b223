/**
 * Setting up two-step verification: a wizard whose state lives on the server, sealed, bound to one account and one
 * session, so that reloading, the back button and two tabs all show the same. The factor and the backup code become real
 * in one act, when the first right code is typed; before that nothing counts, after that nothing is lost.
 */

import { randomUUID } from 'node:crypto'
import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import type { Requester } from '../accounts/requester.ts'
import { type Audit, deed } from '../audit/audit.ts'
import { digest, type Sealer } from '../lib/crypto.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import { type Clock, MINUTE } from '../lib/time.ts'
import { listAuthenticators } from '../person/authenticator.ts'
import { confirmBackupCode, replaceBackupCode } from '../person/backup-code.ts'
import { activate } from '../person/factor-changes.ts'
import type { People } from '../person/kind.ts'
import { APP } from '../person/second-factor.ts'
import type { PendingEnrollment } from '../person/wizard.ts'
import { findWizard, putWizard, removeWizard } from '../person/wizard.ts'
import { entryName, newSecret, stepOf } from './app-code.ts'
import { keepCode, newCode } from './backup-code.ts'
import { SETTING_UP_TRIES, settingUpKey, settingUpRefused, streakKey } from './challenge.ts'
import { authenticatorRecord } from './factors.ts'

/** Where the wizard stands. `app` to `code` are before the act, the others after it. */
export type Stage = 'app' | 'scan' | 'code' | 'sms' | 'sms-code' | 'backup' | 'done'

export interface Wizard {
  stage: Stage
  app?: 'company' | 'other'
  secret?: string
  /** Seconds: when the session that began it had last proven the password. */
  passwordAt?: number | undefined
  /** What the app calls the entry. */
  entry?: string
  /** The old phone is lost: everything of before goes when the new app has answered. */
  replacesAll?: boolean
  /** The code to be saved, and the record it belongs to. */
  backup?: { id: string; code: string }
  /** The number that a code was sent to, as it was typed and as its last two digits. */
  sms?: { typed: string; country: string; hint: string; resendAt: number }
  /** When the app proved itself, in milliseconds: it counts as a second factor of this session. */
  provenAt?: number
}

export interface EnrollingRequester extends Requester {
  /** This session has proven a second factor. */
  proven: boolean
}

export type Confirmed = Outcome<{ wizard: Wizard }, 'wrong-code' | 'expired' | 'not-allowed', 'wait'>

export interface Enrollments {
  find(requester: Requester): Promise<Wizard | undefined>
  /** What is still to be set up: another tab or browser may have been quicker than the page that asks. */
  owed(requester: Requester): Promise<{ factor: boolean; backup: boolean }>
  /** Chooses an app. The secret stays the same in every tab until it has expired. */
  choose(requester: Requester, app: 'company' | 'other'): Promise<Wizard>
  /** Moves between pages that decide nothing. */
  go(requester: Requester, change: Partial<Wizard> & { stage: Stage }): Promise<Wizard>
  /** The act: with a right code the app and a backup code are on. */
  confirm(requester: EnrollingRequester, code: string): Promise<Confirmed>
  /** A new backup code for someone who has none that is saved. */
  renewBackup(requester: Requester): Promise<Wizard>
  /** The person says that the code is saved. If it is the account's no more, the wizard comes back with another. */
  saved(requester: Requester): Promise<Wizard>
  end(requester: Requester): Promise<void>
}

export interface EnrollmentParts {
  people: People
  seal: Sealer
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
}

/** A secret that nobody confirmed is void after ten minutes (NIST SP 800-63B-4 section 4.1.2.2). */
const UNCONFIRMED = 10 * MINUTE
/** What was confirmed is in the store; only the pages that follow expire. */
const CONFIRMED = 30 * MINUTE

export function enrollments({ people, seal, throttle, audit, notice, now }: EnrollmentParts): Enrollments {
  /** Of this epoch: what a copy of the session has seen before everything else was ended is not offered again. */
  function wizardKey({ account, session }: Requester): string {
    return digest(`enrollment/${account.id}/${session}/${account.epoch}`)
  }

  async function load(requester: Requester): Promise<{ wizard: Wizard; pending: PendingEnrollment } | undefined> {
    const pending = findWizard(await findPerson(people, requester.account.id), wizardKey(requester), now())
    return pending && { pending, wizard: JSON.parse(seal.open(pending.sealed, `enrollment/${pending.key}`)) as Wizard }
  }

  function sealed(requester: Requester, wizard: Wizard, before: PendingEnrollment | undefined): PendingEnrollment {
    const key = wizardKey(requester)
    const fresh = before === undefined || wizard.provenAt !== undefined || wizard.stage === 'backup'
    return {
      key,
      accountId: requester.account.id,
      sealed: seal.seal(JSON.stringify(wizard), `enrollment/${key}`),
      version: (before?.version ?? 0) + 1,
      // Going back and forth does not prolong the life of a secret that nobody has confirmed.
      expiresAt: fresh ? now() + (wizard.provenAt === undefined ? UNCONFIRMED : CONFIRMED) : before.expiresAt,
    }
  }

  /** Writes the wizard; if another tab was first, that tab's wizard counts. */
  async function put(requester: Requester, wizard: Wizard, before: PendingEnrollment | undefined): Promise<Wizard> {
    const next = sealed(requester, wizard, before)
    if (await people.change(requester.account.id, (person) => putWizard(person, next, now()))) return wizard
    return (await load(requester))?.wizard ?? wizard
  }

  async function choose(requester: Requester, app: 'company' | 'other'): Promise<Wizard> {
    const known = await load(requester)
    if (known && known.wizard.provenAt !== undefined) return known.wizard
    const taken = listAuthenticators(await findPerson(people, requester.account.id)).map(({ label }) => label)
    const replacesAll = known?.wizard.replacesAll === true || taken.length === 0
    if (known?.wizard.secret) return put(requester, { ...known.wizard, stage: 'scan', app, replacesAll }, known.pending)
    const wizard: Wizard = {
      stage: 'scan',
      app,
      secret: newSecret(),
      entry: entryName(requester.account.email, taken),
      replacesAll,
      passwordAt: known?.wizard.passwordAt,
    }
    // Whoever installs an app first has the whole time for the code.
    return put(requester, wizard, known && { ...known.pending, expiresAt: now() + UNCONFIRMED })
  }

  async function confirm(requester: EnrollingRequester, code: string): Promise<Confirmed> {
    const known = await load(requester)
    if (!known?.wizard.secret) return { ok: false, reason: 'expired' }
    const { wizard, pending } = known
    if (wizard.provenAt !== undefined) return { ok: true, wizard }
    const { account, source } = requester
    const tries = settingUpKey('enrollment', account.id)
    const spent = await throttle.streak(tries, SETTING_UP_TRIES)
    if (!spent.ok) await settingUpRefused(audit, 'enrollment', account, source)
    if (!spent.ok) return spent.reason === 'wait' ? spent : { ok: false, reason: 'not-allowed' }
    const step = stepOf(known.wizard.secret, code, now)
    if (step === undefined) return { ok: false, reason: 'wrong-code' }

    const id = randomUUID()
    const secret = seal.seal(known.wizard.secret, authenticatorRecord(account.id, id))
    const backupCode = newCode()
    const backup = keepCode(account.id, backupCode, now())
    const next: Wizard = {
      stage: 'sms',
      entry: wizard.entry,
      backup: { id: backup.id, code: backupCode },
      provenAt: now(),
    }
    const authenticator = {
      id,
      accountId: account.id,
      kind: APP,
      label: wizard.entry ?? account.email,
      sealed: secret,
      numberKey: undefined,
      lastStep: step,
      createdAt: now(),
      lastUsedAt: now(),
    }
    const replacesAll = wizard.replacesAll === true
    // Replacing moves the epoch up, and the wizard goes on in the new one.
    const after = { ...requester, account: { ...account, epoch: account.epoch + (replacesAll ? 1 : 0) } }
    const activation = {
      epoch: account.epoch,
      from: { key: pending.key, version: pending.version },
      next: sealed(after, next, pending),
      authenticator,
      backup,
      replacesAll,
      // A session that knows the password only may set up the first factor, never another one beside it; and one that
      // proved a factor replaces it only where that was asked for, not from a page of before there was one.
      firstOnly: !(requester.proven && replacesAll),
    }
    const told = notice(account, 'two-step-on', { at: now(), method: APP })
    if (!(await people.change(account.id, (person) => activate(person, activation, now(), told)))) {
      const winner = (await load(after)) ?? (await load(requester))
      return winner?.wizard.provenAt !== undefined
        ? { ok: true, wizard: winner.wizard }
        : { ok: false, reason: 'not-allowed' }
    }
    await throttle.reset(tries, streakKey(APP, account.id), streakKey('backup', account.id))
    await audit(deed('factor.enrolled', requester, { method: APP, replacesAll: activation.replacesAll }))
    return { ok: true, wizard: next }
  }

  /** Makes the shown code the account's: also after a crash between showing and keeping, and only once for two tabs. */
  async function keep(requester: Requester, { id, code }: { id: string; code: string }): Promise<void> {
    const { account } = requester
    if ((await people.find(account.id))?.backup?.id === id) return
    const made = { ...keepCode(account.id, code, now()), id }
    const told = notice(account, 'backup-code-new', { at: now() })
    const { epoch } = account
    const kept = await people.change(account.id, (person) => replaceBackupCode(person, made, told, epoch))
    if (!kept) return
    await audit(deed('backup-code.made', requester))
  }

  async function renew(
    requester: Requester,
    wizard: Wizard | undefined,
    before: PendingEnrollment | undefined,
  ): Promise<Wizard> {
    const next: Wizard = { ...wizard, stage: 'backup', backup: { id: randomUUID(), code: newCode() } }
    const written = await put(requester, next, before)
    if (written.backup) await keep(requester, written.backup)
    return written
  }

  return {
    find: async (requester) => (await load(requester))?.wizard,
    async owed({ account }) {
      const { authenticators, backup } = await findPerson(people, account.id)
      return { factor: authenticators.length === 0, backup: backup?.savedAt === undefined }
    },
    choose,
    async go(requester, change) {
      const known = await load(requester)
      return put(requester, { ...known?.wizard, ...change }, known?.pending)
    },
    confirm,
    async renewBackup(requester) {
      const known = await load(requester)
      if (known?.wizard.stage !== 'backup' || !known.wizard.backup) return renew(requester, undefined, known?.pending)
      await keep(requester, known.wizard.backup)
      return known.wizard
    },
    async saved(requester) {
      const known = await load(requester)
      const backup = known?.wizard.backup
      if (!known || !backup) return { stage: 'backup' }
      const kept = await people.change(requester.account.id, (person) => confirmBackupCode(person, backup.id, now()))
      // Two browsers showed a code each, and the later one counts: this one is done if that was saved.
      if (!kept && (await people.find(requester.account.id))?.backup?.savedAt === undefined)
        return renew(requester, known.wizard, known.pending)
      const { secret: _secret, backup: _shown, ...rest } = known.wizard
      return put(requester, { ...rest, stage: 'done' }, known.pending)
    },
    end: (requester) => people.change(requester.account.id, (person) => removeWizard(person, wizardKey(requester))),
  }
}

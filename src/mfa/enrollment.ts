/**
 * Setting up two-step verification, in a wizard (sealed-wizard.ts). The factor and the backup code become real in one
 * act, when the first right code is typed; before that nothing counts, after that nothing is lost.
 */

import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import { type Audit, deed } from '../audit/audit.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import { DAY } from '../lib/time.ts'
import { postpone } from '../person/account.ts'
import { listAuthenticators } from '../person/authenticator.ts'
import { activate } from '../person/factor-changes.ts'
import { oldApps } from '../person/old-factor.ts'
import type { PersonRecord } from '../person/person.ts'
import { APP } from '../person/second-factor.ts'
import { type PendingEnrollment, removeWizard } from '../person/wizard.ts'
import { newSecret, stepOf } from './app-code.ts'
import { type NameRefusal, readOwnName } from './app-name.ts'
import { keepCode, newCode } from './backup-code.ts'
import { streakKey } from './challenge.ts'
import { entryName } from './entry-name.ts'
import { provenApp } from './sealed-authenticator.ts'
import { type SealedWizardParts, sealedWizards, type WizardOwner } from './sealed-wizard.ts'
import { settingUpKey, spendSettingUp } from './setting-up.ts'
import type { EnrollingRequester, Stage, Wizard } from './wizard.ts'
import { wizardBackups } from './wizard-backup.ts'

export type { EnrollingRequester, Stage, Wizard } from './wizard.ts'

export interface Owed {
  factor: boolean
  /** Names of the entries whose place it takes, where there are such. */
  old: string[]
  backup: boolean
}

export type Named = Outcome<{ changed: boolean }, NameRefusal | 'expired'>
export type Confirmed = Outcome<{ wizard: Wizard }, 'wrong-code' | 'expired' | 'not-allowed', 'wait'>

export interface Enrollments {
  find(requester: WizardOwner): Promise<Wizard | undefined>
  /** What is still to be set up: another tab or browser may have been quicker than the page that asks. */
  owed(requester: WizardOwner): Promise<Owed>
  /** Chooses an app. The secret stays the same in every tab until it has expired. */
  choose(requester: WizardOwner, app: 'company' | 'other'): Promise<Wizard>
  /** Gives the entry the name that was typed, or none: its picture changes, its secret does not. */
  name(requester: WizardOwner, typed: string): Promise<Named>
  /** Moves between pages that decide nothing. */
  go(requester: WizardOwner, change: Partial<Wizard> & { stage: Stage }): Promise<Wizard>
  /** The act: with a right code the app and a backup code are on. */
  confirm(requester: EnrollingRequester, code: string): Promise<Confirmed>
  /** A new backup code for someone who has none that is saved. */
  renewBackup(requester: EnrollingRequester): Promise<Wizard>
  /**
   * The person says that the code is saved. If it is the account's no more, the wizard comes back with another. Undefined
   * if it was to take the place of one that this session holds no more.
   */
  saved(requester: EnrollingRequester): Promise<Wizard | undefined>
  end(requester: WizardOwner): Promise<void>
  /** The same, and the person is reminded later. */
  postpone(requester: WizardOwner): Promise<void>
}

export interface EnrollmentParts extends SealedWizardParts {
  throttle: Throttle
  audit: Audit
  notice: Notice
}

/**
 * The wizard waits for a day, so that whoever has scanned the key and was called away does not scan it again. The ten
 * minutes of a secret (NIST SP 800-63B-4 section 4.1.2.2) are kept by who gets to see it: only this browser, and in it only
 * whoever proved the password within ten minutes (oidc/assessment.ts) and is in that sitting.
 */
const WAITS = DAY

export function enrollments(parts: EnrollmentParts): Enrollments {
  const { people, seal, throttle, audit, notice, now } = parts
  const wizards = sealedWizards<Wizard>('enrollment', parts)

  function expiryOf({ provenAt, stage }: Wizard, before: PendingEnrollment | undefined): number {
    // Going back and forth does not prolong the life of a secret that nobody has confirmed.
    if (before && provenAt === undefined && stage !== 'backup') return before.expiresAt
    return now() + WAITS
  }

  /** Writes the wizard; if another tab was first, that tab's wizard counts. */
  async function put(requester: WizardOwner, wizard: Wizard, before: PendingEnrollment | undefined): Promise<Wizard> {
    if (await wizards.put(requester, wizard, before, expiryOf(wizard, before))) return wizard
    return (await wizards.find(requester))?.held ?? wizard
  }

  const backups = wizardBackups(parts, { find: wizards.find, put })

  async function choose(requester: WizardOwner, app: 'company' | 'other'): Promise<Wizard> {
    const known = await wizards.find(requester)
    if (known && known.held.provenAt !== undefined) return known.held
    const person = await findPerson(people, requester.account.id)
    const taken = entriesOf(person)
    const old = oldApps(person).map(({ label }) => label)
    const replacesAll = known?.held.replacesAll === true || taken.length === 0
    if (known?.held.secret)
      return put(requester, { ...known.held, stage: 'scan', app, replacesAll, old }, known.pending)
    const wizard: Wizard = {
      stage: 'scan',
      app,
      secret: newSecret(),
      entry: entryName(requester.account.email, taken),
      replacesAll,
      old,
    }
    // Whoever installs an app first has the whole time for the code.
    return put(requester, wizard, known && { ...known.pending, expiresAt: now() + WAITS })
  }

  async function name(requester: WizardOwner, typed: string): Promise<Named> {
    const known = await wizards.find(requester)
    if (!known?.held.secret || known.held.provenAt !== undefined) return { ok: false, reason: 'expired' }
    // Whatever there is of before, this one takes its place.
    const read = readOwnName(typed, [])
    if (!read.ok) return read
    if (read.name === known.held.name) return { ok: true, changed: false }
    const taken = entriesOf(await findPerson(people, requester.account.id))
    const entry = entryName(requester.account.email, taken, { name: read.name })
    await put(requester, { ...known.held, stage: 'scan', name: read.name, entry }, known.pending)
    return { ok: true, changed: true }
  }

  async function confirm(requester: EnrollingRequester, code: string): Promise<Confirmed> {
    const known = await wizards.find(requester)
    if (!known?.held.secret) return { ok: false, reason: 'expired' }
    const { held: wizard, pending } = known
    if (wizard.provenAt !== undefined) return { ok: true, wizard }
    const { account } = requester
    const spent = await spendSettingUp(parts, 'enrollment', requester)
    if (!spent.ok) return spent.reason === 'wait' ? spent : { ok: false, reason: 'not-allowed' }
    const step = stepOf(known.held.secret, code, now)
    if (step === undefined) return { ok: false, reason: 'wrong-code' }

    const { replacesAll = false, old = [] } = wizard
    const switches = old.length > 0
    const replaces = replacesAll || switches
    const backupCode = newCode()
    const backup = keepCode(account.id, backupCode, now())
    const next: Wizard = {
      stage: 'sms',
      entry: wizard.entry,
      old,
      backup: { id: backup.id, code: backupCode },
      provenAt: now(),
      spent: requester.holding,
    }
    const { name: called, entry = account.email } = wizard
    const app = { name: called, entry, secret: known.held.secret, step, at: now() }
    // Replacing moves the epoch up, and the wizard goes on in the new one.
    const after = { ...requester, account: { ...account, epoch: account.epoch + (replaces ? 1 : 0) } }
    const activation = {
      epoch: account.epoch,
      from: pending,
      next: wizards.sealed(after, next, pending, expiryOf(next, pending)),
      authenticator: provenApp(seal, account.id, app),
      backup,
      replacesAll,
      switches,
      // A session that knows the password only may set up the first factor, never another one beside it; and one that
      // proved a factor replaces it only where that was asked for, not from a page of before there was one.
      firstOnly: !(requester.proven && replaces),
      holder: { by: requester.session, holding: requester.holding },
    }
    const told = switches
      ? notice(account, 'app-switched', { at: now(), from: old.join(', '), to: called ?? entry })
      : notice(account, 'two-step-on', { at: now(), method: APP })
    if (requester.holding.backup !== undefined) told.push(...notice(account, 'backup-code-used', { at: now() }))
    if (!(await people.change(account.id, (person) => activate(person, activation, now(), told)))) {
      const winner = (await wizards.find(after)) ?? (await wizards.find(requester))
      return winner?.held.provenAt !== undefined
        ? { ok: true, wizard: winner.held }
        : { ok: false, reason: 'not-allowed' }
    }
    await throttle.reset(
      settingUpKey('enrollment', account.id),
      streakKey(APP, account.id),
      streakKey('backup', account.id),
    )
    await audit(deed('factor.enrolled', requester, { method: APP, replacesAll, ...(switches && { switches }) }))
    return { ok: true, wizard: next }
  }

  return {
    find: async (requester) => (await wizards.find(requester))?.held,
    async owed({ account }) {
      const person = await findPerson(people, account.id)
      const old = oldApps(person).map(({ label }) => label)
      return {
        factor: person.authenticators.length === 0 || old.length > 0,
        old,
        backup: person.backup?.savedAt === undefined,
      }
    },
    choose,
    name,
    async go(requester, change) {
      const known = await wizards.find(requester)
      return put(requester, { ...known?.held, ...change }, known?.pending)
    },
    confirm,
    renewBackup: backups.renew,
    saved: backups.saved,
    end: wizards.remove,
    postpone: (requester) =>
      people.change(requester.account.id, (person) => {
        removeWizard(person, wizards.keyOf(requester))
        postpone(person, now())
      }),
  }
}

/** What is taken in the person's apps. */
function entriesOf(person: PersonRecord): string[] {
  return listAuthenticators(person).map(({ label, entry = label }) => entry)
}

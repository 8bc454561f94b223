/**
 * Setting up two-step verification, in a wizard (sealed-wizard.ts). The factor and the backup code become real in one
 * act (enrollment-act.ts), when the first right code is typed or the new passkey has signed (enrollment-passkey.ts); before that
 * nothing counts, after that nothing is lost.
 */

import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import type { Audit } from '../audit/audit.ts'
import { randomToken } from '../lib/crypto.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import { postpone } from '../person/account.ts'
import { listAuthenticators } from '../person/authenticator.ts'
import { isOnOld, oldApps } from '../person/old-factor.ts'
import type { PersonRecord } from '../person/person.ts'
import { APP } from '../person/second-factor.ts'
import { type PendingEnrollment, removeWizard } from '../person/wizard.ts'
import { newSecret, stepOf } from './app-code.ts'
import { type NameRefusal, readOwnName } from './app-name.ts'
import { type Confirmed, enrollmentAct, type Replaced } from './enrollment-act.ts'
import { enrollmentPasskey, type Kept } from './enrollment-passkey.ts'
import { entryName } from './entry-name.ts'
import type { CreationOptions, RequestOptions } from './passkey-options.ts'
import { type Passkeys, usableOf } from './passkeys.ts'
import { provenApp } from './sealed-authenticator.ts'
import { type SealedWizardParts, sealedWizards, type WizardOwner } from './sealed-wizard.ts'
import { spendSettingUp } from './setting-up.ts'
import { type EnrollingRequester, type Stage, WAITS, type Wizard } from './wizard.ts'
import { wizardBackups } from './wizard-backup.ts'

export type { Confirmed } from './enrollment-act.ts'
export type { Kept } from './enrollment-passkey.ts'
export type { EnrollingRequester, Stage, Wizard } from './wizard.ts'

export interface Owed {
  factor: boolean
  /** Names of the entries whose place it takes, where there are such. */
  old: string[]
  backup: boolean
}

export type Named = Outcome<{ changed: boolean }, NameRefusal | 'expired'>

export interface Enrollments {
  find(requester: WizardOwner): Promise<Wizard | undefined>
  /** What is still to be set up: another tab or browser may have been quicker than the page that asks. */
  owed(requester: EnrollingRequester): Promise<Owed>
  /** Chooses an app. The secret stays the same in every tab until it has expired. */
  choose(requester: WizardOwner, app: 'company' | 'other'): Promise<Wizard>
  /** Gives the entry the name that was typed, or none: its picture changes, its secret does not. */
  name(requester: WizardOwner, typed: string): Promise<Named>
  /** Moves between pages that decide nothing. */
  go(requester: WizardOwner, change: Partial<Wizard> & { stage: Stage }): Promise<Wizard>
  /** The act: with a right code the app and a backup code are on. */
  confirm(requester: EnrollingRequester, code: string): Promise<Confirmed>
  /** What a browser needs to make a passkey in the place of an app; undefined where there are none. */
  creation(requester: WizardOwner): Promise<CreationOptions | undefined>
  /** A passkey that was just made waits until it has signed; `agent` is the browser and system that made it. */
  keepPasskey(requester: EnrollingRequester, registration: string, agent: string): Promise<Kept>
  /** What a browser needs so that the waiting one signs; undefined where none waits. */
  askPasskey(requester: WizardOwner, wizard: Wizard): RequestOptions | undefined
  /** The act with the waiting passkey, after it has signed. */
  confirmPasskey(requester: EnrollingRequester, assertion: string): Promise<Confirmed>
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
  passkeys: Pick<Passkeys, 'rpId' | 'usable' | 'creation' | 'made' | 'askNew' | 'proves'>
}

export function enrollments(parts: EnrollmentParts): Enrollments {
  const { people, seal, passkeys, now } = parts
  const wizards = sealedWizards<Wizard>('enrollment', parts)

  function expiryOf({ provenAt, stage }: Wizard, before: PendingEnrollment | undefined): number {
    // Going back and forth does not prolong the life of a secret that nobody has confirmed.
    if (before && provenAt === undefined && stage !== 'backup') return before.expiresAt
    return now() + WAITS
  }

  /** Writes the wizard; if another tab was first, that tab's wizard counts. */
  async function put(requester: WizardOwner, wizard: Wizard, before: PendingEnrollment | undefined): Promise<Wizard> {
    // With the same write: the pages before the act ask the browser for a passkey as well.
    const handle = passkeys.rpId === undefined ? undefined : randomToken()
    if (await wizards.put(requester, wizard, before, expiryOf(wizard, before), handle)) return wizard
    return (await wizards.find(requester))?.held ?? wizard
  }

  /** What goes when a factor is turned on: everything, where nothing of it can be used. */
  function replacedBy(person: PersonRecord, { replacesAll }: Partial<Wizard> = {}): Replaced {
    const none = usableOf(passkeys, person).length === 0
    return { replacesAll: replacesAll === true || none, old: oldApps(person).map(({ label }) => label) }
  }

  const backups = wizardBackups(parts, { find: wizards.find, put })
  const turnOn = enrollmentAct(parts, wizards)
  const byPasskey = enrollmentPasskey(parts, { find: wizards.find, put, replacedBy, turnOn })

  async function choose(requester: WizardOwner, app: 'company' | 'other'): Promise<Wizard> {
    const known = await wizards.find(requester)
    if (known && known.held.provenAt !== undefined) return known.held
    const person = await findPerson(people, requester.account.id)
    const taken = entriesOf(person)
    const { replacesAll, old } = replacedBy(person, known?.held)
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
    const { held: wizard } = known
    if (wizard.provenAt !== undefined) return { ok: true, wizard }
    const { account } = requester
    const spent = await spendSettingUp(parts, 'enrollment', requester)
    if (!spent.ok) return spent.reason === 'wait' ? spent : { ok: false, reason: 'not-allowed' }
    const step = stepOf(known.held.secret, code, now)
    if (step === undefined) return { ok: false, reason: 'wrong-code' }

    const { name: called, entry = account.email } = wizard
    const app = { name: called, entry, secret: known.held.secret, step, at: now() }
    const { replacesAll = false, old = [] } = wizard
    const authenticator = provenApp(seal, account.id, app)
    return turnOn(requester, known, { method: APP, authenticator, replaced: { replacesAll, old } })
  }

  return {
    find: async (requester) => (await wizards.find(requester))?.held,
    async owed({ account, beside }) {
      const person = await findPerson(people, account.id)
      const { replacesAll, old } = replacedBy(person)
      return {
        factor: replacesAll || isOnOld(usableOf(passkeys, person)) || beside === true,
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
    creation: byPasskey.creation,
    keepPasskey: byPasskey.keep,
    askPasskey: byPasskey.ask,
    confirmPasskey: byPasskey.confirm,
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

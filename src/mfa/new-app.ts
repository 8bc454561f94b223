/**
 * One more authenticator app, or a new phone in the place of an old one, in the security settings. The secret waits in a
 * wizard (sealed-wizard.ts) for ten minutes; the old app keeps working until the new one has answered, and then both
 * things happen in one write.
 */

import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import type { Requester } from '../accounts/requester.ts'
import { type Audit, deed } from '../audit/audit.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Account } from '../person/account.ts'
import type { Authenticator } from '../person/authenticator.ts'
import { listApps, listStrong } from '../person/authenticator.ts'
import { changeApp } from '../person/factor-changes.ts'
import { APP } from '../person/second-factor.ts'
import { newSecret, stepOf, UNCONFIRMED } from './app-code.ts'
import { type NameRefusal, readOwnName } from './app-name.ts'
import { streakKey } from './challenge.ts'
import { chosenName, entryName, isAsMade } from './entry-name.ts'
import { provenApp } from './sealed-authenticator.ts'
import { type SealedWizardParts, sealedWizards } from './sealed-wizard.ts'
import { settingUpKey, spendSettingUp } from './setting-up.ts'

/** What the page shows: the secret (base32), what the app will call the entry, and what its person calls it, if they do. */
export interface WaitingApp {
  secret: string
  entry: string
  name?: string | undefined
  /** Id and name of the app that the new one takes the place of. */
  replaces: { id: string; label: string } | undefined
}

export type Begun = Outcome<{ app: WaitingApp }, 'unknown' | 'too-many'>
export type AppNamed = Outcome<{ app: WaitingApp; changed: boolean }, NameRefusal | 'expired'>
export type AppConfirmed = Outcome<Done, 'wrong-code' | 'expired' | 'gone' | 'closed', 'wait'>

export interface NewApps {
  /** The waiting one is shown again if it is for the same (`replaces`: id of the app that it takes the place of). */
  begin(requester: Requester, replaces: string | undefined): Promise<Begun>
  find(requester: Requester): Promise<WaitingApp | undefined>
  /** Gives the waiting one the name that was typed, or none: its entry and so its picture change, its secret does not. */
  name(requester: Requester, typed: string): Promise<AppNamed>
  confirm(requester: Requester, code: string): Promise<AppConfirmed>
  cancel(requester: Requester): Promise<void>
}

export interface NewAppParts extends SealedWizardParts {
  throttle: Throttle
  audit: Audit
  notice: Notice
}

/** Enough for everyone's phones and tablets, too few to hide one among. */
const MOST_APPS = 5

export function newApps(parts: NewAppParts): NewApps {
  const { people, seal, throttle, audit, notice, now } = parts
  const wizards = sealedWizards<WaitingApp>('new-app', parts)

  async function appsOf(accountId: string): Promise<Authenticator[]> {
    return listApps(await findPerson(people, accountId))
  }

  async function begin(requester: Requester, replaces: string | undefined): Promise<Begun> {
    const { account } = requester
    const person = await findPerson(people, account.id)
    const apps = listApps(person)
    // One that was brought from elsewhere goes in any case, so that is said.
    const old = apps.find(({ id, imported }) => (replaces === undefined ? imported : id === replaces))
    // Whoever has nothing yet sets it up in the wizard, which makes the backup code in the same act.
    if (listStrong(person).length === 0 || (replaces !== undefined && !old)) return { ok: false, reason: 'unknown' }
    if (!old && apps.length >= MOST_APPS) return { ok: false, reason: 'too-many' }
    const known = await wizards.find(requester)
    if (known && known.held.replaces?.id === old?.id) return { ok: true, app: known.held }
    const name = old && chosenName(account.email, old)
    const app: WaitingApp = {
      secret: newSecret(),
      entry: freshEntry(account, apps, name),
      name,
      replaces: old && { id: old.id, label: old.label },
    }
    if (await wizards.put(requester, app, known?.pending, now() + UNCONFIRMED)) return { ok: true, app }
    const winner = await wizards.find(requester)
    return winner ? { ok: true, app: winner.held } : { ok: false, reason: 'unknown' }
  }

  async function name(requester: Requester, typed: string): Promise<AppNamed> {
    const { account } = requester
    const known = await wizards.find(requester)
    if (!known) return { ok: false, reason: 'expired' }
    const { held, pending } = known
    const apps = await appsOf(account.id)
    const others = apps.filter(({ id }) => id !== held.replaces?.id).map(({ label }) => label)
    const read = readOwnName(typed, others)
    if (!read.ok) return read
    if (read.name === held.name) return { ok: true, app: held, changed: false }
    const app = { ...held, name: read.name, entry: freshEntry(account, apps, read.name) }
    if (await wizards.put(requester, app, pending, pending.expiresAt)) return { ok: true, app, changed: true }
    const winner = await wizards.find(requester)
    return winner ? { ok: true, app: winner.held, changed: true } : { ok: false, reason: 'expired' }
  }

  async function confirm(requester: Requester, code: string): Promise<AppConfirmed> {
    const { account } = requester
    const known = await wizards.find(requester)
    if (!known) return { ok: false, reason: 'expired' }
    const { secret, entry, name: called, replaces } = known.held
    const strong = listStrong(await findPerson(people, account.id))
    const old = strong.find(({ id }) => id === replaces?.id)
    // Also when all that there was went meanwhile: an app alone would be one without a backup code.
    if (strong.length === 0 || (replaces && !old)) return { ok: false, reason: 'gone' }
    const spent = await spendSettingUp(parts, 'new-app', requester)
    if (!spent.ok) return spent
    const step = stepOf(secret, code, now)
    if (step === undefined) return { ok: false, reason: 'wrong-code' }

    const change = {
      epoch: account.epoch,
      from: known.pending,
      authenticator: provenApp(seal, account.id, { name: called, entry, secret, step, at: now() }),
      replaces: old?.id,
      most: MOST_APPS,
    }
    const told = old
      ? notice(account, 'app-moved', { from: old.label, to: entry })
      : notice(account, 'app-added', { label: called ?? entry })
    if (!(await people.change(account.id, (person) => changeApp(person, change, now(), told))))
      return { ok: false, reason: 'gone' }
    await throttle.reset(settingUpKey('new-app', account.id), streakKey(APP, account.id))
    await audit(deed('factor.enrolled', requester, { method: APP, replaces: old !== undefined }))
    return { ok: true }
  }

  return {
    begin,
    find: async (requester) => (await wizards.find(requester))?.held,
    name,
    confirm,
    cancel: wizards.remove,
  }
}

/**
 * An entry's name that no app of the account has. Once a person has renamed an app, the labels no longer tell which
 * numbers there were: then the number comes from the account's epoch, which every change of an app moves up.
 */
function freshEntry({ email, epoch }: Account, apps: Authenticator[], name: string | undefined): string {
  // An entry that was brought from elsewhere stands under another service's name.
  const made = apps.filter(({ imported }) => !imported)
  const taken = made.map(({ label, entry = label }) => entry)
  const known = made.every((app) => isAsMade(email, app))
  return entryName(email, taken, { name, first: known ? 1 : epoch + 1 })
}

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
import { listApps } from '../person/authenticator.ts'
import { changeApp } from '../person/factor-changes.ts'
import { APP } from '../person/second-factor.ts'
import { newSecret, stepOf, UNCONFIRMED } from './app-code.ts'
import { streakKey } from './challenge.ts'
import { entryName, isEntryName } from './entry-name.ts'
import { provenApp } from './sealed-authenticator.ts'
import { type SealedWizardParts, sealedWizards } from './sealed-wizard.ts'
import { settingUpKey, spendSettingUp } from './setting-up.ts'

/** What the page shows: the secret (base32) and what the app will call the entry. */
export interface WaitingApp {
  secret: string
  entry: string
  /** Id and name of the app that the new one takes the place of. */
  replaces: { id: string; label: string } | undefined
}

export type Begun = Outcome<{ app: WaitingApp }, 'unknown' | 'too-many'>
export type AppConfirmed = Outcome<Done, 'wrong-code' | 'expired' | 'gone' | 'closed', 'wait'>

export interface NewApps {
  /** The waiting one is shown again if it is for the same (`replaces`: id of the app that it takes the place of). */
  begin(requester: Requester, replaces: string | undefined): Promise<Begun>
  find(requester: Requester): Promise<WaitingApp | undefined>
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
    const apps = await appsOf(account.id)
    // One that was brought from elsewhere goes in any case, so that is said.
    const old = apps.find(({ id, imported }) => (replaces === undefined ? imported : id === replaces))
    // Whoever has no app sets one up in the wizard, which makes the backup code in the same act.
    if (apps.length === 0 || (replaces !== undefined && !old)) return { ok: false, reason: 'unknown' }
    if (!old && apps.length >= MOST_APPS) return { ok: false, reason: 'too-many' }
    const known = await wizards.find(requester)
    if (known && known.held.replaces?.id === old?.id) return { ok: true, app: known.held }
    const app: WaitingApp = {
      secret: newSecret(),
      entry: freshEntry(account, apps),
      replaces: old && { id: old.id, label: old.label },
    }
    if (await wizards.put(requester, app, known?.pending, now() + UNCONFIRMED)) return { ok: true, app }
    const winner = await wizards.find(requester)
    return winner ? { ok: true, app: winner.held } : { ok: false, reason: 'unknown' }
  }

  async function confirm(requester: Requester, code: string): Promise<AppConfirmed> {
    const { account } = requester
    const known = await wizards.find(requester)
    if (!known) return { ok: false, reason: 'expired' }
    const { secret, entry, replaces } = known.held
    const apps = await appsOf(account.id)
    const old = apps.find(({ id }) => id === replaces?.id)
    // Also when all of them went meanwhile: an app alone would be one without a backup code.
    if (apps.length === 0 || (replaces && !old)) return { ok: false, reason: 'gone' }
    const spent = await spendSettingUp(parts, 'new-app', requester)
    if (!spent.ok) return spent
    const step = stepOf(secret, code, now)
    if (step === undefined) return { ok: false, reason: 'wrong-code' }

    const change = {
      epoch: account.epoch,
      from: known.pending,
      authenticator: provenApp(seal, account.id, { label: entry, secret, step, at: now() }),
      replaces: old?.id,
      most: MOST_APPS,
    }
    const told = old
      ? notice(account, 'app-moved', { from: old.label, to: entry })
      : notice(account, 'app-added', { label: entry })
    if (!(await people.change(account.id, (person) => changeApp(person, change, now(), told))))
      return { ok: false, reason: 'gone' }
    await throttle.reset(settingUpKey('new-app', account.id), streakKey(APP, account.id))
    await audit(deed('factor.enrolled', requester, { method: APP, replaces: old !== undefined }))
    return { ok: true }
  }

  return {
    begin,
    find: async (requester) => (await wizards.find(requester))?.held,
    confirm,
    cancel: wizards.remove,
  }
}

/**
 * An entry's name that no app of the account has. Once a person has renamed an app, we no longer know its entry's name:
 * then the number comes from the account's epoch, which every change of an app moves up.
 */
function freshEntry({ email, epoch }: Account, apps: Authenticator[]): string {
  // An entry that was brought from elsewhere stands under another service's name.
  const taken = apps.filter(({ imported }) => !imported).map(({ label }) => label)
  const known = taken.every((label) => isEntryName(email, label))
  return entryName(email, taken, known ? 1 : epoch + 1)
}

/**
 * Second factors as their owner looks after them in the security settings: what there is (factor-overview.ts), and the
 * changes that take one step. A new app has steps of its own, see new-app.ts. That the owner has just proven a second
 * factor is the caller's to see to; so is ending what was signed in elsewhere after each change here that answers `ok`
 * (except `rename`, which changes nothing that opens anything).
 */

import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import { type Audit, deed, type Source } from '../audit/audit.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { Authenticator } from '../person/authenticator.ts'
import { findNumber, listStrong, renameAuthenticator } from '../person/authenticator.ts'
import { confirmBackupCode, renewBackupCode } from '../person/backup-code.ts'
import { removeAuthenticator, turnOff } from '../person/factor-changes.ts'
import type { People } from '../person/kind.ts'
import { findDevice, listDevices, removeDevice, removeDevices } from '../person/remembered-device.ts'
import { APP, NUMBER, PASSKEY } from '../person/second-factor.ts'
import { type NameRefusal, readAppName } from './app-name.ts'
import { keepCode, newCode } from './backup-code.ts'
import type { CampaignRules } from './campaign.ts'
import { streakKey } from './challenge.ts'
import { type Overview, overviewOf } from './factor-overview.ts'
import { standingOf } from './second-factors.ts'

/** `unsaved`: what is left would be passkeys only, and no backup code that is saved. */
export type Removed = Outcome<Done, 'unknown' | 'last' | 'unsaved'>
export type Renamed = Outcome<Done, 'unknown' | NameRefusal>

export interface OwnFactors {
  overview(account: Account): Promise<Overview>
  /** An app, or a passkey. */
  rename(account: Account, id: string, label: string, source: Source): Promise<Renamed>
  /**
   * An app, or a passkey. The last of all goes only where nothing demands one and the person said so (`off`); two-step
   * verification is off then, and everything of it goes.
   */
  remove(account: Account, id: string, how: { off: boolean }, source: Source): Promise<Removed>
  removePhone(account: Account, source: Source): Promise<boolean>
  /**
   * A new backup code, shown this once. `before` is the id of the code that the page was about (undefined for none):
   * undefined if that is not the present one any more, because another tab was first.
   */
  renewBackup(account: Account, before: string | undefined, source: Source): Promise<string | undefined>
  /** The id of the present backup code, for `renewBackup`. */
  backupId(account: Account): Promise<string | undefined>
  /** The person says that the present code is saved. */
  confirmBackup(account: Account): Promise<void>
  forgetDevice(account: Account, id: string, source: Source): Promise<boolean>
  forgetDevices(account: Account, source: Source): Promise<void>
}

export interface OwnFactorsParts {
  people: People
  /** Who must have two-step verification. */
  campaign: CampaignRules
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
  /** The RP id that passkeys are good for. */
  rpId: string | undefined
}

/** By what is told of each. */
const TOLD = {
  [APP]: { renamed: 'app-renamed', removed: 'app-removed' },
  [PASSKEY]: { renamed: 'passkey-renamed', removed: 'passkey-removed' },
  // No name of its own: it is removed by `removePhone`.
  [NUMBER]: { renamed: 'app-renamed', removed: 'sms-removed' },
} as const

export function ownFactors({ people, campaign, throttle, audit, notice, now, rpId }: OwnFactorsParts): OwnFactors {
  function demanded(account: Account): boolean {
    return account.roles.length > 0 || standingOf(campaign, account, now()).campaign === 'required'
  }

  async function strongOf(accountId: string): Promise<Authenticator[]> {
    return listStrong(await findPerson(people, accountId))
  }

  return {
    async overview(account) {
      return overviewOf(await findPerson(people, account.id), { rpId, now: now(), demanded: demanded(account) })
    },

    async rename(account, id, typed, source) {
      const strong = await strongOf(account.id)
      const one = strong.find((candidate) => candidate.id === id)
      if (!one) return { ok: false, reason: 'unknown' }
      // What an entry was made with may be longer than a name that is typed.
      if (typed.normalize('NFC').trim() === one.label) return { ok: true }
      const others = strong.filter((other) => other.id !== id && other.kind === one.kind).map(({ label }) => label)
      const read = readAppName(typed, others)
      if (!read.ok) return read
      const label = read.name
      const told = notice(account, TOLD[one.kind].renamed, { from: one.label, to: label })
      if (!(await people.change(account.id, (person) => renameAuthenticator(person, id, label, told))))
        return { ok: false, reason: 'unknown' }
      await audit(deed('factor.renamed', { account, source }, { method: one.kind }))
      return { ok: true }
    },

    async remove(account, id, { off }, source) {
      const one = (await strongOf(account.id)).find((candidate) => candidate.id === id)
      if (!one) return { ok: false, reason: 'unknown' }
      const told = notice(account, TOLD[one.kind].removed, { label: one.label })
      const removed = await people.change(account.id, (person) => removeAuthenticator(person, { id, rpId }, told))
      if (removed === 'unknown' || removed === 'unsaved') return { ok: false, reason: removed }
      if (removed === 'last') {
        // This holds too when another session removed the other one at the same time: nobody is left without one by accident.
        if (!off || demanded(account)) return { ok: false, reason: 'last' }
        // Another tab may have added another since: then this one is not the last, and the person looks again.
        const toldOff = notice(account, 'two-step-off', {})
        if (!(await people.change(account.id, (person) => turnOff(person, { id, rpId }, toldOff))))
          return { ok: false, reason: 'unknown' }
      }
      await audit(deed('factor.removed', { account, source }, { method: one.kind, last: removed === 'last' }))
      return { ok: true }
    },

    async removePhone(account, source) {
      const phone = findNumber(await findPerson(people, account.id))
      if (!phone) return false
      const told = notice(account, 'sms-removed', { hint: phone.label })
      const removed = await people.change(account.id, (person) =>
        removeAuthenticator(person, { id: phone.id, rpId }, told),
      )
      if (removed !== 'removed') return false
      await audit(deed('factor.removed', { account, source }, { method: NUMBER, last: false }))
      return true
    },

    async renewBackup(account, before, source) {
      // A backup code alone would be a second factor for whoever knows only the password.
      if ((await strongOf(account.id)).length === 0) return undefined
      const code = newCode()
      const told = notice(account, 'backup-code-new', {})
      const kept = keepCode(account.id, code, now())
      const { id, epoch } = account
      if (!(await people.change(id, (person) => renewBackupCode(person, kept, before, told, epoch)))) return undefined
      await throttle.reset(streakKey('backup', account.id))
      await audit(deed('backup-code.made', { account, source }, { renewed: before !== undefined }))
      return code
    },

    backupId: async (account) => (await people.find(account.id))?.backup?.id,

    async confirmBackup(account) {
      const backup = (await people.find(account.id))?.backup
      if (backup && backup.savedAt === undefined)
        await people.change(account.id, (person) => confirmBackupCode(person, backup.id, now()))
    },

    async forgetDevice(account, id, source) {
      const device = findDevice(await findPerson(people, account.id), id, now())
      const told = device && notice(account, 'devices-forgotten', { count: 1, agent: device.agent })
      if (!told || !(await people.change(account.id, (person) => removeDevice(person, id, told)))) return false
      await audit(deed('device.forgotten', { account, source }, { count: 1 }))
      return true
    },

    async forgetDevices(account, source) {
      const known = listDevices(await findPerson(people, account.id), now()).length
      if (known === 0) return
      const told = notice(account, 'devices-forgotten', { count: known })
      const count = await people.change(account.id, (person) => removeDevices(person, told))
      if (count > 0) await audit(deed('device.forgotten', { account, source }, { count }))
    },
  }
}

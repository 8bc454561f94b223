/**
 * Second factors as their owner looks after them in the security settings: what there is, and the changes that take one
 * step. A new app has steps of its own, see new-app.ts. That the owner has just proven a second factor is the caller's
 * to see to; so is ending what was signed in elsewhere after each change here that answers `ok` (except `rename`, which
 * changes nothing that opens anything).
 */

import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import { type Audit, deed, type Source } from '../audit/audit.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { Authenticator } from '../person/authenticator.ts'
import { findNumber, listApps, renameAuthenticator } from '../person/authenticator.ts'
import { confirmBackupCode, renewBackupCode } from '../person/backup-code.ts'
import { removeAuthenticator, turnOff } from '../person/factor-changes.ts'
import type { People } from '../person/kind.ts'
import { findDevice, listDevices, removeDevice, removeDevices } from '../person/remembered-device.ts'
import { APP, NUMBER, type RememberedFactor } from '../person/second-factor.ts'
import { type NameRefusal, readAppName } from './app-name.ts'
import { keepCode, newCode } from './backup-code.ts'
import type { CampaignRules } from './campaign.ts'
import { streakKey } from './challenge.ts'
import { standingOf } from './second-factors.ts'

export interface AppView {
  id: string
  label: string
  createdAt: number
  lastUsedAt: number | undefined
  /** Brought from elsewhere: good until one that is set up here has answered. */
  old?: true | undefined
}

export interface DeviceView {
  id: string
  agent: string
  method: RememberedFactor
  createdAt: number
  lastUsedAt: number
  expiresAt: number
}

export interface Overview {
  apps: AppView[]
  /** `hint`: the last two digits. */
  phone: { id: string; hint: string; createdAt: number } | undefined
  backup: { createdAt: number; saved: boolean } | undefined
  devices: DeviceView[]
  /** Two-step verification may not be turned off: the campaign, or a role, requires it. */
  demanded: boolean
}

export type Removed = Outcome<Done, 'unknown' | 'last'>
export type Renamed = Outcome<Done, 'unknown' | NameRefusal>

export interface OwnFactors {
  overview(account: Account): Promise<Overview>
  rename(account: Account, id: string, label: string, source: Source): Promise<Renamed>
  /**
   * The last app goes only where nothing demands one and the person said so (`off`); two-step verification is off then,
   * and everything of it goes.
   */
  removeApp(account: Account, id: string, how: { off: boolean }, source: Source): Promise<Removed>
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
}

export function ownFactors({ people, campaign, throttle, audit, notice, now }: OwnFactorsParts): OwnFactors {
  function demanded(account: Account): boolean {
    return account.roles.length > 0 || standingOf(campaign, account, now()).campaign === 'required'
  }

  async function appsOf(accountId: string): Promise<Authenticator[]> {
    return listApps(await findPerson(people, accountId))
  }

  return {
    async overview(account) {
      const person = await findPerson(people, account.id)
      const { backup } = person
      const phone = findNumber(person)
      return {
        apps: listApps(person).map(toApp),
        phone: phone && { id: phone.id, hint: phone.label, createdAt: phone.createdAt },
        backup: backup && { createdAt: backup.createdAt, saved: backup.savedAt !== undefined },
        devices: listDevices(person, now()).map(({ id, agent, method, createdAt, lastUsedAt, expiresAt }) => ({
          id,
          agent,
          method,
          createdAt,
          lastUsedAt,
          expiresAt,
        })),
        demanded: demanded(account),
      }
    },

    async rename(account, id, typed, source) {
      const apps = await appsOf(account.id)
      const app = apps.find((candidate) => candidate.id === id)
      if (!app) return { ok: false, reason: 'unknown' }
      // What an entry was made with may be longer than a name that is typed.
      if (typed.normalize('NFC').trim() === app.label) return { ok: true }
      const others = apps.filter((other) => other.id !== id).map((other) => other.label)
      const read = readAppName(typed, others)
      if (!read.ok) return read
      const label = read.name
      const told = notice(account, 'app-renamed', { from: app.label, to: label })
      if (!(await people.change(account.id, (person) => renameAuthenticator(person, id, label, told))))
        return { ok: false, reason: 'unknown' }
      await audit(deed('factor.renamed', { account, source }, { method: APP }))
      return { ok: true }
    },

    async removeApp(account, id, { off }, source) {
      const app = (await appsOf(account.id)).find((candidate) => candidate.id === id)
      if (!app) return { ok: false, reason: 'unknown' }
      const told = notice(account, 'app-removed', { label: app.label })
      const removed = await people.change(account.id, (person) => removeAuthenticator(person, id, told))
      if (removed === 'unknown') return { ok: false, reason: 'unknown' }
      if (removed === 'last') {
        // This holds too when another session removed the other app at the same time: nobody is left without one by accident.
        if (!off || demanded(account)) return { ok: false, reason: 'last' }
        // Another tab may have added an app since: then this one is not the last, and the person looks again.
        const toldOff = notice(account, 'two-step-off', {})
        if (!(await people.change(account.id, (person) => turnOff(person, id, toldOff))))
          return { ok: false, reason: 'unknown' }
      }
      await audit(deed('factor.removed', { account, source }, { method: APP, last: removed === 'last' }))
      return { ok: true }
    },

    async removePhone(account, source) {
      const phone = findNumber(await findPerson(people, account.id))
      if (!phone) return false
      const told = notice(account, 'sms-removed', { hint: phone.label })
      const removed = await people.change(account.id, (person) => removeAuthenticator(person, phone.id, told))
      if (removed !== 'removed') return false
      await audit(deed('factor.removed', { account, source }, { method: NUMBER, last: false }))
      return true
    },

    async renewBackup(account, before, source) {
      // A backup code without an app would be a second factor for whoever knows only the password.
      if ((await appsOf(account.id)).length === 0) return undefined
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

function toApp({ id, label, createdAt, lastUsedAt, imported }: Authenticator): AppView {
  return { id, label, createdAt, lastUsedAt, old: imported }
}

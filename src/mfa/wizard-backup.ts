/**
 * The backup code in the wizard of enrollment.ts: another one for whoever has none that is saved. One that was typed to
 * sign in is held until this one is saved, and spent with it (person/held-code.ts).
 */

import { randomUUID } from 'node:crypto'
import type { Notice } from '../accounts/notify.ts'
import { type Audit, deed } from '../audit/audit.ts'
import { confirmBackupCode, exchangeBackupCode, replaceBackupCode } from '../person/backup-code.ts'
import type { PendingEnrollment } from '../person/wizard.ts'
import { keepCode, newCode } from './backup-code.ts'
import type { SealedWizardParts, SealedWizards, WizardOwner } from './sealed-wizard.ts'
import type { EnrollingRequester, Wizard } from './wizard.ts'

export interface WizardBackups {
  /** As `renewBackup` and `saved` of the wizard. */
  renew(requester: EnrollingRequester): Promise<Wizard>
  saved(requester: EnrollingRequester): Promise<Wizard | undefined>
}

export interface WizardBackupParts extends Pick<SealedWizardParts, 'people' | 'now'> {
  audit: Audit
  notice: Notice
}

interface Wizards {
  find: SealedWizards<Wizard>['find']
  /** Writes the wizard; if another tab was first, that tab's wizard counts. */
  put(requester: WizardOwner, wizard: Wizard, before: PendingEnrollment | undefined): Promise<Wizard>
}

export function wizardBackups({ people, audit, notice, now }: WizardBackupParts, wizards: Wizards): WizardBackups {
  /** Makes the shown code the account's: also after a crash between showing and keeping, and only once for two tabs. */
  async function keep(requester: WizardOwner, { id, code }: { id: string; code: string }): Promise<void> {
    const { account } = requester
    if ((await people.find(account.id))?.backup?.id === id) return
    const made = { ...keepCode(account.id, code, now()), id }
    const told = notice(account, 'backup-code-new', { at: now() })
    const { epoch } = account
    const kept = await people.change(account.id, (person) => replaceBackupCode(person, made, told, epoch))
    if (!kept) return
    await audit(deed('backup-code.made', requester))
  }

  /** The one that was used is spent with it. */
  async function exchange(requester: EnrollingRequester, { id, code }: { id: string; code: string }): Promise<boolean> {
    const { account } = requester
    const made = { ...keepCode(account.id, code, now()), id }
    const told = notice(account, 'backup-code-used', { at: now() })
    const exchanged = { made, holder: { by: requester.session, holding: requester.holding }, epoch: account.epoch }
    if (!(await people.change(account.id, (person) => exchangeBackupCode(person, exchanged, told, now())))) return false
    await audit(deed('backup-code.made', requester, { renewed: true }))
    return true
  }

  async function another(
    requester: EnrollingRequester,
    wizard: Wizard | undefined,
    before: PendingEnrollment | undefined,
  ): Promise<Wizard> {
    const next: Wizard = { ...wizard, stage: 'backup', backup: { id: randomUUID(), code: newCode() } }
    const written = await wizards.put(requester, next, before)
    // The code that was used is good until the person has saved this one.
    if (written.backup && requester.holding.backup === undefined) await keep(requester, written.backup)
    return written
  }

  return {
    async renew(requester) {
      const known = await wizards.find(requester)
      if (known?.held.stage !== 'backup' || !known.held.backup) return another(requester, undefined, known?.pending)
      if (requester.holding.backup === undefined) await keep(requester, known.held.backup)
      return known.held
    },
    async saved(requester) {
      const known = await wizards.find(requester)
      const backup = known?.held.backup
      if (!known || !backup) return { stage: 'backup' }
      if (known.held.provenAt === undefined && requester.holding.backup !== undefined) {
        // The code on the page was typed, and takes the place of itself no more than of another.
        if (requester.holding.backup === backup.id) return another(requester, known.held, known.pending)
        const done =
          (await exchange(requester, backup)) || (await people.find(requester.account.id))?.backup?.id === backup.id
        if (!done) return undefined
        return wizards.put(requester, { stage: 'done', spent: requester.holding }, known.pending)
      }
      const kept = await people.change(requester.account.id, (person) => confirmBackupCode(person, backup.id, now()))
      // Two browsers showed a code each, and the later one counts: this one is done if that was saved.
      if (!kept && (await people.find(requester.account.id))?.backup?.savedAt === undefined)
        return another(requester, known.held, known.pending)
      const { secret: _secret, backup: _shown, ...rest } = known.held
      return wizards.put(requester, { ...rest, stage: 'done' }, known.pending)
    },
  }
}

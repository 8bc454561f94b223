/**
 * The act of the wizard, whatever it is that is set up: the factor and a backup code are on, what they take the place of is
 * gone, and what the session held is spent. All of it in one write, or nothing.
 */
import type { Notice } from '../accounts/notify.ts'
import { type Audit, deed } from '../audit/audit.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Authenticator } from '../person/authenticator.ts'
import { activate } from '../person/factor-changes.ts'
import { APP, PASSKEY } from '../person/second-factor.ts'
import type { PendingEnrollment } from '../person/wizard.ts'
import { keepCode, newCode } from './backup-code.ts'
import { streakKey } from './challenge.ts'
import type { SealedWizardParts, SealedWizards } from './sealed-wizard.ts'
import { settingUpKey } from './setting-up.ts'
import { type EnrollingRequester, WAITS, type Wizard } from './wizard.ts'

/** `stale`: the page stood open for longer than its challenge, and the wizard goes on. */
export type Confirmed = Outcome<{ wizard: Wizard }, 'wrong-code' | 'stale' | 'expired' | 'not-allowed', 'wait'>

/** What goes when the factor is on. */
export interface Replaced {
  /** All that there is. */
  replacesAll: boolean
  /** Names of entries that were brought from elsewhere. */
  old: string[]
}

export interface TurningOn {
  method: typeof APP | typeof PASSKEY
  authenticator: Authenticator
  replaced: Replaced
}

export type TurnOn = (
  requester: EnrollingRequester,
  known: { held: Wizard; pending: PendingEnrollment },
  on: TurningOn,
) => Promise<Confirmed>

export interface EnrollmentActParts extends SealedWizardParts {
  throttle: Throttle
  audit: Audit
  notice: Notice
}

export function enrollmentAct(
  { people, throttle, audit, notice, now }: EnrollmentActParts,
  wizards: Pick<SealedWizards<Wizard>, 'find' | 'sealed'>,
): TurnOn {
  function told({ account, holding, beside }: EnrollingRequester, { method, authenticator, replaced }: TurningOn) {
    const at = now()
    const { label } = authenticator
    const mails = beside
      ? notice(account, method === APP ? 'app-added' : 'passkey-added', { label })
      : replaced.old.length > 0
        ? notice(account, 'app-switched', { at, from: replaced.old.join(', '), to: label })
        : notice(account, 'two-step-on', { at, method })
    return holding.backup === undefined ? mails : [...mails, ...notice(account, 'backup-code-used', { at })]
  }

  return async (requester, { held: wizard, pending }, on) => {
    const { account, session, holding, proven, beside } = requester
    const { method, authenticator } = on
    const { replacesAll, old } = on.replaced
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
      ...(method === PASSKEY && { passkey: true as const }),
      spent: holding,
    }
    // Replacing moves the epoch up, and the wizard goes on in the new one.
    const after = { ...requester, account: { ...account, epoch: account.epoch + (replaces ? 1 : 0) } }
    const activation = {
      epoch: account.epoch,
      from: pending,
      next: wizards.sealed(after, next, pending, now() + WAITS),
      authenticator,
      backup,
      replacesAll,
      switches,
      // A session that knows the password only may set up the first factor, never another one beside it; and one that
      // proved a factor replaces it, or adds to it, only where that was asked for, not from a page of before there was one.
      firstOnly: !(proven && (replaces || beside)),
      holder: { by: session, holding },
    }
    const parcels = told(requester, on)
    if (!(await people.change(account.id, (person) => activate(person, activation, now(), parcels)))) {
      const winner = (await wizards.find(after)) ?? (await wizards.find(requester))
      return winner?.held.provenAt !== undefined
        ? { ok: true, wizard: winner.held }
        : { ok: false, reason: 'not-allowed' }
    }
    await throttle.reset(
      settingUpKey('enrollment', account.id),
      streakKey(method, account.id),
      streakKey('backup', account.id),
    )
    await audit(deed('factor.enrolled', requester, { method, replacesAll, ...(switches && { switches }) }))
    return { ok: true, wizard: next }
  }
}

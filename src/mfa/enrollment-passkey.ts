/**
 * A passkey in the place of an app in the wizard (enrollment.ts): no app to install, no picture that a phone cannot scan
 * from its own screen. What a browser hands over when it makes one is signed by nobody (WebAuthn Level 3 section 6.5.4,
 * attestation `none`), so the device may have kept nothing. Therefore it waits in the wizard, as an app's secret does, and
 * is turned on when it has signed once: whoever stops before that is where they were.
 */
import { findPerson } from '../accounts/people.ts'
import type { Audit } from '../audit/audit.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { People } from '../person/kind.ts'
import { keyOf } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'
import { PASSKEY } from '../person/second-factor.ts'
import type { PendingEnrollment } from '../person/wizard.ts'
import { unlessTaken } from '../record/records.ts'
import type { Confirmed, Replaced, TurnOn } from './enrollment-act.ts'
import type { CreationOptions, RequestOptions } from './passkey-options.ts'
import type { Passkeys, Proven } from './passkeys.ts'
import type { SealedWizards, WizardOwner } from './sealed-wizard.ts'
import { spendSettingUp } from './setting-up.ts'
import type { EnrollingRequester, Wizard } from './wizard.ts'

/** `stale`: the page stood open for longer than its challenge. */
export type Kept = Outcome<{ wizard: Wizard }, 'wrong-code' | 'stale' | 'expired' | 'not-allowed', 'wait'>

/** Each as the wizard has it (enrollment.ts). */
export interface EnrollmentPasskey {
  creation(requester: WizardOwner): Promise<CreationOptions | undefined>
  keep(requester: EnrollingRequester, registration: string, agent: string): Promise<Kept>
  ask(requester: WizardOwner, wizard: Wizard): RequestOptions | undefined
  confirm(requester: EnrollingRequester, assertion: string): Promise<Confirmed>
}

export interface EnrollmentPasskeyParts {
  people: Pick<People, 'find'>
  throttle: Throttle
  audit: Audit
  passkeys: Pick<Passkeys, 'creation' | 'made' | 'askNew' | 'proves'>
}

interface Shared {
  find: SealedWizards<Wizard>['find']
  put(requester: WizardOwner, wizard: Wizard, before: PendingEnrollment): Promise<Wizard>
  replacedBy(person: PersonRecord, wizard: Wizard): Replaced
  turnOn: TurnOn
}

const KNOWN = { ok: false, reason: 'wrong-code' } as const

/** What was answered already says nothing of this answer: the page that is due now comes up. */
const REASONS = { wrong: 'wrong-code', expired: 'stale', used: 'expired' } as const satisfies Record<
  Extract<Proven, { ok: false }>['reason'],
  string
>

export function enrollmentPasskey(
  parts: EnrollmentPasskeyParts,
  { find, put, replacedBy, turnOn }: Shared,
): EnrollmentPasskey {
  const { people, passkeys } = parts

  /** Undefined if there may be a try; spent before anything is looked at. */
  async function refusal(requester: EnrollingRequester) {
    const spent = await spendSettingUp(parts, 'enrollment', requester)
    if (spent.ok) return undefined
    return spent.reason === 'wait' ? spent : ({ ok: false, reason: 'not-allowed' } as const)
  }

  return {
    async creation(requester) {
      const options = await passkeys.creation(requester)
      const known = options && (await find(requester))
      if (!known) return options
      // What is lost takes no place: a device that was restored may make another in the place of the one that it kept.
      const { replacesAll } = replacedBy(await findPerson(people, requester.account.id), known.held)
      return replacesAll ? { ...options, excludeCredentials: [] } : options
    },

    async keep(requester, registration, agent) {
      const known = await find(requester)
      if (!known) return { ok: false, reason: 'expired' }
      if (known.held.provenAt !== undefined) return { ok: true, wizard: known.held }
      const refused = await refusal(requester)
      if (refused) return refused
      const made = await passkeys.made(requester, registration, agent)
      if (!made.ok) return { ok: false, reason: REASONS[made.reason] }
      const wizard = await put(requester, { ...known.held, stage: 'passkey', waiting: made.passkey }, known.pending)
      return { ok: true, wizard }
    },

    ask: (requester, { waiting }) => waiting && passkeys.askNew(requester, waiting),

    async confirm(requester, assertion) {
      const known = await find(requester)
      // Nor after the act: the page that is due now comes up.
      if (!known?.held.waiting) return { ok: false, reason: 'expired' }
      const refused = await refusal(requester)
      if (refused) return refused
      const proven = await passkeys.proves(requester, known.held.waiting, assertion)
      if (!proven.ok) return { ok: false, reason: REASONS[proven.reason] }
      const { passkey } = proven
      const replaced = replacedBy(await findPerson(people, requester.account.id), known.held)
      return unlessTaken(
        keyOf.passkey(passkey.passkey.key),
        KNOWN,
        turnOn(requester, known, { method: PASSKEY, authenticator: passkey, replaced }),
      )
    },
  }
}

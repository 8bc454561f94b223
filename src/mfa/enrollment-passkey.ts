/**
 * A passkey in the place of an app in the wizard (enrollment.ts): no app to install, no picture that a phone cannot scan
 * from its own screen. Whoever makes one has shown nothing by it, for nobody signs a registration (WebAuthn Level 3 section
 * 6.5.4, attestation `none`): the policy asks for one gesture after it, which shows that it works.
 */
import { findPerson } from '../accounts/people.ts'
import type { Audit } from '../audit/audit.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { People } from '../person/kind.ts'
import { keyOf } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'
import { PASSKEY } from '../person/second-factor.ts'
import { unlessTaken } from '../record/records.ts'
import type { Confirmed, Replaced, TurnOn } from './enrollment-act.ts'
import type { CreationOptions } from './passkey-options.ts'
import type { Passkeys } from './passkeys.ts'
import type { SealedWizards, WizardOwner } from './sealed-wizard.ts'
import { spendSettingUp } from './setting-up.ts'
import type { EnrollingRequester, Wizard } from './wizard.ts'

export interface EnrollmentPasskey {
  /** As `creation` and `confirmPasskey` of the wizard. */
  creation(requester: WizardOwner): Promise<CreationOptions | undefined>
  confirm(requester: EnrollingRequester, registration: string, agent: string): Promise<Confirmed>
}

export interface EnrollmentPasskeyParts {
  people: Pick<People, 'find'>
  throttle: Throttle
  audit: Audit
  passkeys: Pick<Passkeys, 'creation' | 'made'>
}

interface Shared {
  find: SealedWizards<Wizard>['find']
  replacedBy(person: PersonRecord, wizard: Wizard): Replaced
  turnOn: TurnOn
}

const KNOWN = { ok: false, reason: 'wrong-code' } as const

export function enrollmentPasskey(
  parts: EnrollmentPasskeyParts,
  { find, replacedBy, turnOn }: Shared,
): EnrollmentPasskey {
  const { people, passkeys } = parts

  return {
    async creation(requester) {
      const options = await passkeys.creation(requester)
      const known = options && (await find(requester))
      if (!known) return options
      // What is lost takes no place: a device that was restored may make another in the place of the one that it kept.
      const { replacesAll } = replacedBy(await findPerson(people, requester.account.id), known.held)
      return replacesAll ? { ...options, excludeCredentials: [] } : options
    },

    async confirm(requester, registration, agent) {
      const known = await find(requester)
      if (!known) return { ok: false, reason: 'expired' }
      if (known.held.provenAt !== undefined) return { ok: true, wizard: known.held }
      const spent = await spendSettingUp(parts, 'enrollment', requester)
      if (!spent.ok) return spent.reason === 'wait' ? spent : { ok: false, reason: 'not-allowed' }
      const made = await passkeys.made(requester, registration, agent)
      if (!made.ok) return { ok: false, reason: made.reason === 'expired' ? 'stale' : 'wrong-code' }
      const { passkey } = made
      const replaced = replacedBy(await findPerson(people, requester.account.id), known.held)
      return unlessTaken(
        keyOf.passkey(passkey.passkey.key),
        KNOWN,
        turnOn(requester, known, { method: PASSKEY, authenticator: passkey, replaced }),
      )
    },
  }
}

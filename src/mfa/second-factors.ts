/** What a person has set up, and what the campaign says of them: the facts that the policy decides on. */

import { findPerson } from '../accounts/people.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { Authenticator } from '../person/authenticator.ts'
import { type Holder, type Holding, stillHeld } from '../person/held-code.ts'
import { type ImportedRule, owedPassword, type PasswordOwed } from '../person/imported.ts'
import type { People } from '../person/kind.ts'
import { isOnOld } from '../person/old-factor.ts'
import { isPasskeyOfferDue } from '../person/passkey-offer.ts'
import { APP, type EnrolledFactor, PASSKEY } from '../person/second-factor.ts'
import { type CampaignRules, isQuiet, type Standing, standing } from './campaign.ts'
import type { Campaign } from './challenge-policy.ts'

export interface SecondFactors {
  enrolled: boolean
  equipped: boolean
  /** Kinds of what they have and can use here. */
  has: readonly EnrolledFactor[]
  /** What our pages can set up for them. */
  settable: readonly EnrolledFactor[]
  old: boolean
  backupOwed: boolean
  password: PasswordOwed
  passkeyOffer: boolean
  campaign: Campaign
  /** They chose to be reminded later, and later has not come. */
  postponed: boolean
  /** What a session still holds of the codes that it proved. */
  held: (holder: Holder) => Holding
}

/** What this installation does with passkeys. */
export interface PasskeyRules {
  /** Those that can answer here: made for the name that we have now. */
  usable(authenticators: readonly Authenticator[]): Authenticator[]
  /** Our pages set them up. */
  settable: boolean
}

const NO_PASSKEYS: PasskeyRules = { usable: () => [], settable: false }

export function secondFactorsOf(
  people: Pick<People, 'find'>,
  rules: CampaignRules,
  imported: ImportedRule,
  now: Clock,
  passkeys = NO_PASSKEYS,
): (account: Account) => Promise<SecondFactors> {
  return async (account) => {
    const found = standingOf(rules, account, now())
    const { campaign } = found
    const postponed = isQuiet(rules, found, account.postponedAt, now())
    const { password } = owedPassword(account, imported, now())
    // Most people at first: nothing to look up for them.
    if (account.enrolledAt === undefined)
      return {
        ...{ enrolled: false, equipped: false, old: false, backupOwed: false },
        ...{ has: [], settable: passkeys.settable ? [APP, PASSKEY] : [APP], passkeyOffer: false },
        ...{ password, campaign, postponed, held: () => ({}) },
      }
    const person = await findPerson(people, account.id)
    const others = person.authenticators.filter(({ kind }) => kind !== PASSKEY)
    const usable = [...passkeys.usable(person.authenticators), ...others]
    const equipped = usable.length > 0
    return {
      enrolled: true,
      equipped,
      has: usable.map(({ kind }) => kind),
      // Our pages set up an app for whoever has nothing; beside what there is only where they set up passkeys, too.
      settable: passkeys.settable ? [APP, PASSKEY] : equipped ? [] : [APP],
      passkeyOffer:
        passkeys.settable && !usable.some(({ kind }) => kind === PASSKEY) && isPasskeyOfferDue(account, now()),
      old: isOnOld(usable),
      backupOwed: person.backup?.savedAt === undefined,
      password,
      campaign,
      postponed,
      held: (holder) => stillHeld(person, holder, now()),
    }
  }
}

export function standingOf(rules: CampaignRules, account: Account, now: number): Standing {
  return standing(rules, account, now)
}

/** What a person has set up, and what the campaign says of them: the facts that the policy decides on. */

import { findPerson } from '../accounts/people.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import { type Holder, type Holding, stillHeld } from '../person/held-code.ts'
import type { People } from '../person/kind.ts'
import { oldApps } from '../person/old-factor.ts'
import { type CampaignRules, type Standing, standing } from './campaign.ts'
import type { Campaign } from './challenge-policy.ts'

export interface SecondFactors {
  enrolled: boolean
  equipped: boolean
  old: boolean
  backupOwed: boolean
  campaign: Campaign
  /** What a session still holds of the codes that it proved. */
  held: (holder: Holder) => Holding
}

export function secondFactorsOf(
  people: Pick<People, 'find'>,
  rules: CampaignRules,
  now: Clock,
): (account: Account) => Promise<SecondFactors> {
  return async (account) => {
    const { campaign } = standingOf(rules, account, now())
    // Most people at first: nothing to look up for them.
    if (account.enrolledAt === undefined)
      return { enrolled: false, equipped: false, old: false, backupOwed: false, campaign, held: () => ({}) }
    const person = await findPerson(people, account.id)
    return {
      enrolled: true,
      equipped: person.authenticators.length > 0,
      old: oldApps(person).length > 0,
      backupOwed: person.backup?.savedAt === undefined,
      campaign,
      held: (holder) => stillHeld(person, holder, now()),
    }
  }
}

export function standingOf(rules: CampaignRules, account: Account, now: number): Standing {
  return standing(rules, account, now)
}

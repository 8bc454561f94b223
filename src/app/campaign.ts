/** The campaign for two-step verification, put together: its rules as everybody sees them, and its mails. */
import type { Config } from '../config.ts'
import { workingHours } from '../lib/working-hours.ts'
import type { CampaignRules } from '../mfa/campaign.ts'
import type { Belonging } from '../mfa/forecast.ts'
import { periodsOf } from '../mfa/organization-campaign.ts'
import { reminders } from '../mfa/reminders.ts'
import type { Directory } from '../organization/directory.ts'
import type { Core } from './core.ts'

/** Read where they are used: dates of the configuration may be taken up anew (reload.ts). */
export function campaignRules(
  { twoStep }: Pick<Config, 'twoStep'>,
  organizations: Pick<Directory, 'find' | 'namesOf'>,
): CampaignRules {
  return {
    get everyone() {
      return twoStep.campaign.everyone
    },
    get roles() {
      return twoStep.campaign.roles
    },
    get exempt() {
      return twoStep.campaign.exempt
    },
    organizations: { get: (id) => periodsOf(twoStep.campaign.organizations, organizations).get(id) },
  }
}

/** Where people of an organization belong now. */
export function belonging(organizations: Pick<Directory, 'find'>): Belonging {
  return {
    find(id) {
      const found = organizations.find(id)
      return found && { id: found.id, active: found.record.status === 'active' }
    },
  }
}

export function remindersOf({ config, store, campaign, organizations, wrap, writeMail, now }: Core) {
  return reminders({
    people: store.durable.people,
    rules: campaign,
    organizations: belonging(organizations),
    wrap,
    writeMail,
    working: workingHours(config.brand.timeZone),
    now,
  })
}

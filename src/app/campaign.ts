/** The rules of the campaign for two-step verification, as everybody sees them. */
import type { Config } from '../config.ts'
import type { CampaignRules } from '../mfa/campaign.ts'
import { type OrganizationPeriods, periodsOf } from '../mfa/organization-campaign.ts'
import type { Directory } from '../organization/directory.ts'

/** Read where they are used: dates of the configuration may be taken up anew (reload.ts). */
export function campaignRules(
  { twoStep }: Pick<Config, 'twoStep'>,
  organizations: Pick<Directory, 'find' | 'namesOf'>,
): CampaignRules & { organizations: OrganizationPeriods } {
  const periods = () => periodsOf(twoStep.campaign.organizations, organizations)
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
    get remindEvery() {
      return twoStep.campaign.remindEvery
    },
    organizations: { get: (id) => periods().get(id), elsewhere: (id) => periods().elsewhere(id) },
  }
}

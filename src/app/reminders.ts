/** The mails before the campaign's deadline, put together. */
import { belonging } from '../admin/campaign-figures.ts'
import { workingHours } from '../lib/working-hours.ts'
import { reminders } from '../mfa/reminders.ts'
import type { Core } from './core.ts'

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

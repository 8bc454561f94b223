/** All that accounts/ needs kept, as the two ports that it asks for. */
import type { AccountStore } from '../../accounts/account.ts'
import type { AddressStore } from '../../accounts/addresses.ts'
import { DAY } from '../../lib/time.ts'
import { accounts } from './accounts.ts'
import { addresses } from './addresses.ts'
import type { Database } from './database.ts'
import { erasure } from './erasure.ts'
import { links } from './links.ts'
import { sweep } from './sweep.ts'

/** For so long a page can say of a link that it has expired. */
const AFTERLIFE = 30 * DAY

export function people(db: Database): AccountStore & AddressStore {
  const sweepLinks = sweep<{ before: number }>(db, 'link', 'expires_at < :before')
  const sweepUndos = sweep<{ before: number }>(db, 'email_undo', 'expires_at < :before')
  const sweepBrowsers = sweep<{ now: number }>(db, 'known_browser', 'expires_at <= :now')
  const sweepCodes = sweep<{ now: number }>(db, 'address_code', 'expires_at <= :now')

  return {
    ...accounts(db),
    ...links(db),
    ...addresses(db),
    ...erasure(db),
    async sweepAccounts(now) {
      const before = now - AFTERLIFE
      const kept = (await sweepLinks({ before })) + (await sweepUndos({ before }))
      return kept + (await sweepBrowsers({ now })) + (await sweepCodes({ now }))
    },
  }
}

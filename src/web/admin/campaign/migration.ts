/** How far people are who were brought from elsewhere, by source and organization: each is counted once, where they are now. */
import { migrationStatus } from '../../../admin/import.ts'
import { STAGES, type Stage } from '../../../person/imported.ts'
import type { Visit } from '../../signed-in.ts'
import { addressOf, asked } from '../address.ts'
import type { Desk } from '../desk.ts'
import { CAMPAIGN } from './overview.ts'

export const MIGRATION = `${CAMPAIGN}/migration`

const PAGE = 50
const byName = new Intl.Collator('nl')

interface Counts {
  source: string
  organization?: string
  stages: Record<Stage, number>
}

export function campaignMigration(at: Desk): Visit {
  return async (ctx, requester) => {
    const told: Counts[] = await at.run(ctx, requester, migrationStatus, {})
    const all = told.toSorted((one, other) => byName.compare(nameOf(one), nameOf(other)))
    const after = asked(ctx, 'after')
    // One that is there no more begins anew.
    const begin = after === '' ? 0 : all.findIndex((one) => nameOf(one) === after) + 1
    const shown = all.slice(begin, begin + PAGE)
    const last = shown.at(-1)
    const isMore = begin + PAGE < all.length
    at.show(ctx, requester, {
      view: 'campaign/migration',
      self: addressOf(MIGRATION, { after: after || undefined }),
      data: {
        stages: STAGES,
        total: STAGES.map((stage) => all.reduce((sum, { stages }) => sum + stages[stage], 0)),
        counts: shown.map(({ source, organization, stages }) => ({
          ...{ source, organization },
          stages: STAGES.map((stage) => stages[stage]),
        })),
        back: CAMPAIGN,
        first: begin > 0 && MIGRATION,
        next: isMore && last && addressOf(MIGRATION, { after: nameOf(last) }),
      },
    })
  }
}

/** A source has no space in it. */
function nameOf({ source, organization = '' }: Counts): string {
  return `${organization} ${source}`
}

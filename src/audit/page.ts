/**
 * Looking into the trail by a filter, a page at a time. One of its parts finds by an index; whether the others hold is
 * looked at record by record. What fits may be rare among what is found, so one page looks at so many and no more, says
 * how far it came, and the next goes on there.
 */
import type { AuditPlace, AuditStore } from './audit.ts'
import { AUDIT_FINDERS, type AuditFinder, type AuditRow, actorOf, detailOf } from './chain.ts'

export type AuditFilter = {
  /** An account id, a client_id, an id of an organization, …: exactly this. */
  [finder in AuditFinder]?: string | undefined
} & {
  /** From this moment on, in milliseconds. */
  since?: number | undefined
  /** Before this moment. */
  until?: number | undefined
}

export interface AuditPage {
  rows: AuditRow[]
  /** Where the next page begins; undefined where there is none. */
  next: AuditPlace | undefined
  /** All that one page may look at was looked at, and `rows` are not as many as they could be. */
  stopped: boolean
}

type Trail = Pick<AuditStore, 'lookAtAudit'>

/** Read at once where not everything that is found need fit. */
const BATCH = 500
/** That one page looks at. */
const MOST = 5000

export async function pageOfAudit(
  trail: Trail,
  filter: AuditFilter,
  { limit, after }: { limit: number; after?: AuditPlace | undefined },
): Promise<AuditPage> {
  const rows: AuditRow[] = []
  let looked = 0
  let last: AuditRow | undefined
  for await (const batch of batches(trail, filter, after, isSimple(filter) ? limit + 1 : BATCH)) {
    for (const row of batch) {
      looked += 1
      if (fits(filter, row)) {
        // One more than there is room for: so there is a next page, which begins behind the last of this one.
        if (rows.length === limit) return { rows, next: placeOf(rows.at(-1)), stopped: false }
        rows.push(row)
      }
      last = row
    }
    if (looked >= MOST) return { rows, next: placeOf(last), stopped: true }
  }
  return { rows, next: undefined, stopped: false }
}

/** Everything that fits, the newest first. */
export async function* allOfAudit(trail: Trail, filter: AuditFilter): AsyncGenerator<AuditRow[]> {
  for await (const batch of batches(trail, filter, undefined, BATCH)) yield batch.filter((row) => fits(filter, row))
}

/** Whether nothing is left out. */
export function isWhole(filter: AuditFilter): boolean {
  return Object.values(filter).every((value) => value === undefined)
}

/** Every record of the trail by this filter, some of which do not fit yet. */
async function* batches(
  trail: Trail,
  filter: AuditFilter,
  after: AuditPlace | undefined,
  limit: number,
): AsyncGenerator<AuditRow[]> {
  const finder = AUDIT_FINDERS.find((name) => filter[name] !== undefined)
  const by = finder && { finder, value: filter[finder] ?? '' }
  for (let before = start(filter, after); ; ) {
    const found = await trail.lookAtAudit({ by, before, since: filter.since, limit })
    if (found.length > 0) yield found
    before = placeOf(found.at(-1))
    if (found.length < limit) return
  }
}

function start({ until }: AuditFilter, after: AuditPlace | undefined): AuditPlace | undefined {
  if (until === undefined || (after && after.at < until)) return after
  return { at: until, seq: Number.MIN_SAFE_INTEGER }
}

function placeOf(row: AuditRow | undefined): AuditPlace | undefined {
  return row && { at: row.at, seq: row.seq }
}

function isSimple(filter: AuditFilter): boolean {
  return AUDIT_FINDERS.filter((name) => filter[name] !== undefined).length < 2
}

function fits(filter: AuditFilter, row: AuditRow): boolean {
  return AUDIT_FINDERS.every((name) => filter[name] === undefined || filter[name] === found(name, row))
}

function found(finder: AuditFinder, row: AuditRow): string | null {
  if (finder === 'actor') return actorOf(row)
  return finder === 'organization' || finder === 'signIn' ? detailOf(finder, row.details) : row[finder]
}

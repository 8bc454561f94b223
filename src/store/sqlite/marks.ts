/**
 * Whether the file may be served from (portable.ts). The table is there only while it may not: so a back-up can be
 * marked that was made by any release, and no release needs a step for it.
 */
import { insistServable, type Mark, type Marks } from '../portable.ts'
import type { Database } from './database.ts'
import { CREATE, PUT, TABLE } from './mark-file.ts'

type None = Record<string, never>

export function marks(db: Database): Marks {
  return {
    find: () => db.read(() => findMark(db)),
    put: ({ kind, at }) =>
      db.write(() => {
        db.prepare<None>(CREATE).run({})
        db.prepare<{ kind: string; at: number }>(PUT).run({ kind, at })
      }),
    remove: () => db.write(() => void db.prepare<None>(`DROP TABLE IF EXISTS ${TABLE}`).run({})),
  }
}

/** For whoever opens the file to serve from it. Throws `store-not-servable`. */
export function insistServableFile(db: Database): void {
  insistServable(findMark(db))
}

function findMark(db: Database): Mark | undefined {
  const columns = db.prepare<None, object>(`PRAGMA table_info (${TABLE})`)
  if (columns.all({}).length === 0) return undefined
  const mark = db.prepare<None, Mark>(`SELECT kind, at FROM ${TABLE}`).get({})
  return mark && { kind: mark.kind, at: mark.at }
}

/** The mark of a file (marks.ts) that this release need not know the schema of. */
import type { DatabaseSync } from 'node:sqlite'
import type { Mark } from '../portable.ts'

export const TABLE = 'not_servable'
export const CREATE = `
  CREATE TABLE IF NOT EXISTS ${TABLE} (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    kind TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT`
export const PUT = `INSERT INTO ${TABLE} (id, kind, at) VALUES (1, :kind, :at) ON CONFLICT (id) DO UPDATE SET kind = :kind, at = :at`

export function markFile(db: DatabaseSync, { kind, at }: Mark): void {
  db.exec(CREATE)
  db.prepare(PUT).run({ kind, at })
}

export function markOfFile(db: DatabaseSync): Mark | undefined {
  if (db.prepare(`PRAGMA table_info (${TABLE})`).all().length === 0) return undefined
  return db.prepare(`SELECT kind, at FROM ${TABLE}`).get() as Mark | undefined
}

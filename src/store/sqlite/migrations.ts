/**
 * The schema, as the numbered steps that lead to it. A step that was released is never edited: add another one. The
 * number of steps a file has seen is its `PRAGMA user_version`.
 */
import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../lib/errors.ts'
import { searchKey } from '../../record/search-key.ts'
import { ACCOUNT_LIFE } from './schema-account-life.ts'
import { FIRST } from './schema-first-release.ts'
import { HEARTBEAT } from './schema-heartbeat.ts'
import { NAMES } from './schema-names.ts'
import { REFERENCES } from './schema-references.ts'
import { SECOND_FACTORS } from './schema-second-factors.ts'
import { UNDOS } from './schema-undos.ts'

export const MIGRATIONS: readonly string[] = [FIRST, SECOND_FACTORS, ACCOUNT_LIFE, HEARTBEAT, NAMES, REFERENCES, UNDOS]

/** Takes the missing steps, all or none of each. Throws `store-too-new` if the file has seen steps we do not know. */
export function migrate(db: DatabaseSync, steps: readonly string[] = MIGRATIONS): void {
  // For the step that gives people of before what they are searched by: SQLite knows case in ASCII only.
  db.function('search_key', { deterministic: true }, (text) => searchKey(`${text}`))
  while (takeStep(db, steps)) {}
}

/** False when there is none to take. */
function takeStep(db: DatabaseSync, steps: readonly string[]): boolean {
  if (version(db) === steps.length) return false
  // The version is read again under the write lock: another process may be starting on the same file.
  db.exec('BEGIN IMMEDIATE')
  try {
    const taken = version(db)
    if (taken > steps.length) {
      const message = `the database has schema version ${taken}; this release knows up to ${steps.length}`
      throw new AppError('store-too-new', message)
    }
    const step = steps[taken]
    if (step !== undefined) db.exec(`${step}; PRAGMA user_version = ${taken + 1}`)
    db.exec('COMMIT')
    return true
  } catch (fault) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw fault
  }
}

function version(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version)
}

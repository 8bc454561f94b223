/**
 * The schema, as the numbered steps that lead to it. A step that was released is never edited: add another one. The
 * number of steps a file has seen is its `PRAGMA user_version`. The tables of records are no part of it: they are made
 * from their kinds (record-tables.ts).
 */
import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../lib/errors.ts'
import { FIFTH } from './schema-fifth.ts'
import { FIRST } from './schema-first.ts'
import { FOURTH } from './schema-fourth.ts'
import { SECOND } from './schema-second.ts'
import { THIRD } from './schema-third.ts'

/** Told before a step is taken and when it was; of a file that is made by the first step, and of the steps behind it, nothing. */
export type OnStep = (told: { step: number; of: number; state: 'begun' | 'done' }) => void

export const MIGRATIONS: readonly string[] = [FIRST, SECOND, THIRD, FOURTH, FIFTH]

/** Takes the missing steps, all or none of each. Throws `store-too-new` if the file has seen steps we do not know. */
export function migrate(db: DatabaseSync, steps: readonly string[] = MIGRATIONS, onStep?: OnStep): void {
  const told = version(db) === 0 ? undefined : onStep
  while (takeStep(db, steps, told)) {}
}

/** False when there is none to take. */
function takeStep(db: DatabaseSync, steps: readonly string[], onStep?: OnStep): boolean {
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
    if (step === undefined) {
      db.exec('COMMIT')
      return true
    }
    const told = { step: taken + 1, of: steps.length }
    onStep?.({ ...told, state: 'begun' })
    db.exec(`${step}; PRAGMA user_version = ${taken + 1}`)
    db.exec('COMMIT')
    onStep?.({ ...told, state: 'done' })
    return true
  } catch (fault) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw fault
  }
}

function version(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version)
}

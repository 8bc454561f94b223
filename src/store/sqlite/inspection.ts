/** What can be seen of a file without opening it as a store, which would bring it up to this release. */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import type { Mark } from '../portable.ts'
import { KNOWN_TIME } from './known-time.ts'
import { markOfFile } from './mark-file.ts'
import { realName } from './one-name.ts'

export interface Inspection {
  /** Steps of the schema that it has seen. */
  schema: number
  mark: Mark | undefined
  people: number
  /** The last record of the trail; undefined if there is none. */
  last: { seq: number; at: number; hash: string } | undefined
}

/** Throws what SQLite says of a file that is no database, or none of ours. */
export function inspect(file: string): Inspection {
  return looked(file, (db) => ({
    schema: Number(db.prepare('PRAGMA user_version').get()?.user_version),
    mark: markOfFile(db),
    people: Number(db.prepare('SELECT count(*) AS count FROM people').get()?.count),
    last: db.prepare('SELECT seq, at, hash FROM audit ORDER BY seq DESC LIMIT 1').get() as Inspection['last'],
  }))
}

/** The last moment that was believed; undefined where it was not noted, as by a release before. */
export function knownTimeIn(file: string): number | undefined {
  return looked(file, (db) => {
    const isNoted = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'known_time'").get() !== undefined
    return isNoted ? (db.prepare(KNOWN_TIME).get()?.at as number | undefined) : undefined
  })
}

/** What SQLite finds wrong in it, the first few lines of it; none if it is whole. */
export function damagesOf(file: string): string[] {
  return looked(file, (db) => {
    const found = [
      ...db
        .prepare('PRAGMA integrity_check(5)')
        .all()
        .map((line) => `${line.integrity_check}`),
      ...db
        .prepare('PRAGMA foreign_key_check')
        .all()
        .map((line) => `${line.table} leads nowhere`),
    ]
    return found.filter((line) => line !== 'ok').slice(0, 5)
  })
}

/** How many records of the trail come after `last`; undefined if `last` is none of it: then it is another store. */
export function recordsAfter(file: string, { seq, hash }: NonNullable<Inspection['last']>): number | undefined {
  return looked(file, (db) => {
    const here = db.prepare('SELECT hash FROM audit WHERE seq = :seq').get({ seq })
    if (here?.hash !== hash) return undefined
    return Number(db.prepare('SELECT count(*) AS count FROM audit WHERE seq > :seq').get({ seq })?.count)
  })
}

/** Read only. Where no process has it open there is no log beside it, and then SQLite need not make one to read. */
function looked<T>(file: string, look: (db: DatabaseSync) => T): T {
  const name = realName(file)
  const address = pathToFileURL(name)
  if (!existsSync(`${name}-wal`)) address.search = '?immutable=1'
  const db = new DatabaseSync(address, { readOnly: true })
  try {
    return look(db)
  } finally {
    db.close()
  }
}

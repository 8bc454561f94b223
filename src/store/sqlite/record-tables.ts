/**
 * The tables of a kind of record (record/kind.ts). They are made from the kind, not by a step of the schema: a new kind
 * has them as soon as a file is opened.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Kind } from '../../record/kind.ts'

/** As far as tables are concerned. */
export type Named = Pick<Kind<object>, 'name'>

/** A name goes into statements as it is. */
const NAME = /^[a-z]+(_[a-z]+)*$/

export interface Tables {
  records: string
  keys: string
  values: string
  searched: string
}

export function tablesOf({ name }: Named): Tables {
  if (!NAME.test(name)) throw new Error(`${name} cannot be the name of a table`)
  return { records: name, keys: `${name}_key`, values: `${name}_value`, searched: `${name}_searched` }
}

/** Makes what is missing, all or none of it. */
export function makeTables(db: DatabaseSync, kinds: readonly Named[]): void {
  const find = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?`)
  const missing = kinds.filter((kind) => Object.values(tablesOf(kind)).some((table) => !find.get(table)))
  if (missing.length === 0) return
  // Another process may be starting on the same file.
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const kind of missing) db.exec(definition(tablesOf(kind)))
    db.exec('COMMIT')
  } catch (fault) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw fault
  }
}

/** `place` tells which of two came first. It stays when the record changes. */
function definition({ records, keys, values, searched }: Tables): string {
  return `
    CREATE TABLE IF NOT EXISTS ${records} (
      place INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      revision INTEGER NOT NULL,
      record TEXT NOT NULL
    ) STRICT;

    CREATE TABLE IF NOT EXISTS ${keys} (
      key TEXT PRIMARY KEY NOT NULL,
      place INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS ${values} (
      finder TEXT NOT NULL,
      value ANY NOT NULL,
      place INTEGER NOT NULL,
      PRIMARY KEY (finder, value, place)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS ${searched} (
      created_at INTEGER NOT NULL,
      place INTEGER NOT NULL,
      beginnings TEXT NOT NULL,
      parts TEXT NOT NULL,
      PRIMARY KEY (created_at, place)
    ) STRICT, WITHOUT ROWID;
  `
}

/** What a file weighs: by table and index, and what is free. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface Weight {
  /** Bytes that records take in each table and index, and how many there are. */
  parts: Map<string, { bytes: number; pages: number; rows: number }>
  /** Bytes of the whole file, and of its free pages. */
  file: number
  free: number
}

/** By `dbstat`, which node:sqlite has. */
export function weigh(folder: string): Weight {
  const db = opened(folder)
  const number = (pragma: string) => Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0])
  const found = db
    .prepare('SELECT name, sum(payload) AS bytes, count(*) AS pages, sum(ncell) AS rows FROM dbstat GROUP BY name')
    .all()
  const parts = new Map(
    found.map(({ name, bytes, pages, rows }) => [
      `${name}`,
      { bytes: Number(bytes), pages: Number(pages), rows: Number(rows) },
    ]),
  )
  const size = number('page_size')
  const weight = { parts, file: number('page_count') * size, free: number('freelist_count') * size }
  db.close()
  return weight
}

interface Line {
  part: string
  'rows each': number
  'bytes a row': number
  'bytes each': number
  'kB of pages': number
}

/** What came between two looks, in each part, for each of `times`. */
export function weightOf(before: Weight, after: Weight, times: number): Line[] {
  const lines = [...after.parts].map(([part, { bytes, pages, rows }]) => {
    const then = before.parts.get(part) ?? { bytes: 0, pages: 0, rows: 0 }
    const more = { bytes: bytes - then.bytes, rows: rows - then.rows, pages: pages - then.pages }
    return {
      part,
      'rows each': round(more.rows / times),
      'bytes a row': round(more.bytes / (more.rows || 1)),
      'bytes each': round(more.bytes / times),
      'kB of pages': more.pages * 4,
    }
  })
  const total = { part: 'file', 'rows each': 0, 'bytes a row': 0, 'kB of pages': (after.file - before.file) / 1024 }
  return [
    ...lines.filter((line) => line['bytes each'] !== 0 || line['kB of pages'] !== 0),
    { ...total, 'bytes each': round((after.file - before.file) / times) },
  ]
}

const OF_THE_TRAIL = /^audit|audit_name|^whole_address/

export interface Told {
  /** Records by type and outcome. */
  rows: Map<string, number>
  /** Bytes in its tables and indices, of their content. */
  bytes: number
}

export function trailOf(folder: string): Told {
  const { parts } = weigh(folder)
  const bytes = [...parts].reduce((sum, [name, part]) => sum + (OF_THE_TRAIL.test(name) ? part.bytes : 0), 0)
  const db = opened(folder)
  const counted = db.prepare(`
    SELECT name || ' ' || outcome AS what, count(*) AS count FROM audit JOIN audit_name ON number = type GROUP BY what`)
  const rows = new Map(counted.all().map(({ what, count }) => [`${what}`, Number(count)]))
  db.close()
  return { rows, bytes }
}

export function toldSince(folder: string, before: Told): Told {
  const { rows, bytes } = trailOf(folder)
  const more = [...rows].map(([what, count]): [string, number] => [what, count - (before.rows.get(what) ?? 0)])
  return { rows: new Map(more.filter(([, count]) => count !== 0)), bytes: bytes - before.bytes }
}

export function rowsByType(folder: string): object[] {
  const db = opened(folder)
  const found = db
    .prepare(
      `SELECT name AS type, outcome, count(*) AS count,
        round(avg(length(id) + length(outcome) + ifnull(length(correlation), 0) + ifnull(length(details), 0)
          + ifnull(length(ip), 0) + ifnull(length(ip_salt), 0) + ifnull(length(ip_digest), 0) + length(hash))) AS text
      FROM audit JOIN audit_name ON number = type GROUP BY type, outcome ORDER BY count DESC`,
    )
    .all()
  db.close()
  return found.map((row) => ({ ...row }))
}

function opened(folder: string): DatabaseSync {
  return new DatabaseSync(join(folder, 'sigma-id.db'), { readOnly: true })
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

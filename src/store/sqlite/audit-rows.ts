/**
 * Records of the trail as the file holds them. Names that come again and again (kinds of events, people, applications) are
 * kept once, and a record has their numbers: so it takes a quarter less. What a record says, and its hash, are of the names.
 */
import { type AuditRow, HASHED } from '../../audit/chain.ts'
import type { Database } from './database.ts'

const NAMED = ['type', 'actor', 'subject', 'client'] as const
type Numbers = { [column in (typeof NAMED)[number]]: number | null }
type Numbered = { number: number }
const CONTENT = [...HASHED, 'ip', 'ip_salt'] as const
const COLUMNS = [...CONTENT, 'hash', 'previous'] as const

/** What a record says; of the trail in the name `audit`. */
export const SAID = selected(CONTENT)
/** The same with its place in the chain. */
export const ROW = selected(COLUMNS)

/** The number of a name that is a parameter; nothing if no record has it. */
export function numberOf(parameter: string): string {
  return `(SELECT number FROM audit_name WHERE name = ${parameter})`
}

/** Within a transaction. */
export function rowInsertion(db: Database): (row: AuditRow) => void {
  const find = db.prepare<{ name: string }, Numbered>('SELECT number FROM audit_name WHERE name = :name')
  const add = db.prepare<{ name: string }, Numbered>('INSERT INTO audit_name (name) VALUES (:name) RETURNING number')
  const insert = db.prepare<Numbers & Omit<AuditRow, keyof Numbers>>(`
    INSERT INTO audit (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((column) => `:${column}`).join(', ')})`)

  // Looked up each time: what another write added may yet be taken back with it.
  const numbered = (name: string | null) =>
    name === null ? null : ((find.get({ name }) ?? add.get({ name }))?.number ?? null)

  return (row) =>
    void insert.run({
      ...row,
      type: numbered(row.type),
      actor: numbered(row.actor),
      subject: numbered(row.subject),
      client: numbered(row.client),
    })
}

/** Within a transaction. Whoever asks for an application that there is not has its name kept: it goes with the last record of it. */
export function rowRemoval(db: Database): (places: readonly number[]) => void {
  const find = db.prepare<{ seq: number }, Numbers>(`SELECT ${NAMED.join(', ')} FROM audit WHERE seq = :seq`)
  const remove = db.prepare<{ seq: number }>('DELETE FROM audit WHERE seq = :seq')
  const unused = NAMED.map((column) => `NOT EXISTS (SELECT 1 FROM audit WHERE ${column} = :number)`)
  const forget = db.prepare<Numbered>(`DELETE FROM audit_name WHERE number = :number AND ${unused.join(' AND ')}`)

  return (places) => {
    const named = new Set<number | null>()
    for (const seq of places) {
      for (const number of Object.values(find.get({ seq }) ?? {})) named.add(number)
      remove.run({ seq })
    }
    for (const number of named) if (number !== null) forget.run({ number })
  }
}

function selected(columns: readonly string[]): string {
  return columns
    .map((column) =>
      isNamed(column) ? `(SELECT name FROM audit_name WHERE number = audit.${column}) AS ${column}` : column,
    )
    .join(', ')
}

function isNamed(column: string): boolean {
  return NAMED.some((name) => name === column)
}

/**
 * Records as rows, for what reads and writes whole tables: a column has the name of its field in snake case, and what
 * is NULL is absent from the record.
 */
import type { Parameters } from './database.ts'

export interface RowShape<R> {
  table: string
  columns: string[]
  /** For SELECT, each under the name of its field. */
  selected: string
  slots: string[]
  parameters(record: R): Parameters
  record(row: object): R
}

/** `renamed` has the columns that are called otherwise; `lists` are kept as JSON. */
export function rowShape<R extends object>(
  table: string,
  fields: ReadonlyArray<keyof R & string>,
  renamed: { [field in keyof R & string]?: string } = {},
  lists: ReadonlyArray<keyof R & string> = [],
): RowShape<R> {
  const columns = fields.map(
    (field) => renamed[field] ?? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  )
  return {
    table,
    columns,
    selected: fields.map((field, index) => `${columns[index]} AS "${field}"`).join(', '),
    slots: fields.map((field) => `:${field}`),
    parameters: (record) => Object.fromEntries(fields.map((field) => [field, value(record[field])])),
    record: (row) => {
      const kept: Partial<R> = row
      return Object.fromEntries(
        fields
          .filter((field) => kept[field] !== null)
          .map((field) => [field, lists.includes(field) ? JSON.parse(`${kept[field]}`) : kept[field]]),
      ) as unknown as R
    },
  }
}

function value(field: unknown): string | number | null {
  return Array.isArray(field) ? JSON.stringify(field) : ((field ?? null) as string | number | null)
}

/** Looking into what others exported, whose shape is theirs. */
import type { LineFault } from './line.ts'

export interface Converted {
  /** A line of ours, as far as what was exported has one. */
  line: Record<string, unknown>
  /** What cannot be brought along, and must not be left behind in silence. */
  faults: LineFault[]
  /** What there is no place for here: the rest is brought along. */
  notes?: LineFault[]
}

/** What Firebase tells of all its users once, beside the export. */
export interface FirebaseProject {
  signer_key: string
  salt_separator: string
  rounds: number
  mem_cost: number
}

export type Fields = Record<string, unknown>

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Undefined for a text that is empty too: exporters write one where there is nothing. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** JSON that stands in a text. */
export function parsedOf(value: unknown): Fields {
  try {
    return typeof value === 'string' ? fieldsOf(JSON.parse(value)) : fieldsOf(value)
  } catch {
    return {}
  }
}

/** Milliseconds, as a number or a text, or a date in a text. Undefined for what is neither. */
export function momentOf(value: unknown): string | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  const date = typeof number === 'number' || typeof number === 'string' ? new Date(number) : undefined
  return date && !Number.isNaN(date.getTime()) ? date.toISOString() : undefined
}

export function localeOf(value: unknown, known: readonly string[]): string | undefined {
  const language = textOf(value)?.slice(0, 2).toLowerCase()
  return language !== undefined && known.includes(language) ? language : undefined
}

/** Without what is undefined: the schema takes a field that is absent, and no other nothing. */
export function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

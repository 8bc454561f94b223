/** The fields around a file of people, as they are typed and carried on; and what they ask of the verbs. */
import { LOCALES } from '../../../lib/locales.ts'
import type { Fields } from '../../form.ts'

/** What is asked of the file, beside the file. */
export const ASKED = [
  'organization',
  'locale',
  'emailColumn',
  'perHour',
  'limit',
  'anyTime',
  'lookAlike',
  'label',
] as const

export type Typed = Partial<Record<(typeof ASKED)[number], string>>

export const BEGINNING: Typed = { locale: LOCALES.find((one) => one === 'nl') ?? LOCALES[0] ?? '', perHour: '500' }

export function typedIn(fields: Fields): Typed {
  return Object.fromEntries(ASKED.map((name) => [name, (fields[name] ?? '').trim()]).filter(([, text]) => text !== ''))
}

/** Input of the verbs; what is empty is not said. */
export function inputOf({ anyTime, ...typed }: Typed, csv: string): Record<string, unknown> {
  const { label: _label, ...rest } = typed
  return { ...rest, csv, anyTime: anyTime !== undefined }
}

/** Fields of the form that the input is at fault in. */
export function fieldsAtFault(paths: string[]): string[] {
  return ASKED.filter((name) => paths.includes(name))
}

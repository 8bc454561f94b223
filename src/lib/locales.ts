/** The languages that there are texts in. The files in views/locales are the one list of them, for whatever asks. */
import { readdirSync } from 'node:fs'

const SUFFIX = '.json'

/** Their codes (ISO 639-1). */
export const LOCALES: readonly string[] = readdirSync(new URL('../../views/locales', import.meta.url))
  .filter((name) => name.endsWith(SUFFIX))
  .map((name) => name.slice(0, -SUFFIX.length))
  .sort()

/** One of `LOCALES`; what comes from outside is looked up there first. */
export type Locale = string

/** The first of these tags (BCP 47), in order of preference, that there are texts in. */
export function localeOf(tags: unknown): Locale | undefined {
  return typeof tags === 'string' ? tags.split(' ').map(supported).find(Boolean) : undefined
}

function supported(tag: string): Locale | undefined {
  const primary = tag.toLowerCase().split('-')[0]
  return LOCALES.find((locale) => locale === primary)
}

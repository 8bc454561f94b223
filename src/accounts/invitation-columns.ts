/**
 * What the columns of a file of people mean, by what they are called in Dutch and English. A column that is not known is
 * not used. A file with citizen service numbers is not taken at all, in whichever column they are.
 */
import type { Outcome } from '../lib/outcome.ts'
import { digitsOfCell, holdsCitizenNumber } from './citizen-number.ts'
import type { Table } from './spreadsheet.ts'

/** `given` is a given name, `initials` stand for one, `prefix` comes before the family name: `van der`. */
export type Column =
  | 'email'
  | 'name'
  | 'given'
  | 'initials'
  | 'prefix'
  | 'family'
  | 'locale'
  | 'organization'
  | 'number'

/** Without signs and spaces, in small letters. */
const CALLED: Record<Exclude<Column, 'email'>, string> = {
  name: 'naam name volledigenaam fullname medewerker werknemer employee weergavenaam displayname',
  given: 'voornaam roepnaam firstname givenname voornamen forename',
  initials: 'voorletters initialen initials',
  prefix: 'tussenvoegsel tussenvoegsels voorvoegsel voorvoegsels prefix infix',
  family: 'achternaam geslachtsnaam lastname familyname surname',
  locale: 'taal language locale taalcode',
  organization:
    'organisatie organization organisation werkgever employer werkgevernaam bedrijf bedrijfsnaam company klant',
  number:
    'werkgevernummer werkgeversnummer klantnummer organisatienummer organizationnumber employernumber relatienummer',
}
/** Said of one of several addresses, before or behind. */
const WHICH = '(?:werk|zakelijk|prive|thuis|work|business|private|personal|home)'
const WHICH_EMAIL = new RegExp(`^${WHICH}?e?mail(?:adres|address)?${WHICH}?$`)
const CITIZEN_NUMBER = /^(?:bsn(?:nummer|nr)?|burgerservicenummer|sofi(?:nummer|nr)?|citizenservicenumber|nationalid)$/
/** Of what is in a column. By chance one in eleven numbers of nine digits is one. */
const TOO_MANY = 1 / 3
/** So many are none by chance. */
const FEW = 3
const PHONE = /tel|phone|mobi|gsm|fax/

export type Places = Partial<Record<Column, number>>

export interface Columns {
  places: Places
  /** Headings of columns that are not used. */
  unused: string[]
}

export const COLUMN_FAULTS = ['no-email', 'no-name', 'which-email', 'twice', 'citizen-numbers'] as const
export type ColumnFault = (typeof COLUMN_FAULTS)[number]

/** `columns`: headings that it is about. */
export type Placed = Outcome<{ columns: Columns }, never> | { ok: false; reason: ColumnFault; columns: string[] }

/** `emailColumn` says which of several columns with addresses is meant. */
export function placed({ headings, rows }: Table, emailColumn?: string): Placed {
  const found = new Map<Column, number[]>()
  const unused: string[] = []
  for (const [place, heading] of headings.entries()) {
    const column = columnCalled(heading)
    if (column) found.set(column, [...(found.get(column) ?? []), place])
    else if (heading !== '') unused.push(heading)
  }
  const named = (places: number[]) => places.map((place) => headings[place] ?? '')

  const numbers = [...headings.keys()].filter(
    (place) =>
      CITIZEN_NUMBER.test(plain(headings[place] ?? '')) ||
      // Whose number it is, is known of this one.
      (!found.get('number')?.includes(place) &&
        holdsNumbers(
          headings[place] ?? '',
          rows.map(({ cells }) => cells[place] ?? ''),
        )),
  )
  if (numbers.length > 0) return { ok: false, reason: 'citizen-numbers', columns: named(numbers) }

  const addresses = found.get('email') ?? []
  if (addresses.length === 0) return { ok: false, reason: 'no-email', columns: [] }
  const chosen = emailColumn === undefined ? addresses : addresses.filter((place) => headings[place] === emailColumn)
  if (chosen.length !== 1) return { ok: false, reason: 'which-email', columns: named(addresses) }
  unused.push(...named(addresses.filter((place) => !chosen.includes(place))))
  found.set('email', chosen)

  const twice = [...found.values()].find((places) => places.length > 1)
  if (twice) return { ok: false, reason: 'twice', columns: named(twice) }
  if (!found.has('name') && !found.has('family')) return { ok: false, reason: 'no-name', columns: [] }
  const places = Object.fromEntries([...found].map(([column, [place]]) => [column, place])) as Places
  return { ok: true, columns: { places, unused } }
}

function columnCalled(heading: string): Column | undefined {
  const called = plain(heading)
  if (WHICH_EMAIL.test(called)) return 'email'
  const columns = Object.keys(CALLED) as Array<keyof typeof CALLED>
  return columns.find((column) => CALLED[column].split(' ').includes(called))
}

function plain(heading: string): string {
  return heading
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
}

/** What is the same on every line is nobody's own. */
function holdsNumbers(heading: string, cells: string[]): boolean {
  const own = [...new Set(cells.filter((cell) => cell !== ''))]
  if (own.length === 1 && cells.length > 1) return false
  const held = own.filter((cell) => holdsCitizenNumber(cell) || holdsCitizenNumber(digitsOfCell(cell) ?? ''))
  if (held.length > 0 && held.length >= own.length * TOO_MANY) return true
  // A phone number has ten digits too, of which the first is zero; by chance one in eleven is one.
  const zeroed = own.map((cell) => /^0(\d{9})$/.exec(digitsOfCell(cell) ?? '')?.[1] ?? '')
  return !PHONE.test(plain(heading)) && own.length >= FEW && zeroed.every(holdsCitizenNumber)
}

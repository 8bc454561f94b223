/** The people in a file, line by line: who would be invited, and what is wrong with a line, all of it at once. */
import { isEmailAddress, withAsciiDomain } from '../lib/email-address.ts'
import { LOCALES, type Locale } from '../lib/locales.ts'
import { emailKey } from '../person/account.ts'
import { holdsCitizenNumber } from './citizen-number.ts'
import { type Column, type ColumnFault, type Places, placed } from './invitation-columns.ts'
import { PLAIN } from './plain-text.ts'
import { type Row, readTable, type TableFault } from './spreadsheet.ts'

export interface ListedPerson {
  /** With its domain in ASCII. */
  email: string
  emailKey: string
  name: string
  givenName: string | undefined
  familyName: string | undefined
  locale: Locale
  /** What their organization is called: by its name, its number, or both. */
  organizations: string[]
}

/** What the codes say of the field. */
export const LINE_FAULTS = [
  'required',
  'format',
  'too-long',
  'citizen-number',
  'unknown',
  'disabled',
  'differs',
  'twice',
  'columns',
  'encoding',
  'looks-alike',
] as const
export type LineFault = {
  field: 'email' | 'name' | 'language' | 'organization' | 'line'
  code: (typeof LINE_FAULTS)[number]
  /** What stands there and is not known: it may be far from the line's other cells. */
  said?: string | undefined
  /** What may have been meant, or the line where the same is. */
  hint?: string | undefined
}

export interface FileLine {
  line: number
  /** As they stand in the file. */
  cells: string[]
  person: ListedPerson
  faults: LineFault[]
}

export interface PeopleFile {
  headings: string[]
  separator: string
  /** Headings of columns that are not used. */
  unused: string[]
  lines: FileLine[]
}

export interface Assumed {
  /** Of lines that do not say. */
  locale: Locale
  /** Likewise: its name or number. */
  organization?: string | undefined
  /** Heading of the column with the addresses, where there are several. */
  emailColumn?: string | undefined
}

export type FileFault = TableFault | ColumnFault
export type FileRead = { ok: true; file: PeopleFile } | { ok: false; reason: FileFault; columns: string[] }

export const LONGEST = 80
/** What a spreadsheet would compute, taken for somebody's name. */
const FORMULA = /(?:^|\s)=/
/** What UTF-8 looks like that was taken for Windows-1252: the file is in both. */
const MIXED =
  /[\u00c2-\u00c5\u00e2][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]/

export function readPeople(bytes: Buffer, assumed: Assumed): FileRead {
  const read = readTable(bytes)
  if (!read.ok) return { ...read, columns: [] }
  const { headings, rows, separator, guessed } = read.table
  const found = placed(read.table, assumed.emailColumn)
  if (!found.ok) return found
  const { places, unused } = found.columns
  const first = new Map<string, number>()
  const lines = rows.map((row) => {
    const line = lineOf(row, places, assumed, headings.length)
    if (guessed && row.cells.some((cell) => MIXED.test(cell))) line.faults.push({ field: 'line', code: 'encoding' })
    const before = first.get(line.person.emailKey)
    if (before !== undefined) line.faults.push({ field: 'email', code: 'twice', hint: String(before) })
    else if (line.person.emailKey !== '') first.set(line.person.emailKey, row.line)
    return line
  })
  return { ok: true, file: { headings, separator, unused, lines } }
}

function lineOf({ line, cells }: Row, places: Places, assumed: Assumed, width: number): FileLine {
  const cell = (column: Column) => cells[places[column] ?? -1] ?? ''
  const faults: LineFault[] = []
  // One more than there are headings: what is in the others is not what their headings say.
  if (cells.length > width && cells.slice(width).some((one) => one !== ''))
    faults.push({ field: 'line', code: 'columns' })
  const email = withAsciiDomain(cell('email'))
  faults.push(...emailFaults(email))
  const names = namesIn(cell)
  faults.push(...nameFaults(names))
  const language = cell('locale')
  const locale = languageCalled(language.toLowerCase())
  if (language !== '' && locale === undefined)
    faults.push({ field: 'language', code: 'unknown', said: language.slice(0, LONGEST), hint: LOCALES.join(', ') })
  const said = [cell('number'), cell('organization')].filter((one) => one !== '')
  const organizations = said.length > 0 || assumed.organization === undefined ? said : [assumed.organization]
  const person = { email, emailKey: emailKey(email), ...names, locale: locale ?? assumed.locale, organizations }
  return { line, cells, person, faults }
}

/** Initials are no given name: applications would greet people by them. */
function namesIn(cell: (column: Column) => string): Pick<ListedPerson, 'name' | 'givenName' | 'familyName'> {
  const family = [cell('prefix'), cell('family')].filter((part) => part !== '').join(' ')
  const parts = [cell('given') || cell('initials'), family].filter((part) => part !== '')
  return {
    name: (cell('name') || parts.join(' ')).replace(/\s+/g, ' ').normalize('NFC'),
    givenName: cell('given') || undefined,
    familyName: family || undefined,
  }
}

function emailFaults(email: string): LineFault[] {
  if (email === '') return [{ field: 'email', code: 'required' }]
  return isEmailAddress(email) ? [] : [{ field: 'email', code: 'format' }]
}

function nameFaults({ name, givenName = '', familyName = '' }: ReturnType<typeof namesIn>): LineFault[] {
  const all = [name, givenName, familyName].filter((one) => one !== '')
  if (name === '') return [{ field: 'name', code: 'required' }]
  if (all.some((one) => [...one].length > LONGEST)) return [{ field: 'name', code: 'too-long' }]
  if (all.some((one) => !PLAIN.test(one) || FORMULA.test(one) || one.includes('\ufffd')))
    return [{ field: 'name', code: 'format' }]
  return all.some(holdsCitizenNumber) ? [{ field: 'name', code: 'citizen-number' }] : []
}

/** By its code, or by what it is called in one of the languages that there are. */
function languageCalled(text: string): Locale | undefined {
  languages ??= new Map(
    LOCALES.flatMap((code) => [
      [code, code] as const,
      ...LOCALES.map((spoken) => {
        const called = new Intl.DisplayNames(spoken, { type: 'language' }).of(code) ?? code
        return [called.toLowerCase(), code] as const
      }),
    ]),
  )
  return languages.get(text) ?? languages.get(text.split(/[-_]/, 1)[0] ?? '')
}

let languages: Map<string, Locale> | undefined

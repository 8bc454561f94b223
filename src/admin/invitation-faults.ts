/** What can be wrong with a file of people to invite, in words for programs and for the command line. */
import type { FileFault, LineFault } from '../accounts/invitation-file.ts'
import { InputError } from '../lib/errors.ts'

/** Also told by pages, in their own words. */
const FILE_WORDS: Record<FileFault, string> = {
  empty: 'has no lines of people',
  'no-csv': 'is a workbook: save it as CSV',
  encoding: 'is no text',
  quotes: 'has a quotation mark that nothing closes',
  'too-many-lines': 'has more than 10,000 lines: divide it',
  'too-many-columns': 'has more than 200 columns: keep those that are needed',
  'no-email': 'has no column with e-mail addresses',
  'no-name': 'has no column with names',
  'which-email': 'has several columns with addresses: say which one',
  twice: 'has two columns that mean the same',
  'citizen-numbers': 'holds citizen service numbers (BSN), which may not be kept here: take the column out',
}

export const LINE_WORDS: Record<LineFault['code'], string> = {
  required: 'is missing',
  format: 'is not in order',
  'too-long': 'is longer than 80 signs',
  'citizen-number': 'holds a citizen service number (BSN), which may not be kept here',
  unknown: 'is not known',
  disabled: 'is disabled',
  differs: 'name and number are of two',
  twice: 'is there before',
  columns: 'has more cells than there are headings',
  encoding: 'is in another encoding than the rest',
  'looks-alike': 'looks like another’s; if it is meant, say that such addresses are to be accepted',
}

/** The file cannot be taken at all. */
export class FileRefused extends InputError {
  readonly fault: FileFault
  /** Headings that it is about. */
  readonly columns: string[]

  constructor(fault: FileFault, columns: string[]) {
    const which = columns.length > 0 ? `: ${columns.join(', ')}` : ''
    super('The input is not in order.', [
      { path: 'csv', at: ['csv'], code: fault, reason: `${FILE_WORDS[fault]}${which}` },
    ])
    this.fault = fault
    this.columns = columns
  }
}

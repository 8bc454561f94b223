/** What is said of an export of the audit trail that was checked. */
import type { ExportChecked } from '../audit/export-check.ts'

export const WITHIN_FILTER =
  'nothing was changed or left out since it was made; that it has all that fits cannot be seen in it'

export function exportFault({ reason, line, record, records }: Exclude<ExportChecked, { ok: true }>): string {
  switch (reason) {
    case 'unreadable':
      return `line ${line} is none of an export of ours`
    case 'broken':
      return `line ${line}: record ${record} does not follow the one before it`
    case 'cut-off':
      return `the file does not end as it was made: its last line is missing, or something was added (${records} records)`
    case 'changed':
      return `the last line is of another content: a record was changed, left out or moved (${records} records)`
    case 'not-ours':
      return 'no key of this installation sealed this file, so what is missing at its end does not show'
  }
}

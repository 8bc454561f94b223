/** What is said of a fault that ends a start or a command. */
import { AppError } from './errors.ts'
import { fileReason } from './file-fault.ts'

/** A sentence for what an operator can mend; the whole story for a mistake of ours. */
export function explain(error: unknown): string {
  if (error instanceof AppError) return sentenceOf(error)
  if (isDamaged(error))
    return 'The database is damaged, or is none: put a back-up in its place (docs/backup-and-restore.md), or see config:check.'
  const reason = fileReason(error)
  if (reason === undefined) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  const { path, dest = path } = error as NodeJS.ErrnoException & { dest?: string }
  return dest === undefined ? `${(error as Error).message}: ${reason}` : `${dest}: ${reason}`
}

function sentenceOf({ code, message }: AppError): string {
  if (code === 'unknown-key')
    return `${message}. SIGMA_KEYS must hold every key that kept data is sealed with, the current one first.`
  return message
}

/** What SQLite calls CORRUPT and NOTADB (sqlite.org/rescode.html). */
function isDamaged(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return code === 11 || code === 26
}

/** What is said of a fault that ends a start or a command. */
import { AppError } from './errors.ts'
import { fileReason } from './file-fault.ts'

/** A sentence for what an operator can mend; the whole story for a mistake of ours. */
export function explain(error: unknown): string {
  if (error instanceof AppError) return sentenceOf(error)
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

/** One attempt to deliver: how long it may take, and what its failure means. */
import { AppError } from '../lib/errors.ts'

/** Rejects with `timed-out` after `limit` milliseconds, and tells the work so by its signal. */
export async function withinLimit(limit: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const over = new AbortController()
  let alarm: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    alarm = setTimeout(() => {
      const error = new AppError('timed-out', `an attempt took more than ${limit} ms`)
      over.abort(error)
      reject(error)
    }, limit)
  })
  try {
    await Promise.race([work(over.signal), tooLong])
  } finally {
    clearTimeout(alarm)
  }
}

/** The other side said no and will say no again. Any error with `permanent: true` counts as this. */
export class Undeliverable extends AppError {
  readonly permanent = true
}

export function isPermanent(error: unknown): boolean {
  return error instanceof Error && 'permanent' in error && error.permanent === true
}

/** What may be logged of an error: its code, or that of what caused it. The message of a mail server quotes addresses. */
export function reasonOf(error: unknown): string {
  let at = error
  // `fetch failed` has no code itself; what failed is a level or two below.
  for (let level = 0; level < 3 && at instanceof Error; level += 1) {
    const code = 'code' in at ? String(at.code) : ''
    if (/^[\w-]{1,60}$/.test(code)) return code
    at = at.cause
  }
  return 'unknown'
}

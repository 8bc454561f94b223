/** What every store rejects with when waiting may help: the page says so, and when to try again (RFC 9110 section 15.6.4). */
import { AppError } from '../lib/errors.ts'

export function unavailable(message: string, cause?: unknown): AppError {
  return new AppError('store-unavailable', message, { status: 503, retryAfter: 5, cause })
}

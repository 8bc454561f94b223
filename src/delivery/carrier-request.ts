/**
 * One request to a carrier of text messages, over HTTP: bounded in time and size, following no redirect.
 *
 * An error holds nothing of what goes out or comes back: a carrier's answer quotes the number, and often the text with
 * the code in it. For the same reason no error has a cause: fetch quotes addresses and headers.
 */
import { AppError } from '../lib/errors.ts'
import { SECOND } from '../lib/time.ts'
import { Undeliverable } from './attempt.ts'

export interface CarrierRequest {
  /** What its error codes begin with. */
  carrier: string
  url: string
  headers: Record<string, string>
  body: string
  /** Milliseconds for the whole, less than the courier's limit, so that no attempt goes on that was written off. */
  limit: number
  /** Nobody waits any more. */
  signal: AbortSignal | undefined
}

export interface Refusal {
  status: number
  /** Seconds (RFC 9110 section 10.2.3), if the carrier says them. */
  retryAfter: number | undefined
  /** At most 16 KiB of it, and empty if it did not come in time. To be searched for codes, never to be kept. */
  body: string
}

export const LIMIT = 8 * SECOND
const LONGEST_BODY = 16 * 1024
/** E.164: a plus and up to 15 digits. Keeps out what some carriers take for another channel, such as `whatsapp:+31…`. */
const E164 = /^\+[1-9]\d{6,14}$/

/** Where a carrier lives. Credentials, numbers and codes cross no network in clear. */
export function carrierUrl(url: string): string {
  const { protocol, hostname, username } = URL.canParse(url)
    ? new URL(url)
    : { protocol: '', hostname: '', username: '' }
  const secure = protocol === 'https:' || (protocol === 'http:' && /^(localhost|\[::1\]|127\.[\d.]+)$/.test(hostname))
  if (!secure || username) throw new AppError('bad-carrier-url', 'a carrier needs an https URL without credentials')
  return url
}

export function mustBeNumber(to: string): void {
  if (!E164.test(to)) throw new Undeliverable('bad-number', 'not a number in the form of E.164')
}

/** Undefined if the carrier took the message: a status that `accepts`. Its body is not even read. */
export async function post(
  request: CarrierRequest,
  accepts: (status: number) => boolean,
): Promise<Refusal | undefined> {
  const over = AbortSignal.timeout(request.limit)
  const signal = request.signal ? AbortSignal.any([over, request.signal]) : over
  const response = await reach(request, signal)
  if (accepts(response.status)) {
    // Taken is taken, whatever is wrong with the rest of the answer. Not waited for.
    response.body?.cancel().catch(() => undefined)
    return undefined
  }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return {
    status: response.status,
    retryAfter: Number.isInteger(seconds) && seconds > 0 ? seconds : undefined,
    body: await beginning(response).catch(() => ''),
  }
}

async function reach({ carrier, url, headers, body }: CarrierRequest, signal: AbortSignal): Promise<Response> {
  try {
    // A redirect would carry the message, and whoever receives it, to a place that nobody configured.
    return await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
  } catch {
    if (signal.aborted) throw new AppError(`${carrier}-timed-out`, 'a carrier did not answer in time')
    throw new AppError(`${carrier}-unreachable`, 'a carrier could not be reached, or hung up')
  }
}

async function beginning(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > LONGEST_BODY) return ''
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

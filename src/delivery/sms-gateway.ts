/**
 * Carriers of text messages: Twilio, and any gateway that speaks a few lines of JSON. Which of two is asked, and when
 * again, is sms-failover.ts's and courier.ts's business: nothing here repeats a message.
 *
 * Is a message doubled? A carrier may have taken what it did not acknowledge: it answered too late, or its answer was
 * lost. The gateway gets the parcel's id as Idempotency-Key and can tell the second from the first. Twilio has nothing
 * of the kind for messages, so there a second attempt after a time-out, a lost connection or a 500 may be a second
 * message: the same words with the same code, which is no use to anyone else and works once.
 */
import { AppError } from '../lib/errors.ts'
import { currentTraceparent } from '../lib/tracing.ts'
import { Undeliverable } from './attempt.ts'
import { carrierUrl, LIMIT, mustBeNumber, post, type Refusal } from './carrier-request.ts'

/** A SendSms that can be told that nobody waits any more. */
export type Carrier = (to: string, text: string, id: string, signal?: AbortSignal) => Promise<void>

export interface TwilioOptions {
  accountSid: string
  authToken: string
  /** The sender: a number or a name, or else `messagingServiceSid`. */
  from?: string
  messagingServiceSid?: string
  baseUrl?: string
  /** Milliseconds for one message. */
  limit?: number
}

/** Seconds that a code is good for. Twilio drops what it could not pass on by then: a late code only confuses. */
const VALIDITY = '300'

/**
 * What no second attempt and no other carrier can mend: not a number (21211), a short code (21265), no mobile (21614), a
 * landline (21635), or a person who answered STOP (21610). All others, such as a region that is switched off (21408),
 * are about the account: an operator can mend them, and another carrier may do better.
 */
const PERMANENT = new Set([21211, 21265, 21610, 21614, 21635])

/** Twilio's Programmable Messaging: POST Messages.json (API 2010-04-01); 201 is the acceptance. */
export function twilio(options: TwilioOptions): Carrier {
  const { accountSid, authToken, from, messagingServiceSid, limit = LIMIT } = options
  const sender: Record<string, string> = messagingServiceSid
    ? { MessagingServiceSid: messagingServiceSid }
    : { From: from ?? '' }
  if (!messagingServiceSid && !from) throw new AppError('bad-carrier', 'twilio needs from or messagingServiceSid')
  const base = carrierUrl(options.baseUrl ?? 'https://api.twilio.com')
  const url = new URL(`/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`, base).href
  const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
  const headers = {
    authorization: `Basic ${credentials}`,
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  }

  return async (to, text, _id, signal) => {
    mustBeNumber(to)
    const body = new URLSearchParams({ To: to, ...sender, Body: text, ValidityPeriod: VALIDITY }).toString()
    const refusal = await post({ carrier: 'twilio', url, headers, body, limit, signal }, (status) => status === 201)
    if (!refusal) return
    const code = twilioCode(refusal.body)
    if (code !== undefined && PERMANENT.has(code)) {
      throw new Undeliverable(`twilio-${code}`, 'the carrier refused for good')
    }
    throw refused('twilio', code ?? refusal.status, refusal)
  }
}

/** The five digits of `{ "code": 21211, "message": …, "more_info": …, "status": 400 }`, whatever else comes along. */
function twilioCode(body: string): number | undefined {
  try {
    const { code } = Object(JSON.parse(body)) as { code?: unknown }
    return typeof code === 'number' && Number.isInteger(code) && code >= 10_000 && code <= 99_999 ? code : undefined
  } catch {
    return undefined
  }
}

export interface HttpGatewayOptions {
  url: string
  /** Sent as a bearer token (RFC 6750 section 2.1). */
  token?: string
  /** Sent along, for a gateway that wants its key elsewhere. */
  headers?: Record<string, string>
  /** Milliseconds for one message. */
  limit?: number
}

/**
 * Any other carrier, or the few lines that stand before it: POST `{ to, text, id }` as JSON, with the id as
 * Idempotency-Key. 2xx is the acceptance; 410 and 422 say that this number will never do; anything else is tried again.
 */
export function httpGateway(options: HttpGatewayOptions): Carrier {
  const { token, limit = LIMIT } = options
  const url = carrierUrl(options.url)
  const fixed = checkedHeaders({ ...options.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) })

  return async (to, text, id, signal) => {
    mustBeNumber(to)
    const traceparent = currentTraceparent()
    const headers = {
      ...fixed,
      'content-type': 'application/json',
      'idempotency-key': id,
      ...(traceparent !== undefined && { traceparent }),
    }
    const body = JSON.stringify({ to, text, id })
    const request = { carrier: 'gateway', url, headers, body, limit, signal }
    const refusal = await post(request, (status) => status >= 200 && status < 300)
    if (!refusal) return
    if (refusal.status === 410 || refusal.status === 422) {
      throw new Undeliverable(`gateway-${refusal.status}`, 'the carrier refused for good')
    }
    throw refused('gateway', refusal.status, refusal)
  }
}

/** Checked before the first message: what `Headers` throws quotes the value, which is the secret. */
function checkedHeaders(headers: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(new Headers(headers))
  } catch {
    throw new AppError('bad-carrier', 'a header or the token of the gateway has a character that no header can have')
  }
}

function refused(carrier: string, code: number, { retryAfter }: Refusal): AppError {
  return new AppError(`${carrier}-${code}`, 'a carrier did not take a text message', { retryAfter })
}

/**
 * Two carriers as one: the second is asked when the first fails, or says nothing within its share of the time.
 *
 * A carrier that keeps failing rests: it is asked last, so people do not wait for its time-out each time. It is never
 * left out, because the other one may fail too. After its rest one message tries it again, and only one.
 *
 * A message can be doubled in one place: the first carrier took it and said so too late or not at all. Its request is
 * cut off before the second is asked, so nothing starts late; but what it took, it may send. A person with two messages
 * that show the same code can sign in, one without any cannot. A number refused for good is not offered to the other:
 * it would refuse too, and who answered STOP to one sender did not ask for another.
 */
import { AppError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type Clock, MINUTE, SECOND } from '../lib/time.ts'
import { isPermanent, reasonOf, withinLimit } from './attempt.ts'
import type { SendSms } from './ports.ts'
import type { Carrier } from './sms-gateway.ts'

export interface FailoverOptions {
  now: Clock
  log: Log
  /** Milliseconds for each carrier; twice this is less than the courier's limit of ten seconds. */
  share?: number
  /** Failures in a row after which a carrier rests. */
  tolerance?: number
  /** Milliseconds that it rests. */
  rest?: number
}

const SHARE = 4.5 * SECOND
const TOLERANCE = 3
const REST = MINUTE
/** However long a carrier asks to be left alone (Retry-After). */
const LONGEST_REST = 10 * MINUTE

export function failover(first: Carrier, second: Carrier, options: FailoverOptions): SendSms {
  const { now, log, share = SHARE, tolerance = TOLERANCE, rest = REST } = options
  let failures = 0
  let restsUntil = 0

  /** Whether the first carrier is worth waiting for. Saying so after its rest gives away its one trial. */
  function trusted(): boolean {
    if (now() < restsUntil) return false
    if (failures >= tolerance) restsUntil = now() + rest
    return true
  }

  function learn(error: unknown): void {
    // What it refused for good, it judged: it is well.
    failures = error === undefined || isPermanent(error) ? 0 : failures + 1
    const asked = error instanceof AppError ? (error.retryAfter ?? 0) * SECOND : 0
    const pause = Math.min(Math.max(failures >= tolerance ? rest : 0, asked), LONGEST_REST)
    restsUntil = failures === 0 ? 0 : Math.max(restsUntil, now() + pause)
  }

  async function ask(carrier: Carrier, to: string, text: string, id: string): Promise<unknown> {
    try {
      await withinLimit(share, (signal) => carrier(to, text, id, signal))
      if (carrier === first) learn(undefined)
      return undefined
    } catch (error) {
      if (carrier === first) learn(error)
      log.warn(
        { carrier: carrier === first ? 'first' : 'second', reason: reasonOf(error), parcel: id },
        'carrier failed',
      )
      return error
    }
  }

  return async (to, text, id) => {
    const [one, other] = trusted() ? [first, second] : [second, first]
    const refusal = await ask(one, to, text, id)
    if (refusal === undefined) return
    if (isPermanent(refusal)) throw refusal
    const last = await ask(other, to, text, id)
    if (last !== undefined) throw last
  }
}

/** Requests that make something, by the key that they come with: made once, however often they are sent. */
import type { RouterContext } from '@koa/router'
import type { Actor } from '../../admin/role.ts'
import { answered, begin, type MadeOnceRecords, madeOnceRecord, unused } from '../../client/made-once.ts'
import { digestText } from '../../client/plan.ts'
import { digest, type Sealer } from '../../lib/crypto.ts'
import { AppError } from '../../lib/errors.ts'
import type { Throttle } from '../../lib/throttle.ts'
import { type Clock, DAY, secondsUntil } from '../../lib/time.ts'
import type { Answer } from './answer.ts'
import type { Route } from './routes.ts'

export interface Making {
  route: Route
  input: Record<string, unknown>
  actor: Actor
  /** `request` names the key to what is made. */
  make(request?: string): Promise<Answer>
}

export type Once = (ctx: RouterContext, making: Making) => Promise<Answer>

export interface OnceParts {
  records: Pick<MadeOnceRecords, 'change'>
  throttle: Pick<Throttle, 'window'>
  seal: Sealer
  now: Clock
}

/** Of each application, or person by it: what is kept is bounded by it. */
const MOST_A_DAY = { most: 1000, window: DAY }

export function once({ records, throttle, seal, now }: OnceParts): Once {
  return async (ctx, { route, input, actor, make }) => {
    const key = keyOf(ctx.get('Idempotency-Key'), route.makes === 'key-required')
    if (key === undefined) return withoutRepeat(await make())
    const { id: whose = '', client = '' } = actor
    // A key is its sender's own: nobody learns by it what somebody else made.
    const id = digest(JSON.stringify([whose, client, key]))
    const asked = digestText({ verb: route.verb.name, input })
    const sealedFor = madeOnceRecord(id)
    const begun = await records.change(id, (draft) => begin(draft, asked, now()))
    if (begun.state === 'other')
      throw new AppError('key-used', 'this Idempotency-Key was used for another request', { status: 422 })
    if (begun.state === 'busy')
      throw new AppError('in-progress', 'a request with this Idempotency-Key is under way', {
        status: 409,
        retryAfter: 1,
      })
    if (begun.state === 'answered') {
      ctx.set('Idempotency-Replayed', 'true')
      return JSON.parse(seal.open(begun.answer, sealedFor)) as Answer
    }
    try {
      await insistNotTooMany(`${whose} ${client}`)
      const answer = withoutRepeat(await make(id))
      const kept = seal.seal(JSON.stringify(withoutSecret(answer)), sealedFor)
      await records.change(id, (draft) => answered(draft, asked, kept))
      return answer
    } catch (fault) {
      // Refused, so nothing was made. What became of a fault is not known: the same request finds out.
      if (fault instanceof AppError && fault.status < 500) await records.change(id, (draft) => unused(draft, asked))
      throw fault
    }
  }

  async function insistNotTooMany(whose: string): Promise<void> {
    const spent = await throttle.window(`api/made/${digest(whose)}`, MOST_A_DAY)
    if (spent.ok) return
    const retryAfter = spent.reason === 'wait' ? secondsUntil(spent.retryAt, now()) : undefined
    throw new AppError('too-many', `more than ${MOST_A_DAY.most} were made in a day`, {
      status: 429,
      ...(retryAfter !== undefined && { retryAfter }),
    })
  }
}

/** The draft's quoted text, or the same without its quotes. */
function keyOf(header: string, required: boolean): string | undefined {
  if (header === '') {
    if (!required) return undefined
    throw new AppError('key-required', 'Idempotency-Key is needed: a text of your own for each thing to be made', {
      status: 400,
    })
  }
  const [, quoted, bare] = /^(?:"([\x20\x21\x23-\x5b\x5d-\x7e]{1,200})"|([\w.:~+/=-]{1,200}))$/.exec(header) ?? []
  const key = quoted ?? bare
  if (key === undefined)
    throw new AppError('bad-request', 'Idempotency-Key must be one text of at most 200 signs', { status: 400 })
  return key
}

/** What was made before the answer was lost says so by itself: there is an id, and no value. */
function withoutRepeat(answer: Answer): Answer {
  const { secret } = answer as { secret?: { id: string; value?: string } }
  return secret && secret.value === undefined ? { ...answer, secret: { ...secret, shown: true } } : answer
}

function withoutSecret(answer: Answer): Answer {
  const { secret } = answer as { secret?: { id: string; value?: string } }
  return secret ? { ...answer, secret: { id: secret.id, shown: true } } : answer
}

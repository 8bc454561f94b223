/** From the code to the tokens: whether the application comes for them at all, how often, and with what. */
import { MINUTE, SECOND } from '../../lib/time.ts'
import { asItIsSince, type Evidence, type Fault, fieldsOf, refusedFor, weighed } from '../evidence.ts'
import { type Sitting, sittingsOf } from '../memory.ts'

const twice: Fault = {
  id: 'code-twice',
  find(evidence) {
    const refusal = refusedFor(evidence, 'code-used', 'code-expired')
    if (!refusal) return undefined
    const { after, reason } = refusal
    const weight = weighed(evidence, refusal, 'certain')
    if (reason === 'code-expired')
      return {
        variant: after === undefined ? 'late-unknown' : 'late',
        weight,
        values: { seconds: Math.round((after ?? 0) / SECOND) },
        at: refusal.at,
      }
    const values = { milliseconds: after ?? 0 }
    return { variant: after === undefined ? 'unknown' : undefined, weight, values, at: refusal.at }
  },
}

const differs: Fault = {
  id: 'code-differs',
  find(evidence) {
    const refusal = refusedFor(evidence, 'redirect-differs', 'verifier-differs', 'verifier-missing')
    if (!refusal) return undefined
    const variant = refusal.reason === 'redirect-differs' ? undefined : 'verifier'
    return { variant, weight: weighed(evidence, refusal, 'certain'), at: refusal.at }
  },
}

const OFTEN = 3

/** Three within a minute by one browser: nobody does that by hand. */
function startedOver(sittings: Sitting[], redeemed: boolean): Sitting | undefined {
  const fits = sittings.filter(({ redeemedAt }) => (redeemedAt !== undefined) === redeemed)
  const browsers = Object.values(Object.groupBy(fits, ({ browser }) => browser)).map((kept) => kept ?? [])
  const loop = browsers.find((kept) =>
    kept.some((last, index) => {
      const first = kept[index - OFTEN + 1]
      return first !== undefined && last.at - first.at <= MINUTE
    }),
  )
  return loop?.at(-1)
}

const stateLost: Fault = {
  id: 'state-lost',
  find({ memory }) {
    const last = startedOver(sittingsOf(memory), false)
    return last && { weight: 'likely', at: last.at }
  },
}

/** Long enough for whoever goes on at all. */
const PATIENCE = MINUTE

const neverAsked: Fault = {
  id: 'never-asked',
  find(evidence) {
    const { memory, now } = evidence
    const { authorized = 0, token } = memory.seen
    const waiting = sittingsOf(memory).filter(({ at, redeemedAt }) => redeemedAt === undefined && at > (token ?? 0))
    const tried = memory.refusals.some(({ endpoint, at }) => endpoint === 'token' && at >= (waiting[0]?.at ?? 0))
    if (authorized === 0 || authorized + PATIENCE > now || tried) return undefined
    if (token === undefined) return { weight: 'likely', values: { issuer: evidence.issuer }, at: authorized }
    return waiting.length < OFTEN
      ? undefined
      : { variant: 'since', weight: 'likely', values: { issuer: evidence.issuer }, at: authorized }
  },
}

/** It takes the tokens, and begins again: something in them does not suit it. */
const algorithm: Fault = {
  id: 'algorithm',
  find(evidence) {
    const { memory } = evidence
    const since = asItIsSince(evidence, 'id_token_signed_response_alg')
    const last = startedOver(
      sittingsOf(memory).filter(({ at }) => at >= since),
      true,
    )
    if (!last) return undefined
    const { algorithm: now } = fieldsOf(evidence)
    const other = now === 'RS256' ? 'ES256' : 'RS256'
    const looked = memory.fetches.keys !== undefined || (!evidence.shared && memory.fetches.keysNear !== undefined)
    return {
      variant: looked ? undefined : 'secret',
      weight: 'likely',
      values: { algorithm: now, other },
      at: last.at,
      ...(looked && { fix: { kind: 'change', fields: { id_token_signed_response_alg: other } } }),
    }
  },
}

/** An hour in which who fetched and who asked may be the same. */
const NEAR = 60 * MINUTE

const issuer: Fault = {
  id: 'issuer',
  find(evidence) {
    const { odd, memory, issuer: name } = evidence
    const own = odd.findLast(({ address, agent }) =>
      memory.callers.some((caller) => caller.address === address && (caller.agent === agent || !evidence.shared)),
    )
    if (own) return { variant: own.as, weight: 'certain', values: { issuer: name }, at: own.at }
    if (works(evidence)) return undefined
    const { asked = 0 } = memory.seen
    const near = odd.findLast((one) => !evidence.isOthers(one) && (asked === 0 || Math.abs(one.at - asked) < NEAR))
    return near && { variant: 'somebody', weight: 'possible', values: { issuer: name }, at: near.at }
  },
}

function works({ memory: { seen } }: Evidence): boolean {
  return seen.token !== undefined
}

export const CODE: Fault[] = [twice, differs, issuer, stateLost, neverAsked, algorithm]

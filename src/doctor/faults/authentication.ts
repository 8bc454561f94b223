/** How the application says who it is: the secret, the way in which it is sent, and the time of what it signs. */
import { MOST_SECRETS } from '../../client/record.ts'
import type { MethodSeen } from '../../oidc/observed.ts'
import { type Evidence, type Fault, fieldsOf, refusedFor, weighed } from '../evidence.ts'

/** Base62 of our own needs no encoding (RFC 6749 section 2.3.1). */
const encoding: Fault = {
  id: 'secret-encoding',
  find(evidence) {
    const refusal = refusedFor(evidence, 'wrong-secret', 'bad-encoding')
    if (!refusal?.rightSecret || refusal.method !== 'client_secret_basic') return undefined
    const room = evidence.record.secrets.length < MOST_SECRETS
    return {
      weight: weighed(evidence, refusal, 'certain'),
      at: refusal.at,
      ...(room && { fix: { kind: 'new-secret' } }),
    }
  },
}

const wrongSecret: Fault = {
  id: 'secret-wrong',
  find(evidence) {
    const refusal = refusedFor(evidence, 'wrong-secret', 'bad-encoding')
    if (!refusal || refusal.rightSecret) return undefined
    return { weight: weighed(evidence, refusal, 'likely'), at: refusal.at }
  },
}

const method: Fault = {
  id: 'method',
  find(evidence) {
    const refusal = refusedFor(evidence, 'wrong-method', 'both-methods')
    const { method: registered } = fieldsOf(evidence)
    const used = refusal?.method
    if (!refusal || used === undefined || used === registered) return undefined
    // Of a client without a secret, or of a script, that is another fault.
    if (registered === 'none' || (used === 'none' && refusal.origin !== undefined)) return undefined
    const proven = refusal.rightSecret === true
    return {
      variant: used === 'both' || used === 'none' ? used : undefined,
      weight: weighed(evidence, refusal, proven ? 'certain' : 'likely'),
      values: { used, registered },
      at: refusal.at,
      // Whoever sent it has the secret: nobody else can make us offer this.
      ...(proven && bySecret(used) && { fix: { kind: 'change', fields: { token_endpoint_auth_method: used } } }),
    }
  },
}

function bySecret(method: MethodSeen): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post'
}

const browser: Fault = {
  id: 'browser-secret',
  find(evidence) {
    const { method: registered } = fieldsOf(evidence)
    const stranger = refusedFor(evidence, 'origin-unknown')
    if (stranger?.origin !== undefined && registered === 'none')
      return {
        variant: 'origin',
        weight: weighed(evidence, stranger, 'likely'),
        values: { origin: stranger.origin },
        at: stranger.at,
      }
    const refusal = refusedFor(evidence, 'wrong-method', 'both-methods', 'origin-unknown')
    if (!refusal?.method) return undefined
    const [script, shows] = [refusal.origin !== undefined, refusal.method !== 'none']
    if (registered === 'none' && shows)
      return { variant: script ? 'shown' : 'public', weight: weighed(evidence, refusal, 'likely'), at: refusal.at }
    if (registered !== 'none' && script && !shows)
      return { weight: weighed(evidence, refusal, 'likely'), values: { origin: refusal.origin ?? '' }, at: refusal.at }
    return undefined
  },
}

/** Seconds that a clock may differ before it matters somewhere. */
const WORTH_TELLING = 10

const clock: Fault = {
  id: 'clock',
  find(evidence) {
    const refusal = refusedFor(evidence, 'assertion-time')
    const seen = skewOf(evidence)
    const seconds = refusal?.skew ?? seen?.seconds
    if (seconds === undefined || Math.abs(seconds) < WORTH_TELLING) return undefined
    return {
      variant: seconds > 0 ? 'ahead' : undefined,
      weight: refusal ? weighed(evidence, refusal, 'certain') : 'certain',
      values: { seconds: Math.abs(seconds) },
      at: refusal?.at ?? seen?.at,
    }
  },
}

/** What it signed last says, or else the `Date` of its answers. */
function skewOf({ memory, live }: Evidence): { seconds: number; at?: number } | undefined {
  if (memory.skew) return memory.skew
  const found = live.get('clock')
  return found?.state === 'failed' ? { seconds: Number(found.values?.seconds ?? 0) } : undefined
}

export const AUTHENTICATION: Fault[] = [encoding, wrongSecret, method, browser, clock]

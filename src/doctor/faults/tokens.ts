/** What comes after the sign-in: claims, refreshing, and the keys of tomorrow. */
import { DAY, SECOND } from '../../lib/time.ts'
import { type Evidence, type Fault, fieldsOf, refusedFor, weighed } from '../evidence.ts'

/** An application may ask for them a moment later. */
const PATIENCE = 30 * SECOND

const claimsUnread: Fault = {
  id: 'claims-unread',
  find(evidence) {
    const { claimsInToken, scopes } = fieldsOf(evidence)
    const { memory, now } = evidence
    const { token, userinfo, refresh } = memory.seen
    const asked = memory.scopes.filter(
      (name) => name !== 'openid' && name !== 'offline_access' && scopes.includes(name),
    )
    if (claimsInToken || token === undefined || userinfo !== undefined || token === refresh) return undefined
    if (token + PATIENCE > now || asked.length === 0) return undefined
    const values = { scopes: asked.join(', ') }
    return { weight: 'likely', values, fix: { kind: 'change', fields: { id_token_claims: true } }, at: token }
  },
}

/** Nothing is wrong with an application that needs no address. */
const emailUnasked: Fault = {
  id: 'email-unasked',
  find(evidence) {
    const { memory } = evidence
    if (memory.seen.authorized === undefined || memory.scopes.length === 0) return undefined
    if (!fieldsOf(evidence).scopes.includes('email') || memory.scopes.includes('email')) return undefined
    return { weight: 'possible', values: { scopes: memory.scopes.join(' ') }, at: memory.seen.authorized }
  },
}

const noRefresh: Fault = {
  id: 'no-refresh',
  find(evidence) {
    const { grants } = fieldsOf(evidence)
    if (grants.includes('refresh_token')) return undefined
    const refused = evidence.memory.refusals.findLast(
      ({ reason, grant }) => reason === 'grant-missing' && grant === 'refresh_token',
    )
    if (!refused && !evidence.memory.scopes.includes('offline_access')) return undefined
    return {
      weight: refused ? 'certain' : 'likely',
      fix: { kind: 'change', fields: { grant_types: [...grants, 'refresh_token'] } },
      at: refused?.at ?? evidence.memory.seen.asked,
    }
  },
}

/** Closer together than any two refreshes that follow from each other. */
const AT_ONCE = 2 * SECOND

const refreshTwice: Fault = {
  id: 'refresh-twice',
  find(evidence) {
    const refusal = refusedFor(evidence, 'refresh-used')
    if (!refusal) return undefined
    const { after, same } = refusal
    return {
      variant: variantOf(after, same),
      weight: weighed(evidence, refusal, 'certain'),
      values: { seconds: Math.round((after ?? 0) / SECOND) },
      at: refusal.at,
    }
  },
}

/** From elsewhere, it may be a thief as well. What another node saw first is not compared. */
function variantOf(after: number | undefined, same: boolean | undefined): string | undefined {
  if (after === undefined) return 'again'
  if (same === false) return 'elsewhere'
  return after <= AT_ONCE ? undefined : 'stale'
}

/** An application that fetches keys once a day, and one that nobody used for a few days. */
const LATE = 7 * DAY
/** One that nobody uses is not missed. */
const IN_USE = 30 * DAY

const keysUnfetched: Fault = {
  id: 'keys-unfetched',
  find(evidence) {
    const { nextKeysAt, now } = evidence
    if (nextKeysAt === undefined || nextKeysAt + LATE > now || !missesKeys(evidence)) return undefined
    const at = keysAt(evidence)
    return {
      variant: at === undefined ? 'never' : undefined,
      weight: 'likely',
      values: { days: Math.floor((now - (at ?? nextKeysAt)) / DAY) },
      at,
    }
  },
}

/**
 * In use, with a server of its own, and without a fetch of our keys from there since the next ones were published. Whoever
 * fetches does not say who it is: it is told by the address and the agent that the application's requests for tokens come
 * with.
 */
export function missesKeys(evidence: Evidence): boolean {
  const { memory, nextKeysAt, now } = evidence
  const { method, native, signsIn } = fieldsOf(evidence)
  if (!signsIn || native || method === 'none' || nextKeysAt === undefined) return false
  if (memory.seen.token === undefined || memory.seen.token + IN_USE < now) return false
  return (keysAt(evidence) ?? 0) < nextKeysAt
}

/** Another agent there counts where no other application calls from. */
export function keysAt({ memory, shared }: Pick<Evidence, 'memory' | 'shared'>): number | undefined {
  const { keys, keysNear } = memory.fetches
  return shared ? keys : (keysNear ?? keys)
}

export const TOKENS: Fault[] = [claimsUnread, emailUnasked, noRefresh, refreshTwice, keysUnfetched]

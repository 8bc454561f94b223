/**
 * Signing in with a password. One answer for every reason, at the same cost, so that nothing tells whether an address
 * has an account.
 *
 * Failures in a row are counted in lanes. Each browser that proved this very password has one of its own; strangers have
 * one together for each account, and for each address that has none, so unknown addresses are delayed like known ones.
 * Two rules hold together: no more than 100 failures in a row (NIST SP 800-63B-4 section 3.2.2), and a stranger keeps
 * out strangers only:
 *
 * - Waits grow to an hour in every lane. After 100 failures in a row, which take strangers four days, the password is of
 *   no use to strangers, and its owner is told. A link that was mailed sets a new one.
 * - A known browser never gets there: its lane is its own, and a browser whose lane is used up is a stranger again, as it
 *   would be without its cookie. There is no door for it that is closed for anybody else.
 * - Whoever sets a password by a mailed link has a known browser from then on, so that an owner who has none is not kept
 *   out by somebody who fills the strangers' lane again at once.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { SYSTEM } from '../audit/actor.ts'
import { type Audit, deed, refusal, type Source } from '../audit/audit.ts'
import type { QueueStore } from '../delivery/queue.ts'
import { digest, hmac, type Keyring } from '../lib/crypto.ts'
import type { Networks } from '../lib/network.ts'
import type { Outcome } from '../lib/outcome.ts'
import { type Semaphore, semaphore } from '../lib/semaphore.ts'
import { PASSING, type Refused, type StreakRule, type Throttle } from '../lib/throttle.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import { inTurn } from '../lib/turns.ts'
import { type Account, emailKey } from '../person/account.ts'
import { type ImportedRule, isPasswordImported, mustReplacePassword, notePasswordWeak } from '../person/imported.ts'
import type { People } from '../person/kind.ts'
import { upgradeHash } from '../person/password.ts'
import { type KnownBrowsers, knownBrowsers } from './known-browser.ts'
import type { Links } from './links.ts'
import type { Notice } from './notify.ts'
import type { Hasher } from './password.ts'
import { type PasswordRule, passwordJudge } from './password-policy.ts'
import { findAccountByEmail } from './people.ts'
import { strangers } from './strangers.ts'
import { type SignInLimits, surroundingsOf } from './surroundings.ts'

/** NIST SP 800-63B-4 section 3.2.2: at most 100 in a row, then the password must be set anew. */
const STRANGERS: StreakRule = { free: 5, cap: 100 }
/** Enough for a person who forgot. */
const KNOWN: StreakRule = { free: 5, cap: 20 }
/**
 * How many strangers this node has in hand at once, from the look at their limits until a failure is counted. Only
 * failures are counted, so each node may exceed the limits of an address, a network and a minute by this number. They
 * also take no more places than this in the queue of the hash. A browser that is known waits for none of them. As many
 * more wait as a core hashes in ten seconds, for whoever has typed a password is not to type it again.
 */
const IN_HAND = { running: 32, waiting: 400, patience: 20 * SECOND }
export interface Credentials {
  email: string
  password: string
  /** The value of the known-browser cookie, if there is one. */
  browser: string | undefined
  source: Source
}

/** `renew`: the password is right, and of a kind that opens nothing any more; a link to set another was mailed. */
export type SignedIn = Outcome<{ account: Account; browser: string }, 'wrong-credentials' | 'closed' | 'renew', 'wait'>

export type SignIn = (credentials: Credentials) => Promise<SignedIn>

export interface LoginParts {
  /** Those of this node. */
  inHand?: Semaphore
  people: People
  store: Pick<QueueStore, 'enqueue'>
  hasher: Hasher
  /** What is asked of passwords that are chosen here, and what becomes of those that were brought along and are not so. */
  policy: PasswordRule
  imported: ImportedRule
  throttle: Throttle
  audit: Audit
  networks: Networks
  ring: Keyring
  now: Clock
  limits: SignInLimits
  notice: Notice
  /** Waits so many milliseconds. */
  pause?: (milliseconds: number) => Promise<unknown>
  sendLink: Links['request']
}

export function strangersInHand(): Semaphore {
  return semaphore(IN_HAND)
}

interface Attempt extends Omit<Credentials, 'email'> {
  account: Account | undefined
  /** By which the browser is known for the account. */
  token: string | undefined
}

/** Where a try is counted. */
interface Lane {
  key: string
  rule: StreakRule
  known: boolean
}

export function signIn(parts: LoginParts): SignIn {
  const { people, store, hasher, throttle, audit, networks, now, limits, pause = sleep } = parts
  const browsers: KnownBrowsers = knownBrowsers(people, now)
  const counterKey = parts.ring.derive('counters')
  const { inHand = strangersInHand() } = parts
  const seen = strangers(now)
  const judge = passwordJudge(parts.policy)
  // One at a time in each lane, so that a try that is under way never counts against the next. Between nodes it does: a
  // few of them pass freely, and the write that counts them lets no burst outrun the limit.
  const inOrder = inTurn()

  const surroundings = ({ ip }: Source) => surroundingsOf(networks, limits, ip)

  async function refused(attempt: Attempt, { known }: Pick<Lane, 'known'>, why: Refused): Promise<Refused> {
    await audit(refusal('throttle.engaged', attempt, { door: 'password', reason: why.reason, known }))
    return why
  }

  async function wrong(attempt: Attempt, { known, rule }: Lane, count: number): Promise<SignedIn> {
    const { account, source } = attempt
    if (!known) seen.failed(networks(source.ip).address)
    const counted = known ? [] : surroundings(source).map(([key, window]) => throttle.window(key, window))
    await Promise.all([...counted, audit(refusal('sign-in.password', attempt, { known }))])
    // A password that no stranger can use any more is something its owner should hear of.
    if (!known && count === rule.cap && account?.status === 'active')
      await store.enqueue(parts.notice(account, 'password-closed', { at: now() }))
    return { ok: false, reason: 'wrong-credentials' }
  }

  async function right(attempt: Attempt, account: Account, { key, known }: Lane): Promise<SignedIn> {
    const { token, source } = attempt
    // At once: the store then makes one commit of what would otherwise be three.
    const [browser] = await Promise.all([
      browsers.admit(attempt.browser, account.id, account.passwordHash ?? '', token),
      // Of a browser that went as a stranger both, since it need not do so again.
      throttle.reset(key, ...(token !== undefined && !known ? [browserLane(account.id, token)] : [])),
      audit(deed('sign-in.password', { account, source }, { known })),
    ])
    return { ok: true, account, browser }
  }

  /** It tells that the password is right, to whoever has it. Whoever reads the person's mail gets in, and nobody else. */
  async function renew(attempt: Attempt, account: Account, { key, known }: Lane): Promise<SignedIn> {
    const refused = refusal('sign-in.password', attempt, { known, reason: 'renew' })
    await Promise.all([parts.sendLink(account.email, attempt.source), throttle.reset(key), audit(refused)])
    return { ok: false, reason: 'renew' }
  }

  async function upgrade(account: Account, { password, source }: Attempt): Promise<void> {
    const { id, passwordHash } = account
    if (passwordHash === undefined) return
    const [stronger, weak] = await Promise.all([hasher.hash(password), isWeak(account, password)])
    await people.change(id, (person) => {
      const upgraded = upgradeHash(person, passwordHash, stronger, now())
      if (upgraded && weak) notePasswordWeak(person)
      return upgraded
    })
    await audit({ type: 'account.hash-upgraded', outcome: 'ok', actor: SYSTEM, subject: id, source })
  }

  /** Of one that came along, and only now: after this its hash is all there is. */
  async function isWeak(account: Account, password: string): Promise<boolean> {
    if (parts.imported.passwords === 'keep' || !isPasswordImported(account)) return false
    const faults = await judge(account, password)
    // One that is longer than any may be here is not weak.
    return faults.some((fault) => fault !== 'too-long')
  }

  /** Spends a try of the lane before anything costly or telling is done. */
  async function attemptIn(lane: Lane, attempt: Attempt): Promise<SignedIn> {
    const { account, password } = attempt
    const spent = await throttle.streak(lane.key, lane.rule)
    if (!spent.ok) return refused(attempt, lane, spent)
    const rank = lane.known ? 'first' : 'last'
    // What was not checked is not a try: when we are too busy, nobody's password gets locked, or made to wait, for it.
    const checked = await hasher.verify(password, account?.passwordHash, rank).catch(async (fault: unknown) => {
      await throttle.refundStreak(lane.key)
      throw fault
    })
    if (!checked.ok || account?.status !== 'active') {
      const answer = await wrong(attempt, lane, spent.count)
      // Within the lane, so that of several tries at once the last tells no more than the first.
      if (checked.rest !== undefined) await pause(checked.rest)
      return answer
    }
    if (mustReplacePassword(account)) return renew(attempt, account, lane)
    const signedIn = await right(attempt, account, lane)
    if (checked.upgrade) await upgrade(account, attempt)
    return signedIn
  }

  /** A known browser has its lane only: who shares an address with an attacker must not be locked out with him. */
  async function asKnown(account: Account, token: string, attempt: Attempt): Promise<SignedIn> {
    const lane = { key: browserLane(account.id, token), rule: KNOWN, known: true }
    return inOrder(lane.key, () => attemptIn(lane, attempt))
  }

  async function asStranger(key: string, attempt: Attempt): Promise<SignedIn> {
    const lane = { key, rule: STRANGERS, known: false }
    const { address } = networks(attempt.source.ip)
    // Recorded when it began.
    const retryAt = seen.waitsUntil(address)
    if (retryAt !== undefined) return { ok: false, reason: 'wait', retryAt }
    return inHand(async () => {
      const room = await throttle.peek(surroundings(attempt.source))
      if (room.ok) return inOrder(key, () => attemptIn(lane, attempt))
      if (room.reason === 'wait') seen.mustWait(address, room.retryAt)
      return refused(attempt, lane, room)
    }, seen.rank(address))
  }

  return async ({ email, ...given }) => {
    const key = emailKey(email)
    const account = await findAccountByEmail(people, key)
    const token = await browsers.recognize(given.browser, account?.id)
    const attempt = { ...given, account, token }
    const tried = account && token !== undefined ? await asKnown(account, token, attempt) : undefined
    if (tried?.ok || tried?.reason === 'wrong-credentials' || tried?.reason === 'renew') return tried
    // Made for everybody, whose time must not differ.
    const nobodys = nobodysLane(counterKey, key)
    return asStranger(account ? strangersLane(account.id) : nobodys, attempt)
  }
}

/** What strangers failed at one account, whatever address it had meanwhile and however that was spelled. */
export function strangersLane(accountId: string): string {
  return `sign-in/account/${accountId}`
}

/**
 * What strangers failed at an address that has no account. Keyed, and for days: what is typed where an address belongs may
 * be a password, and must not lie there as something that guesses can be tried on.
 */
export function nobodysLane(key: Buffer, address: string): string {
  return `${PASSING}sign-in/${hmac(key, address)}`
}

/** What one known browser failed at one account. */
function browserLane(accountId: string, token: string): string {
  return `${PASSING}browser/${digest(`${accountId}/${token}`)}`
}

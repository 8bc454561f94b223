/**
 * Signing in with a password. One answer for every reason, at the same cost, so that nothing tells whether an address
 * has an account.
 *
 * Tries are counted per address that was typed, not per account, so unknown addresses are delayed like known ones. Two
 * lanes: browsers that once proved this password have their own, so that a stranger who keeps guessing can lock out
 * strangers only (SECURITY THR-06).
 */
import type { Audit, Source } from '../audit/audit.ts'
import type { QueueStore } from '../delivery/queue.ts'
import { digest, randomToken } from '../lib/crypto.ts'
import type { Spent, StreakRule, Throttle, WindowRule } from '../lib/throttle.ts'
import { type Clock, DAY, MINUTE } from '../lib/time.ts'
import { type Account, type AccountStore, emailKey } from './account.ts'
import type { Networks } from './network.ts'
import type { Notice } from './notify.ts'
import type { Hasher } from './password.ts'

/** NIST SP 800-63B-4 section 3.2.2: at most 100 in a row, then the password must be set anew. */
const STRANGERS: StreakRule = { free: 5, cap: 100 }
/** A browser that is known may go on when strangers have used up theirs; 20 is enough for a person who forgot. */
const KNOWN: StreakRule = { free: 5, cap: 20 }
/** The counter that all strangers share. */
const EVERYONE = 'sign-in/everyone'
const BROWSER_LIFE = 365 * DAY
/** That one browser is known for; people may share one. */
const MOST_ACCOUNTS = 5

export interface Credentials {
  email: string
  password: string
  /** The value of the known-browser cookie, if there is one. */
  browser: string | undefined
  source: Source
}

export type SignedIn =
  | { ok: true; account: Account; browser: string }
  | { ok: false; reason: 'wrong-credentials' | 'closed' }
  | { ok: false; reason: 'wait'; retryAt: number }

export type SignIn = (credentials: Credentials) => Promise<SignedIn>

export interface LoginParts {
  store: AccountStore & Pick<QueueStore, 'enqueue'>
  hasher: Hasher
  throttle: Throttle
  audit: Audit
  networks: Networks
  now: Clock
  limits: { perAddress: number; perNetwork: number; perMinute: number }
  notice: Notice
}

export function signIn({ store, hasher, throttle, audit, notice, networks, now, limits }: LoginParts): SignIn {
  /** Counters of a stranger's surroundings: one machine, its network, and everyone, because spraying comes from many. */
  function surroundings(ip: string): Array<[key: string, rule: WindowRule]> {
    const { address, network } = networks(ip)
    return [
      [`sign-in/${address}`, { most: limits.perAddress, window: 15 * MINUTE }],
      [`sign-in/${network}`, { most: limits.perNetwork, window: 15 * MINUTE }],
      [EVERYONE, { most: limits.perMinute, window: MINUTE }],
    ]
  }

  /**
   * Spends one try on every counter that applies, before anything costly or telling is done. A known browser has its
   * lane only: who shares an address with an attacker, behind one router say, must not be locked out with him.
   */
  async function spend(lane: string, known: boolean, ip: string): Promise<Spent> {
    if (known) return throttle.streak(lane, KNOWN)
    for (const [key, rule] of surroundings(ip)) {
      const spent = await throttle.window(key, rule)
      if (!spent.ok) return spent
    }
    const spent = await throttle.streak(lane, STRANGERS)
    // What costs us nothing takes nothing from the others.
    if (!spent.ok) await throttle.refund(EVERYONE)
    return spent
  }

  /** One try, not all: a success of the attacker's own must not clear what he has used up. */
  async function refundSurroundings(known: boolean, ip: string): Promise<void> {
    if (!known) await Promise.all(surroundings(ip).map(([key]) => throttle.refund(key)))
  }

  /** A password that no stranger can use any more is something its owner should hear of. */
  async function tellIfClosed(lane: string, rule: StreakRule, account: Account | undefined): Promise<void> {
    const count = await throttle.count(lane)
    if (count === rule.cap && account?.status === 'active')
      await store.enqueue(notice(account, 'password-closed', { at: now() }))
  }

  return async ({ email, password, browser, source }) => {
    const key = emailKey(email)
    const account = await store.findAccountByEmail(key)
    const tokens = browserTokens(browser)
    const knownBy = await Promise.all(
      tokens.map((token) => store.isKnownBrowser(digest(token), account?.id ?? '', now())),
    )
    const token = tokens[knownBy.indexOf(true)]
    const known = token !== undefined
    const lane = passwordLane(key, known)
    const spent = await spend(lane, known, source.ip)
    if (!spent.ok) {
      await audit({
        type: 'throttle.engaged',
        outcome: 'refused',
        subject: account?.id,
        source,
        details: { door: 'password', reason: spent.reason, known },
      })
      return spent
    }

    // What was not checked is not a try: when we are too busy, nobody's password gets locked for it.
    const { ok, upgrade } = await hasher.verify(password, account?.passwordHash).catch(async (fault: unknown) => {
      await throttle.refund(lane)
      await refundSurroundings(known, source.ip)
      throw fault
    })
    if (!ok || account?.status !== 'active') {
      await audit({ type: 'sign-in.password', outcome: 'refused', subject: account?.id, source, details: { known } })
      await tellIfClosed(lane, known ? KNOWN : STRANGERS, account)
      return { ok: false, reason: 'wrong-credentials' }
    }

    // A token of its own for each account: one that was planted here before does not become known by this sign-in.
    const proven = token ?? randomToken()
    // At once: the store then makes one commit of what would otherwise be five.
    await Promise.all([
      throttle.reset(lane),
      refundSurroundings(known, source.ip),
      store.rememberBrowser(digest(proven), account.id, now() + BROWSER_LIFE),
      audit({
        type: 'sign-in.password',
        outcome: 'ok',
        actor: account.id,
        subject: account.id,
        source,
        details: { known },
      }),
    ])
    if (upgrade && account.passwordHash) {
      await store.upgradeHash(account.id, account.passwordHash, await hasher.hash(password))
      await audit({ type: 'account.hash-upgraded', outcome: 'ok', subject: account.id, source })
    }
    return {
      ok: true,
      account,
      browser: [proven, ...tokens.filter((other) => other !== proven)].slice(0, MOST_ACCOUNTS).join('.'),
    }
  }
}

/** One token for each account that was signed in to with this browser, the latest first. */
function browserTokens(cookie = ''): string[] {
  return cookie.split('.', MOST_ACCOUNTS).filter((token) => /^[\w-]{43}$/.test(token))
}

/** The counter of one lane of one address. The address is digested: counters outlive accounts. */
export function passwordLane(key: string, known: boolean): string {
  return `password/${known ? 'known' : 'stranger'}/${digest(key)}`
}

/** Both lanes of one address. */
export function passwordLanes(key: string): string[] {
  return [passwordLane(key, false), passwordLane(key, true)]
}

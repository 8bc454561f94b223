/** Signing in with a password where the flows cannot look: at a store and a hash that are watched. */

import { expect, test } from 'vitest'
import { type LoginParts, nobodysLane, signIn, strangersLane } from '../../../src/accounts/login.ts'
import { digest } from '../../../src/lib/crypto.ts'
import { AppError } from '../../../src/lib/errors.ts'
import { networks } from '../../../src/lib/network.ts'
import { type Rank, semaphore } from '../../../src/lib/semaphore.ts'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { asked } from '../../support/people/asked-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts, PASSWORD, SOURCE, told } from '../../support/unit/account-parts.ts'

const WRONG = 'een heel ander wachtwoord'
const EMAIL = 'sanne@sigma.example'

const parts = forEachTest(accountParts)
const sanne = forEachTest(() => parts.person(EMAIL))

function attempt(
  typed: { email?: string; password?: string; browser?: string } = {},
  differs: Partial<LoginParts> = {},
) {
  const limits = { perAddress: 100, perNetwork: 1000, perMinute: 3000 }
  const credentials = { email: EMAIL, password: PASSWORD, browser: undefined, source: SOURCE, ...typed }
  return signIn({ ...parts, networks, limits, ...differs })(credentials)
}

const surroundings = ['192.0.2.1/32', '192.0.2.0/24', 'everyone'].map((key) => `sign-in/${key}`)
const failures = () => Promise.all(surroundings.map((key) => parts.throttle.count(key)))

async function known(): Promise<string> {
  const signedIn = await attempt()
  if (!signedIn.ok) throw new Error('not signed in')
  return signedIn.browser
}

test('only failures count where a stranger comes from: not a right password, nor what had to wait', async () => {
  await known()
  expect(await failures()).toEqual([0, 0, 0])
  for (let tries = 0; tries < 5; tries += 1) await attempt({ password: WRONG })
  expect(await failures()).toEqual([5, 5, 5])
  expect(await attempt()).toMatchObject({ reason: 'wait', retryAt: parts.now() + 30_000 })
  expect(await failures()).toEqual([5, 5, 5])
})

test('C-12: a right password of the attacker’s own takes no failure back', async () => {
  await parts.person('thief@sigma.example')
  for (let tries = 0; tries < 4; tries += 1) await attempt({ email: `nobody${tries}@sigma.example`, password: WRONG })
  expect(await attempt({ email: 'thief@sigma.example' })).toMatchObject({ ok: true })
  expect(await failures()).toEqual([4, 4, 4])
})

test('a known browser counts nothing where it comes from, and is not kept out by what others failed there', async () => {
  const browser = await known()
  await attempt({ browser, password: WRONG })
  expect(await failures()).toEqual([0, 0, 0])
  for (let tries = 0; tries < 100; tries += 1) await attempt({ email: `nobody${tries}@sigma.example`, password: WRONG })
  expect(await attempt()).toMatchObject({ reason: 'wait', retryAt: parts.now() + 15 * MINUTE })
  expect(await attempt({ browser })).toMatchObject({ ok: true })
})

test('strangers are last at the hash, known browsers first', async () => {
  const ranks: Array<Rank | undefined> = []
  const verify: typeof parts.hasher.verify = (password, stored, rank) => {
    ranks.push(rank)
    return parts.hasher.verify(password, stored, rank)
  }
  const hasher = { ...parts.hasher, verify }
  const browser = await known()
  await attempt({}, { hasher })
  await attempt({ email: 'nobody@sigma.example' }, { hasher })
  await attempt({ browser }, { hasher })
  expect(ranks).toEqual(['last', 'last', 'first'])
})

test('THR-03: of many strangers at once thirty-two are in hand, and no more are looked at than that beyond the limit; a known browser waits for none', async () => {
  const browser = await known()
  const held: Array<() => void> = []
  let holding = true
  const verify: typeof parts.hasher.verify = async (password, stored, rank) => {
    if (rank === 'last' && holding) await new Promise<void>((release) => held.push(release))
    return parts.hasher.verify(password, stored, rank)
  }
  const limits = { perAddress: 3, perNetwork: 1000, perMinute: 3000 }
  const signingIn = signIn({ ...parts, hasher: { ...parts.hasher, verify }, networks, limits })
  const guess = (n: number) =>
    signingIn({ email: `nobody${n}@sigma.example`, password: WRONG, browser: undefined, source: SOURCE })
  const guesses = Array.from({ length: 60 }, (_, n) => guess(n))
  await expect.poll(() => held.length).toBe(32)
  expect(await signingIn({ email: EMAIL, password: PASSWORD, browser, source: SOURCE })).toMatchObject({ ok: true })
  expect(held).toHaveLength(32)
  holding = false
  for (const release of held) release()
  const outcomes = (await Promise.all(guesses)).map((outcome) => (outcome.ok ? 'ok' : outcome.reason))
  const looked = outcomes.filter((outcome) => outcome === 'wrong-credentials').length
  expect(looked).toBeGreaterThanOrEqual(32)
  // The last of the three may be counted with thirty-one more in hand.
  expect(looked).toBeLessThanOrEqual(2 + 32)
  expect(outcomes.filter((outcome) => outcome === 'wait')).toHaveLength(60 - looked)
})

test('THR-06: when there are too many strangers, one whose address did not fail goes before those whose did', async () => {
  const order: string[] = []
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let holding = false
  const verify: typeof parts.hasher.verify = async (password, stored, rank) => {
    if (holding) await held
    order.push(password)
    return parts.hasher.verify(password, stored, rank)
  }
  const limits = { perAddress: 1000, perNetwork: 1000, perMinute: 3000 }
  const inHand = semaphore({ running: 32, waiting: 32, patience: 20_000 })
  const signingIn = signIn({ ...parts, hasher: { ...parts.hasher, verify }, networks, limits, inHand })
  const from = (ip: string, password: string, email: string) =>
    signingIn({ email, password, browser: undefined, source: { ...SOURCE, ip } })
  await from('192.0.2.1', WRONG, 'nobody@sigma.example')
  holding = true
  order.length = 0
  // As many as are in hand and may wait, and then the owner, whose place is one of theirs.
  const flood = Array.from({ length: 64 }, (_, n) => from('192.0.2.1', WRONG, `nobody${n}@sigma.example`))
  const refused = Promise.allSettled(flood)
  const owner = from('198.51.100.7', PASSWORD, EMAIL)
  await expect
    .poll(() => parts.throttle.count(nobodysLane(parts.ring.derive('counters'), 'nobody31@sigma.example')))
    .toBe(1)
  release()
  expect(await owner).toMatchObject({ ok: true })
  expect(order.slice(0, 33)).toContain(PASSWORD)
  const outcomes = await refused
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
})

test('an address that was told to wait is not asked for in the store until then, and recorded once', async () => {
  const limits = { perAddress: 2, perNetwork: 1000, perMinute: 3000 }
  const signingIn = signIn({ ...parts, networks, limits })
  const guess = (n: number) =>
    signingIn({ email: `nobody${n}@sigma.example`, password: WRONG, browser: undefined, source: SOURCE })
  for (let n = 0; n < 2; n += 1) expect(await guess(n)).toMatchObject({ reason: 'wrong-credentials' })
  const retryAt = parts.now() + 15 * MINUTE
  for (let n = 0; n < 5; n += 1) expect(await guess(n)).toEqual({ ok: false, reason: 'wait', retryAt })
  expect(parts.events.filter(({ type }) => type === 'throttle.engaged')).toHaveLength(1)
  parts.advance(15 * MINUTE)
  expect(await guess(9)).toMatchObject({ reason: 'wrong-credentials' })
})

test('being too busy to check is no try, and leaves no wait, for a stranger or a known browser', async () => {
  const browser = await known()
  const busy = () => Promise.reject(new AppError('busy', 'too many at once', { status: 503 }))
  const hasher = { ...parts.hasher, verify: busy }
  for (const given of [{}, { browser }]) {
    for (let tries = 0; tries < 4; tries += 1) await attempt({ ...given, password: WRONG })
    for (let tries = 0; tries < 3; tries += 1)
      await expect(attempt(given, { hasher })).rejects.toMatchObject({ code: 'busy' })
    expect(await attempt(given)).toMatchObject({ ok: true })
  }
  expect(await failures()).toEqual([4, 4, 4])
})

test('a sign-in that was under way when the password was changed makes no browser known', async () => {
  const passwordHash = await parts.hasher.hash('groene fietsen langs zee')
  const verify: typeof parts.hasher.verify = async (password, stored, rank) => {
    const verified = await parts.hasher.verify(password, stored, rank)
    const change = { accountId: sanne.id, from: sanne.passwordHash ?? '', passwordHash, at: parts.now() }
    expect(await asked(parts.store.people).changePassword(change, [])).toBe(true)
    return verified
  }
  const late = await attempt({}, { hasher: { ...parts.hasher, verify } })
  if (!late.ok) throw new Error('not signed in')
  expect(await asked(parts.store.people).isKnownBrowser(digest(late.browser), sanne.id, parts.now())).toBe(false)
})

test('what is typed where an address belongs is counted under nothing that it can be guessed by, and for days', async () => {
  const typed = 'Mijn wachtwoord, in het verkeerde veld'
  const lane = nobodysLane(parts.ring.derive('counters'), typed.toLowerCase())
  await attempt({ email: typed, password: WRONG })
  expect(await parts.throttle.count(lane)).toBe(1)
  for (const text of [typed, typed.toLowerCase()])
    for (const made of [text, digest(text), Buffer.from(digest(text), 'base64url').toString('hex')])
      expect(lane).not.toContain(made)
  parts.advance(7 * DAY + 1)
  await parts.store.sweepCounters(parts.now())
  expect(await parts.throttle.count(lane)).toBe(0)
})

test('failures at an account are counted for as long as they are in a row, whatever its address is by then', async () => {
  await attempt({ password: WRONG })
  await attempt({ email: ` ${EMAIL.toUpperCase()} `, password: WRONG })
  parts.advance(300 * DAY)
  await parts.store.sweepCounters(parts.now())
  expect(await parts.throttle.count(strangersLane(sanne.id))).toBe(2)
})

test('the owner hears of it once when no stranger can use the password any more', async () => {
  for (let tries = 0; tries < 103; tries += 1) {
    await attempt({ password: WRONG })
    parts.advance(61 * MINUTE)
  }
  expect(await attempt()).toEqual({ ok: false, reason: 'closed' })
  expect(told(await parts.mails())).toEqual([`password-closed ${EMAIL}`])
})

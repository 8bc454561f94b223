/** How long a wrong answer waits where there are passwords of other systems, and where not. */
import { expect, test } from 'vitest'
import { evenTime, slowestOf } from '../../../src/accounts/even-time.ts'
import { signIn } from '../../../src/accounts/login.ts'
import { passwords } from '../../../src/app/passwords.ts'
import { networks } from '../../../src/lib/network.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts, PASSWORD, SOURCE } from '../../support/unit/account-parts.ts'

const parts = forEachTest(accountParts)

test('nobody waits where there is no scheme of another system', () => {
  const even = evenTime()
  expect(even.rest(undefined, 12)).toBeUndefined()
  expect(even.keep([])).toEqual([])
})

test('everybody waits for one time: of the slowest scheme there is, with room for a busy machine', () => {
  const even = evenTime()
  expect(even.rest('bcrypt c=12', 200)).toBe(100)
  expect(even.rest('pbkdf2 i=10', 40)).toBe(260)
  expect(even.rest(undefined, 12)).toBe(288)
  expect(even.rest(undefined, 299)).toBe(1)
  // Nobody waits longer because one was held up himself.
  expect(even.rest(undefined, 450)).toBeUndefined()
})

test('one check that was held up changes nothing, a machine that got slower does', () => {
  const even = evenTime()
  for (let count = 0; count < 15; count += 1) even.rest('bcrypt c=12', 200)
  even.rest('bcrypt c=12', 5000)
  expect(even.rest(undefined, 0)).toBe(300)
  for (let count = 0; count < 20; count += 1) even.rest('bcrypt c=12', 400)
  expect(even.rest(undefined, 0)).toBe(600)
})

test('a scheme that nobody has any more is forgotten, and one that came is to be tried', () => {
  const even = evenTime()
  even.rest('bcrypt c=12', 200)
  expect(even.keep(['bcrypt c=12', 'pbkdf2 i=10'])).toEqual(['pbkdf2 i=10'])
  expect(even.rest(undefined, 0)).toBe(300)
  expect(even.keep(['pbkdf2 i=10'])).toEqual(['pbkdf2 i=10'])
  expect(even.rest(undefined, 0)).toBeUndefined()
})

test('of a scheme with many costs the greatest is tried', () => {
  const many = Array.from({ length: 500 }, (_, n) => `pbkdf2 h=sha256,i=${n},l=32`)
  expect(slowestOf(['bcrypt c=10,k=plain', ...many, 'bcrypt c=12,k=plain', 'bcrypt c=4,k=hex'])).toEqual([
    'bcrypt c=12,k=plain',
    'pbkdf2 h=sha256,i=499,l=32',
    'bcrypt c=4,k=hex',
  ])
  const slow = 'argon2 a=id,v=19,m=8190,t=1,p=1,l=32'
  expect(slowestOf([slow, 'argon2 a=id,v=19,m=4096,t=1,p=1,l=32'])).toEqual([slow])
  // Its lanes make it no slower: another of more lanes does not stand for it.
  const lanes = 'argon2 a=id,v=19,m=4096,t=1,p=16,l=32'
  expect(slowestOf([lanes, slow])).toContain(slow)
})

test('a scheme that cannot be computed keeps no node from starting, and those behind it are tried', async () => {
  const schemes = ['bcrypt c=4,k=plain', 'pbkdf2 h=sha256,i=20000,l=32', 'scrypt n=65536,r=1,p=1,l=32', 'what is new']
  const values = async (by: string) => (by === 'scheme' ? schemes.toReversed() : [])
  const people = { values, counts: async () => [] }
  const failed: unknown[] = []
  const log = { error: (told: { scheme: string }) => void failed.push(told.scheme) }
  const config = { password: { minimum: 15, words: [] }, brand: { name: 'Sigma', product: 'Sigma ID' } }
  const { hasher } = await passwords({ ...{ config, log, ring: parts.ring }, store: { durable: { people } } })
  expect(failed).toEqual(['what is new', 'scrypt n=65536,r=1,p=1,l=32'])
  // One that is held up by a busy machine has nothing left to wait.
  await expect.poll(async () => (await hasher.verify('fiets', undefined)).rest, { timeout: 20_000 }).toBeGreaterThan(0)
})

test('only what was wrong waits, and its failure is counted before', async () => {
  await parts.person('sanne@sigma.example')
  const waited: Array<[milliseconds: number, counted: number]> = []
  const hasher: typeof parts.hasher = {
    ...parts.hasher,
    verify: async (password, stored, rank) => ({ ...(await parts.hasher.verify(password, stored, rank)), rest: 250 }),
  }
  const signingIn = signIn({
    ...{ ...parts, hasher, networks, limits: { perAddress: 100, perNetwork: 1000, perMinute: 3000 } },
    pause: async (milliseconds) => {
      waited.push([milliseconds, await parts.throttle.count('sign-in/192.0.2.1/32')])
    },
  })
  const attempt = (email: string, password: string) =>
    signingIn({ email, password, browser: undefined, source: SOURCE })
  expect(await attempt('sanne@sigma.example', PASSWORD)).toMatchObject({ ok: true })
  expect(waited).toEqual([])
  for (const email of ['sanne@sigma.example', 'nobody@sigma.example'])
    expect(await attempt(email, `${PASSWORD}!`)).toMatchObject({ reason: 'wrong-credentials' })
  expect(waited).toEqual([
    [250, 1],
    [250, 2],
  ])
})

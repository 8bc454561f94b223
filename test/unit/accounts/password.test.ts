import { verify as argon2Verify, parseOptions } from '@node-rs/argon2'
import { describe, expect, test, vi } from 'vitest'
import { defaultGate, type HasherOptions, hasher } from '../../../src/accounts/password.ts'
import { keyring } from '../../../src/lib/crypto.ts'
import { semaphore } from '../../../src/lib/semaphore.ts'

const older = { id: '2025', key: Buffer.alloc(32, 1) }
const current = { id: '2026', key: Buffer.alloc(32, 2) }
const stranger = { id: '2026', key: Buffer.alloc(32, 3) }

/** The least that Argon2 allows, so that the rules are tested without paying for their strength. */
function quick(options: Partial<HasherOptions> = {}) {
  return hasher({ pepper: keyring([current]), gate: defaultGate(), memoryKib: 64, passes: 1, ...options })
}

const right = { ok: true, upgrade: false }
const wrong = { ok: false, upgrade: false }

test('a hash is Argon2id with 19 MiB, 2 passes, 1 lane, 16 bytes of salt and 32 of hash, under the pepper’s id', async () => {
  const stored = await hasher({ pepper: keyring([current]), gate: defaultGate() }).hash('fiets lantaarn')
  expect(stored).toMatch(/^2026:\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(parseOptions(stored.slice(5))).toMatchObject({ memoryCost: 19_456, timeCost: 2, saltLen: 16, outputLen: 32 })
})

test('one password hashed twice is kept as two different hashes', async () => {
  expect(await quick().hash('fiets lantaarn')).not.toBe(await quick().hash('fiets lantaarn'))
})

describe('a password is what was typed, in any normalization form, and nothing else', () => {
  const long = 'x'.repeat(72)
  test.each<[string, string, string, boolean]>([
    ['the same', 'fiets lantaarn', 'fiets lantaarn', true],
    ['é as one and as two code points', 'caf\u00e9', 'cafe\u0301', true],
    ['full-width letters of a Japanese keyboard', '\uff46iets', 'fiets', true],
    ['another', 'fiets lantaarn', 'fiets lantaren', false],
    ['a leading space', ' fiets', 'fiets', false],
    ['a trailing space', 'fiets ', 'fiets', false],
    ['upper case', 'Fiets', 'fiets', false],
    ['what bcrypt would cut off', `${long}a`, `${long}b`, false],
    ['what C would cut off', 'fiets\0a', 'fiets\0b', false],
    ['1,024 bytes', 'x'.repeat(1024), 'x'.repeat(1024), true],
  ])('%s', async (_what, chosen, typed, ok) =>
    expect(await quick().verify(typed, await quick().hash(chosen))).toEqual(ok ? right : wrong),
  )
})

test('too long a password is refused when hashed and wrong when checked, never cut', async () => {
  const stored = await quick().hash('x'.repeat(1024))
  await expect(quick().hash('x'.repeat(1025))).rejects.toMatchObject({ code: 'password-too-long', status: 400 })
  expect(await quick().verify('x'.repeat(1025), stored)).toEqual(wrong)
  expect(await quick().verify('x'.repeat(1_000_000), stored)).toEqual(wrong)
})

test('an attacker who holds the database but not the pepper cannot test a guess', async () => {
  const stored = await quick().hash('fiets lantaarn')
  const thief = quick({ pepper: keyring([stranger]) })
  expect(await thief.verify('fiets lantaarn', stored)).toEqual(wrong)
})

describe('a hash is renewed when it is weaker than a new one would be', () => {
  test.each<[string, Partial<HasherOptions>, Partial<HasherOptions>, boolean]>([
    ['the same', {}, {}, false],
    ['less memory', { memoryKib: 32 }, {}, true],
    ['fewer passes', {}, { passes: 2 }, true],
    ['more memory', { memoryKib: 128 }, {}, false],
    ['an older pepper', { pepper: keyring([older]) }, { pepper: keyring([current, older]) }, true],
    ['the current pepper of two', { pepper: keyring([current]) }, { pepper: keyring([current, older]) }, false],
  ])('%s', async (_what, then, now, upgrade) => {
    const stored = await quick(then).hash('fiets lantaarn')
    expect(await quick(now).verify('fiets lantaarn', stored)).toEqual({ ok: true, upgrade })
    expect(await quick(now).verify('fiets', stored)).toEqual(wrong)
  })
})

test('a pepper that is gone is a fault, not a wrong password', async () => {
  const stored = await quick({ pepper: keyring([older]) }).hash('fiets lantaarn')
  await expect(quick().verify('fiets lantaarn', stored)).rejects.toMatchObject({ code: 'unknown-key' })
})

test('what is kept in another form is a fault, not a wrong password', async () => {
  for (const stored of ['', 'fiets', '$argon2id$v=19$m=64,t=1,p=1$c2FsdA$aGFzaA', '2026:$2b$12$abc']) {
    await expect(quick().verify('fiets', stored)).rejects.toMatchObject({ code: 'unreadable-hash' })
  }
})

describe('the time of an answer does not tell whether there is an account', () => {
  test('nothing kept, or too much typed, is never right and takes a turn at the gate like any other', async () => {
    let turns = 0
    const counted: HasherOptions['gate'] = (work) => {
      turns += 1
      return work()
    }
    const stored = await quick().hash('fiets')
    const checking = quick({ gate: counted })
    expect(await checking.verify('fiets', undefined)).toEqual(wrong)
    expect(await checking.verify('', undefined)).toEqual(wrong)
    expect(await checking.verify('x'.repeat(2000), undefined)).toEqual(wrong)
    expect(await checking.verify('x'.repeat(2000), stored)).toEqual(wrong)
    expect(turns).toBe(4)
  })

  test('the first unknown address costs what a wrong password does: one check, of a hash with the same parameters', async () => {
    const check = vi.fn((phc: string, input: string) => argon2Verify(phc, input))
    const real = () => hasher({ pepper: keyring([current]), gate: defaultGate(), check })
    const stored = await real().hash('fiets lantaarn')
    // Each by a process that has hashed nothing before.
    for (const of of [stored, undefined]) expect(await real().verify('fiets', of)).toEqual(wrong)
    const [known, unknown] = check.mock.calls.map(([phc, input]) => ({ ...parseOptions(phc), input }))
    expect(check).toHaveBeenCalledTimes(2)
    expect(unknown).toEqual(known)
  })
})

test('hashing and checking wait for the same gate, and are refused when it is full', async () => {
  const full = semaphore({ running: 0, waiting: 0, patience: 0 })
  const stored = await quick().hash('fiets')
  await expect(quick({ gate: full }).hash('fiets')).rejects.toMatchObject({ code: 'busy', status: 503 })
  await expect(quick({ gate: full }).verify('fiets', stored)).rejects.toMatchObject({ code: 'busy' })
  await expect(quick({ gate: full }).verify('fiets', undefined)).rejects.toMatchObject({ code: 'busy' })
})

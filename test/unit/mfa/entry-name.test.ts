/** What an app calls an entry: no two accounts share one, for the later would silently overwrite the earlier. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isEmailAddress } from '../../../src/lib/email-address.ts'
import { entryName, isEntryName } from '../../../src/mfa/entry-name.ts'
import { emailKey } from '../../../src/person/account.ts'

test.each([
  ['sanne@sigma.example', true],
  ['sanne@sigma.example (2)', true],
  ['sanne@sigma.example (2', false],
  ['sanne@sigma.example (x)', false],
  ['sanne@sigma.example.org', false],
  ['iPhone', false],
])('%j is an entry’s name of ours: %s', (label, ours) => expect(isEntryName('sanne@sigma.example', label)).toBe(ours))

const LONG = 'jan.peter.van.der.berg@werkgever-met-een-lange-naam.example'

test('E-09: a long address is shortened so that its person knows it, and told apart from those there are', () => {
  expect(entryName(LONG, [])).toMatch(/^jan\.peter\.van\.de…e-naam\.example [0-9a-f]{8}$/)
  expect(entryName(LONG, [entryName(LONG, [])])).toBe(`${entryName(LONG, [])} (2)`)
  expect(entryName('a@b', ['a@b', 'a@b (2)'])).toBe('a@b (3)')
  expect(entryName('a@b', ['a@b (4)'], 4)).toBe('a@b (5)')
})

test('the same address spelled otherwise keeps its signs, and a name that an older release cut is known as ours', () => {
  expect(entryName(LONG.toUpperCase(), []).slice(-8)).toBe(entryName(LONG, []).slice(-8))
  expect(isEntryName(LONG, entryName(LONG, [], 3))).toBe(true)
  for (const before of [LONG.slice(0, 40), `${LONG.slice(0, 40)} (2)`]) expect(isEntryName(LONG, before)).toBe(true)
})

describe('of two accounts the entries are never equal', () => {
  const word = (most: number) => fc.stringMatching(new RegExp(`^[a-z0-9]{1,${most}}$`))
  const local = fc.array(word(12), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.').slice(0, 64))
  const domain = fc
    .array(word(20), { minLength: 2, maxLength: 5 })
    .map((labels) => labels.join('.'))
    .filter((text) => text.length < 180)
  const changed = fc.tuple(fc.nat(), word(1)).map(([at, sign]) => (text: string) => {
    const place = at % text.length
    return `${text.slice(0, place)}${sign}${text.slice(place + 1)}`
  })
  /** What two addresses of one person may have in common. */
  const pairs = fc.oneof(
    fc.tuple(local, domain, domain).map(([name, one, other]) => [`${name}@${one}`, `${name}@${other}`]),
    fc.tuple(local, local, domain).map(([one, other, host]) => [`${one}@${host}`, `${other}@${host}`]),
    fc
      .tuple(fc.stringMatching(/^[a-z]{40}$/), word(20), word(20), domain)
      .map(([start, one, other, host]) => [`${start}${one}@${host}`, `${start}${other}@${host}`]),
    fc
      .tuple(fc.stringMatching(/^[a-z]{39}$/), domain, domain)
      .map(([start, one, other]) => [`${start}@${one}`, `${start}@${other}`]),
    fc.tuple(local, domain, changed).map(([name, host, change]) => [`${name}@${host}`, change(`${name}@${host}`)]),
    fc.tuple(local, domain, word(3)).map(([name, host, end]) => [`${name}@${host}`, `${name}@${host}.${end}`]),
    fc.tuple(local, domain, word(3)).map(([name, host, end]) => [`${name}@${host}`, `${name}@${host}${end}`]),
  )

  test('over 10,000 pairs of addresses, however alike', () => {
    const as = (name: string) => name.normalize('NFKC').toLowerCase()
    let long = 0
    fc.assert(
      fc.property(pairs, fc.nat(3), fc.nat(3), ([one = '', other = ''], first, second) => {
        fc.pre(isEmailAddress(one) && isEmailAddress(other) && emailKey(one) !== emailKey(other))
        if (one.length > 40 && other.length > 40) long += 1
        const names = [entryName(one, [], first + 1), entryName(other, [], second + 1)].map(as)
        expect(names[0]).not.toBe(names[1])
        for (const email of [one, other]) expect([...entryName(email, [])].length).toBeLessThanOrEqual(40)
      }),
      { numRuns: 10_000 },
    )
    expect(long).toBeGreaterThan(2000)
  })
})

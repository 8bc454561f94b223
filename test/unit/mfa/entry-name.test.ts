/** What an app calls an entry: no two accounts share one, for the later would silently overwrite the earlier. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isEmailAddress } from '../../../src/lib/email-address.ts'
import { chosenName, entryName, isAsMade } from '../../../src/mfa/entry-name.ts'
import { emailKey } from '../../../src/person/account.ts'
import { authenticator } from '../../support/samples/factors.ts'

const EMAIL = 'sanne@sigma.example'

test.each<[label: string, entry: string | undefined, asMade: boolean, name: string | undefined]>([
  [EMAIL, undefined, true, undefined],
  [`${EMAIL} (2)`, undefined, true, undefined],
  [`${EMAIL} (2`, undefined, false, `${EMAIL} (2`],
  [`${EMAIL}.org`, undefined, false, undefined],
  ['before@sigma.example (3)', undefined, false, undefined],
  // By a release that did not keep the entry's name beside a label that was changed.
  ['iPhone', undefined, false, 'iPhone'],
  ['iPhone', EMAIL, false, 'iPhone'],
  ['iPhone', `iPhone (${EMAIL})`, true, 'iPhone'],
  ['iPhone', `iPhone (${EMAIL}) (2)`, true, 'iPhone'],
  ['Tablet', `iPhone (${EMAIL})`, false, 'Tablet'],
  [EMAIL, EMAIL, false, undefined],
])('a label %j of the entry %j: as it was made: %s; a name of one’s own: %j', (label, entry, asMade, name) => {
  const app = { ...authenticator(), label, ...(entry && { entry }) }
  expect([isAsMade(EMAIL, app), chosenName(EMAIL, app)]).toEqual([asMade, name])
  expect(chosenName(EMAIL, { ...app, imported: true })).toBeUndefined()
})

const LONG = 'jan.peter.van.der.berg@werkgever-met-een-lange-naam.example'

test('E-09: a long address is shortened so that its person knows it, and told apart from those there are', () => {
  expect(entryName(LONG, [])).toMatch(/^jan\.peter\.van\.de…e-naam\.example [0-9a-f]{8}$/)
  expect(entryName(LONG, [entryName(LONG, [])])).toBe(`${entryName(LONG, [])} (2)`)
  expect(entryName('a@b', ['a@b', 'a@b (2)'])).toBe('a@b (3)')
  expect(entryName('a@b', ['a@b (4)'], { first: 4 })).toBe('a@b (5)')
})

test('the same address spelled otherwise keeps its signs, and a name that an older release cut is known as ours', () => {
  expect(entryName(LONG.toUpperCase(), []).slice(-8)).toBe(entryName(LONG, []).slice(-8))
  for (const label of [entryName(LONG, [], { first: 3 }), LONG.slice(0, 40), `${LONG.slice(0, 40)} (2)`])
    expect(isAsMade(LONG, { label })).toBe(true)
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

  /** Also one that tries to be another account's. */
  const chosen = fc.option(fc.constantFrom('iPhone', 'iPhone (2)', 'Sanne (', `iPhone (${EMAIL})`), { nil: undefined })
  const naming = fc.record({ name: chosen, first: fc.integer({ min: 1, max: 4 }) })

  test('over 10,000 pairs of addresses, however alike, and whatever their person calls them', () => {
    const as = (name: string) => name.normalize('NFKC').toLowerCase()
    let long = 0
    fc.assert(
      fc.property(pairs, naming, naming, ([one = '', other = ''], first, second) => {
        fc.pre(isEmailAddress(one) && isEmailAddress(other) && emailKey(one) !== emailKey(other))
        if (one.length > 40 && other.length > 40) long += 1
        const names = [entryName(one, [], first), entryName(other, [], second)].map(as)
        expect(names[0]).not.toBe(names[1])
        for (const email of [one, other]) expect([...entryName(email, [])].length).toBeLessThanOrEqual(40)
      }),
      { numRuns: 10_000 },
    )
    expect(long).toBeGreaterThan(2000)
  })
})

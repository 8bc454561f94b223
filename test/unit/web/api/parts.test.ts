/** Pieces of the API by themselves: pointers, entity tags, and keys as they pass through their states. */
import { describe, expect, test } from 'vitest'
import { answered, begin, madeOnceKind, tidy, unused } from '../../../../src/client/made-once.ts'
import { DAY, MINUTE } from '../../../../src/lib/time.ts'
import { isKnown, versionRead } from '../../../../src/web/api/preconditions.ts'
import { pointerTo } from '../../../../src/web/api/problem.ts'

test.each<[PropertyKey[], string]>([
  [[], '#'],
  [['redirect_uris', 0], '#/redirect_uris/0'],
  [['a/b'], '#/a~1b'],
  [['m~n'], '#/m~0n'],
  [['c%d', 'é ^'], '#/c%25d/%C3%A9%20%5E'],
])('RFC 6901: %j is %s', (at, pointer) => expect(pointerTo(at)).toBe(pointer))

describe('If-Match', () => {
  test.each([
    ['"1"', 1],
    [' "27" ', 27],
    ['"0"', 0],
  ])('%j is version %i', (header, version) => expect(versionRead(header)).toBe(version))

  test.each([
    ['', 428],
    ['*', 400],
    ['1', 400],
    ['"1","2"', 400],
    ['"1', 400],
    ['W/"1"', 412],
    ['w/"1"', 400],
    ['"-1"', 412],
    ['"1.0"', 412],
    ['"9999999999999999"', 412],
  ])('%j is %i', (header, status) => expect(() => versionRead(header)).toThrow(expect.objectContaining({ status })))
})

test.each([
  ['*', true],
  ['"7"', true],
  ['W/"7"', true],
  ['"1", W/"7"', true],
  ['"70"', false],
  ['7', false],
  ['', false],
])('If-None-Match: %s', (header, known) => expect(isKnown(header, '"7"')).toBe(known))

describe('a key', () => {
  const NOW = 1_000_000
  const fresh = () => madeOnceKind.empty()

  test('is begun, answered, and then the same for a day', () => {
    const draft = fresh()
    expect(begin(draft, 'asked', NOW)).toEqual({ state: 'begun' })
    expect(begin(draft, 'asked', NOW + 1)).toEqual({ state: 'busy' })
    expect(begin(draft, 'other', NOW + 1)).toEqual({ state: 'other' })
    answered(draft, 'asked', 'sealed')
    answered(draft, 'asked', 'later')
    expect(begin(draft, 'asked', NOW + DAY - 1)).toEqual({ state: 'answered', answer: 'sealed' })
    expect(begin(draft, 'other', NOW + DAY)).toEqual({ state: 'begun' })
  })

  test('of whoever died over it is taken up after a minute', () => {
    const draft = fresh()
    begin(draft, 'asked', NOW)
    expect(begin(draft, 'asked', NOW + MINUTE - 1)).toEqual({ state: 'busy' })
    expect(begin(draft, 'asked', NOW + MINUTE)).toEqual({ state: 'begun' })
  })

  test('that was not used is as if it was never sent; one that was answered stays', () => {
    const draft = fresh()
    begin(draft, 'asked', NOW)
    unused(draft, 'another')
    expect(draft.endsAt).toBeGreaterThan(0)
    unused(draft, 'asked')
    expect(draft).toEqual(fresh())
    begin(draft, 'asked', NOW)
    answered(draft, 'asked', 'sealed')
    unused(draft, 'asked')
    expect(draft.answer).toBe('sealed')
  })

  test('goes when its day is over', () => {
    const draft = fresh()
    expect(tidy(draft, NOW)).toBe(0)
    begin(draft, 'asked', NOW)
    expect(tidy(draft, NOW + DAY - 1)).toBe(0)
    expect(tidy(draft, NOW + DAY)).toBe(1)
    expect(draft).toEqual(fresh())
  })
})

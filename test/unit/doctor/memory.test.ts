/** What is remembered of an application, and what makes room for what. */
import { describe, expect, test } from 'vitest'
import {
  addCaller,
  addRefusal,
  type ClientMemory,
  forgetOld,
  MOST_OF_A_KIND,
  MOST_REFUSALS,
  memoryKind,
  type Refusal,
} from '../../../src/doctor/memory.ts'
import { DAY } from '../../../src/lib/time.ts'

const NOW = Date.parse('2026-11-29T08:00:00Z')

function refusal(fields: Partial<Refusal> = {}): Refusal {
  return { endpoint: 'authorization', error: 'invalid_redirect_uri', at: NOW, firstAt: NOW, count: 1, ...fields }
}

function memoryOf(...refusals: Refusal[]): ClientMemory {
  const memory = memoryKind.empty()
  for (const one of refusals) addRefusal(memory, one)
  return memory
}

describe('refusals', () => {
  test('the same again is counted, with the first time and the last', () => {
    const memory = memoryOf(refusal({ after: 3 }), refusal({ at: NOW + 5, firstAt: NOW + 5, after: 9 }))
    expect(memory.refusals).toEqual([refusal({ at: NOW + 5, count: 2, after: 9 })])
  })

  test('a flood of one kind takes no room of another', () => {
    const genuine = refusal({ endpoint: 'token', error: 'invalid_client', reason: 'wrong-method' })
    const planted = Array.from({ length: 200 }, (_, index) =>
      refusal({ refused: `https://evil.example/${index}`, at: NOW + index }),
    )
    const memory = memoryOf(genuine, ...planted)
    expect(memory.refusals).toHaveLength(1 + MOST_OF_A_KIND)
    expect(memory.refusals[0]).toEqual(genuine)
    expect(memory.refusals.at(-1)?.refused).toBe('https://evil.example/199')
  })

  test('of many kinds the fullest makes room, never the only one of its kind', () => {
    const odd = refusal({ endpoint: 'sign-out', at: NOW - 1 })
    const kinds = ['a', 'b', 'c', 'd', 'e', 'f']
    const many = kinds.flatMap((error) =>
      Array.from({ length: MOST_OF_A_KIND }, (_, index) => refusal({ error, refused: `x${index}`, at: NOW + index })),
    )
    const { refusals } = memoryOf(odd, ...many)
    expect(refusals).toHaveLength(MOST_REFUSALS)
    expect(refusals).toContainEqual(odd)
    expect(new Set(refusals.map(({ error }) => error)).size).toBe(1 + kinds.length)
  })

  test('one that came often is not pushed out by many that came once', () => {
    const often = refusal({ refused: 'https://roster.example.org/cb/', count: 2 })
    const once = Array.from({ length: 30 }, (_, index) =>
      refusal({ refused: `https://x/${index}`, at: NOW + 1 + index }),
    )
    const { refusals } = memoryOf(often, ...once)
    expect(refusals).toContainEqual(often)
    expect(refusals.at(-1)?.refused).toBe('https://x/29')
    expect(refusals).toHaveLength(MOST_OF_A_KIND)
  })

  test('nor is one on a host of the record by those that are on none', () => {
    const own = refusal({ refused: 'https://roster.example.org/cb/', own: true })
    const foreign = Array.from({ length: 30 }, (_, index) =>
      refusal({ refused: `https://x/${index}`, own: false, at: NOW + 1 + index }),
    )
    expect(memoryOf(own, ...foreign).refusals).toContainEqual(own)
  })

  test('after seven days they are forgotten, and found by that', () => {
    const memory = memoryOf(refusal(), refusal({ refused: 'https://x/', at: NOW + DAY }))
    expect(memoryKind.finders(memory).tidyAt).toBe(NOW + 7 * DAY)
    expect(forgetOld(memory, NOW + 7 * DAY)).toBe(1)
    expect(memory.refusals).toHaveLength(1)
  })
})

test('of the addresses that it calls from the last five are known', () => {
  const memory = memoryKind.empty()
  for (let index = 0; index < 9; index += 1) addCaller(memory, { address: `a${index}`, agent: 'x', at: NOW + index })
  addCaller(memory, { address: 'a5', agent: 'x', at: NOW + 20 })
  expect(memory.callers.map(({ address }) => address)).toEqual(['a4', 'a6', 'a7', 'a8', 'a5'])
})

/** How every store finds records. */
import { describe, expect, test } from 'vitest'
import { AWKWARD, NOW } from '../../support/samples/records.ts'
import { ids, keep, type OpenedToys, shown, TOY } from './records-toy.ts'

export function recordFinding(opened: () => OpenedToys): void {
  const toys = () => opened().one

  describe('by id and by key', () => {
    test('a record is found as it was put in, whatever is in it', async () => {
      const bear = { label: AWKWARD, makers: [AWKWARD], price: -0.5, notes: [{ text: AWKWARD, at: NOW }, { text: '' }] }
      await keep(toys(), AWKWARD, { ...bear, serial: AWKWARD })
      const kept = { ...TOY.empty(), ...bear, serial: AWKWARD }
      expect(await toys().find(AWKWARD)).toEqual(kept)
      expect(await toys().findBy(`serial:${AWKWARD}`)).toEqual({ id: AWKWARD, record: kept })
      expect(await opened().other.find(AWKWARD)).toEqual(kept)
    })

    test('several are found at once, each once, and those that are not there are left out', async () => {
      await keep(toys(), 'bear', { label: 'Bear', price: 3 })
      await keep(toys(), AWKWARD, { label: 'Odd', price: 4 })
      await keep(toys(), 'lion', { label: 'Lion', price: 5 })
      const found = await toys().findMany(['lion', 'nobody', AWKWARD, 'lion'])
      expect(found.map(({ id, record }) => [id, record.label]).toSorted()).toEqual(
        [
          ['lion', 'Lion'],
          [AWKWARD, 'Odd'],
        ].toSorted(),
      )
      expect(await toys().findMany([])).toEqual([])
    })

    test('what is undefined is not there, and reads as undefined', async () => {
      await keep(toys(), 'bear', { label: 'Bear', serial: undefined, notes: [{ text: 'soft', at: undefined }] })
      const found = await toys().find('bear')
      expect(found).toEqual({ ...TOY.empty(), label: 'Bear', notes: [{ text: 'soft' }] })
      expect([found?.serial, found?.notes[0]?.at]).toEqual([undefined, undefined])
    })

    test('what is not there is not found', async () => {
      await keep(toys(), 'bear', { serial: '1', price: 5 })
      expect(await toys().find('Bear')).toBeUndefined()
      expect(await toys().findBy('serial:2')).toBeUndefined()
      expect(await toys().findBy('stamp:1')).toBeUndefined()
      expect(await toys().findBy('1')).toBeUndefined()
    })

    test('what is done to a copy changes nothing', async () => {
      await keep(toys(), 'bear', { serial: '1', colors: ['red'], price: 5 })
      ;(await toys().find('bear'))?.colors.push('blue')
      ;(await toys().findBy('serial:1'))?.record.colors.push('blue')
      ;(await toys().list({ by: 'price', limit: 1 }))[0]?.record.colors.push('blue')
      expect((await toys().find('bear'))?.colors).toEqual(['red'])
    })

    test('a record is found by what it has now, and by nothing that it had', async () => {
      await keep(toys(), 'bear', { serial: '1', stamps: ['a', 'b'], shelf: 'low', price: 3, ...shown('Bear') })
      await keep(toys(), 'bear', { serial: '2', stamps: ['b', 'c'], shelf: undefined, price: 4, label: 'Lion' })
      for (const key of ['serial:1', 'stamp:a']) expect(await toys().findBy(key)).toBeUndefined()
      for (const key of ['serial:2', 'stamp:b', 'stamp:c']) expect((await toys().findBy(key))?.id).toBe('bear')
      expect(await toys().values('shelf')).toEqual([])
      expect(await toys().values('price')).toEqual([4])
      expect(await toys().search('bear', 9)).toHaveLength(1)
      expect(await toys().search('ear', 9)).toEqual([])
      expect(await toys().search('lion', 9)).toHaveLength(1)
    })

    test('one of which nothing is left is not there, and its keys are free', async () => {
      await keep(toys(), 'bear', { serial: '1', price: 3, ...shown('Bear') })
      await toys().change('bear', (draft) => {
        for (const field of ['serial', 'price', 'label', 'madeAt'] as const) delete draft[field]
      })
      expect(await toys().find('bear')).toBeUndefined()
      expect(await toys().list({ by: 'price', limit: 9 })).toEqual([])
      expect(await toys().search('bear', 9)).toEqual([])
      await keep(toys(), 'lion', { serial: '1' })
      await keep(toys(), 'bear', { price: 2 })
      expect(await toys().find('bear')).toEqual({ ...TOY.empty(), price: 2 })
    })
  })

  describe('lists', () => {
    async function priced(...prices: Array<number | undefined>): Promise<void> {
      for (const [n, price] of prices.entries()) await keep(toys(), `${9 - n}`, { price, label: `${n}` })
    }

    test('come by value, and of one value those that came first', async () => {
      await priced(5, 3, 5, undefined, 10, 3)
      expect(ids(await toys().list({ by: 'price', limit: 99 }))).toEqual(['8', '4', '9', '7', '5'])
      expect(ids(await toys().list({ by: 'price', limit: 3 }))).toEqual(['8', '4', '9'])
      expect((await toys().list({ by: 'price', limit: 1 }))[0]?.record).toEqual({
        ...TOY.empty(),
        price: 3,
        label: '1',
      })
    })

    test('a record that changes keeps its place among those of one value', async () => {
      await priced(5, 5, 5)
      await keep(toys(), '9', { price: 7, label: 'dear' })
      await keep(toys(), '9', { price: 5 })
      expect(ids(await toys().list({ by: 'price', limit: 9 }))).toEqual(['9', '8', '7'])
    })

    test('have both ends in them, and an end that is not given is open', async () => {
      await priced(-1, 0, 1.5, 2, 1e15)
      const between = async (from?: number, to?: number) =>
        (
          await toys().list({
            by: 'price',
            ...(from !== undefined && { from }),
            ...(to !== undefined && { to }),
            limit: 9,
          })
        ).map(({ record }) => record.price)
      expect(await between(0, 2)).toEqual([0, 1.5, 2])
      expect(await between(1.5)).toEqual([1.5, 2, 1e15])
      expect(await between(undefined, 0)).toEqual([-1, 0])
      expect(await between(1e15, 1e15)).toEqual([1e15])
      expect(await between(2, 0)).toEqual([])
    })

    test('texts are compared character by character, without regard to language', async () => {
      for (const shelf of ['é', 'a', 'B', '', 'aa', '😀', '10', '9']) await keep(toys(), shelf || 'none', { shelf })
      const list = async (ends: { from?: string; to?: string }) =>
        (await toys().list({ by: 'shelf', ...ends, limit: 99 })).map(({ record }) => record.shelf)
      expect(await list({})).toEqual(['', '10', '9', 'B', 'a', 'aa', 'é', '😀'])
      expect(await list({ from: 'a', to: 'é' })).toEqual(['a', 'aa', 'é'])
      expect(await list({ from: 'aa' })).toEqual(['aa', 'é', '😀'])
      expect(await list({ to: '9' })).toEqual(['', '10', '9'])
    })

    test('of one value find each record that has it, once, whatever else it has', async () => {
      await keep(toys(), 'ball', { colors: ['red', 'blue'] })
      await keep(toys(), 'kite', { colors: ['blue', 'green', 'blue'] })
      const of = async (color: string) => ids(await toys().list({ by: 'color', from: color, to: color, limit: 9 }))
      expect([await of('red'), await of('blue'), await of('green'), await of('bl')]).toEqual([
        ['ball'],
        ['ball', 'kite'],
        ['kite'],
        [],
      ])
    })

    test('count who has a value, and tell every value once', async () => {
      await keep(toys(), 'ball', { colors: ['red', 'blue'], price: 3 })
      await keep(toys(), 'kite', { colors: ['blue', 'green', 'blue'], price: 3 })
      await keep(toys(), 'bear', { shelf: 'red' })
      const counted = ['red', 'blue', 'green', 'white'].map((color) => toys().count('color', color))
      expect(await Promise.all(counted)).toEqual([1, 2, 1, 0])
      expect([await toys().count('price', 3), await toys().count('price', 4)]).toEqual([2, 0])
      expect((await toys().values('color')).toSorted()).toEqual(['blue', 'green', 'red'])
      expect(await toys().values('price')).toEqual([3])
    })

    test('count each value that there is, one of several values under each', async () => {
      await keep(toys(), 'ball', { colors: ['red', 'blue'], price: 3, shelf: AWKWARD })
      await keep(toys(), 'kite', { colors: ['blue', 'green', 'blue'], price: 3 })
      await keep(toys(), 'bear', { colors: ['blue'], price: 4 })
      await keep(toys(), 'bear', { colors: [], price: 5 })
      const counted = async (by: 'color' | 'price' | 'shelf') =>
        (await toys().counts(by)).map(({ value, count }) => [value, count]).toSorted()
      expect(await counted('color')).toEqual([
        ['blue', 2],
        ['green', 1],
        ['red', 1],
      ])
      expect(await counted('price')).toEqual([
        [3, 2],
        [5, 1],
      ])
      expect(await counted('shelf')).toEqual([[AWKWARD, 1]])
    })
  })

  describe('a search', () => {
    async function found(text: string, limit = 99): Promise<string[]> {
      return ids(await toys().search(text, limit))
    }

    test('finds by a beginning, by any part, and by the whole id, in any spelling', async () => {
      await keep(toys(), 'Id-1', shown('ÉMILE de Bär', { makers: ['emile@Toys.example', 'EB'] }))
      for (const text of ['émile', 'É', ' de b', 'bär', 'ä', ' EMILE@toys ', 'eb', 'Id-1', ' Id-1 ', 'e\u0301mile'])
        expect(await found(text)).toEqual(['Id-1'])
      for (const text of ['emile d', 'toys', '@', 'b e', 'id-1', 'Id-', 'Id-11']) expect(await found(text)).toEqual([])
    })

    test('takes wildcards, quotes and what else has a meaning somewhere as they are', async () => {
      await keep(toys(), 'plain', shown('Plain toy', { makers: ['plain'] }))
      for (const text of [
        '%',
        '_',
        '.',
        '.*',
        '^',
        '$',
        'pl_in',
        'p%',
        '[a-z]',
        '(',
        '\\',
        "'",
        '"',
        '*',
        '?',
        '{',
        'a|b',
      ])
        expect(await found(text)).toEqual([])
      const label = `100% o_k .* ^a$ [x] (y) \\ ' " * ? {z} a|b - / # & ~`
      await keep(toys(), 'odd', shown(label, { makers: ['%_.*'] }))
      for (const part of [...label.split(' '), '%_', '%_.*', label]) expect(await found(part)).toContain('odd')
      expect(await found('%')).toEqual(['odd'])
    })

    test('takes what crosses from one text into the next for no part of either', async () => {
      await keep(toys(), 'bear', shown('Bear', { makers: ['first', 'second'] }))
      for (const text of ['first\nsecond', 'firstsecond', 't\ns', 'st second', 'second\nbear'])
        expect(await found(text)).toEqual([])
    })

    test('tells the newest first, of one moment those that came last, and no more than asked for', async () => {
      for (const [id, madeAt] of [
        ['a', 1],
        ['b', 3],
        ['c', 2],
        ['d', 3],
      ] as const) {
        await keep(toys(), id, shown('Toy', { madeAt }))
      }
      expect(await found('toy')).toEqual(['d', 'b', 'c', 'a'])
      expect(await found('toy', 2)).toEqual(['d', 'b'])
      expect(await found('')).toEqual(['d', 'b', 'c', 'a'])
    })

    test('does not find what nobody looks for, and bears a very long text', async () => {
      await keep(toys(), 'bear', { makers: ['maker'], price: 5 })
      for (const text of ['maker', 'bear', '', 'x'.repeat(100_000)]) expect(await found(text)).toEqual([])
    })
  })
}

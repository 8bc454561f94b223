/** How records of any kind are carried from one store to another (store/portable.ts). */
import { describe, expect, onTestFinished, test } from 'vitest'
import { PAGE, type Section } from '../../../src/store/portable.ts'
import { AWKWARD, NOW } from '../../support/samples/records.ts'
import { ids, keep, type OpenedToys, shown, TOY, type Toy } from './records-toy.ts'

async function pagesOf(section: Section<Toy>) {
  const pages = []
  for await (const page of section.pages()) pages.push(page)
  return pages
}

export function recordCopying(opened: () => OpenedToys, open: () => Promise<OpenedToys>): void {
  const toys = () => opened().one

  async function copied(): Promise<OpenedToys> {
    const target = await open()
    onTestFinished(() => target.destroy())
    for (const page of await pagesOf(opened().section)) {
      await Promise.all(page.map(({ key, record }) => target.section.put(key, record)))
    }
    return target
  }

  describe('a section of records', () => {
    test('has each record once, as it is found, a page at a time', async () => {
      const all = Array.from({ length: 2 * PAGE + 1 }, (_, n) => `${n}`)
      for (const id of all) await keep(toys(), id, { serial: id, notes: [{ text: AWKWARD }] })
      const pages = await pagesOf(opened().section)
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(PAGE)
      const entries = pages.flat()
      expect(entries.map(({ key }) => key).toSorted()).toEqual(all.toSorted())
      for (const { key, record } of entries) {
        expect(record).toEqual({ ...TOY.empty(), serial: key, notes: [{ text: AWKWARD }] })
        expect(await opened().section.find(key)).toEqual(record)
      }
      expect(await opened().section.find('other')).toBeUndefined()
    })

    test('makes the same records of another store: found by the same, in the same order', async () => {
      const given = { price: 5, shelf: 'low', colors: ['red', 'blue'], ...shown('Toy') }
      for (const id of ['c', 'a', 'd', 'b']) await keep(toys(), id, { ...given, serial: id, stamps: [`${id}-1`] })
      await keep(toys(), 'c', { shelf: 'high' })
      const target = await copied()
      for (const { one } of [opened(), target]) {
        expect(ids(await one.list({ by: 'price', limit: 9 }))).toEqual(['c', 'a', 'd', 'b'])
        expect(ids(await one.search('toy', 9))).toEqual(['b', 'd', 'a', 'c'])
        expect(await one.values('shelf')).toEqual(['high', 'low'])
        expect(await one.count('color', 'blue')).toBe(4)
        expect((await one.findBy('stamp:d-1'))?.id).toBe('d')
      }
      expect(await target.section.find('c')).toEqual(await toys().find('c'))
    })

    test('puts a record in the place of the one that was there, with all that it is found by', async () => {
      await keep(toys(), 'bear', { serial: '1', price: 3, colors: ['red'], ...shown('Bear') })
      await opened().section.put('bear', { ...TOY.empty(), serial: '2', madeAt: NOW })
      expect(await toys().find('bear')).toEqual({ ...TOY.empty(), serial: '2', madeAt: NOW })
      expect([await toys().findBy('serial:1'), (await toys().findBy('serial:2'))?.id]).toEqual([undefined, 'bear'])
      expect([await toys().values('price'), await toys().search('bear', 9)]).toEqual([[], []])
      expect((await opened().queue.backlog()).waiting).toBe(0)
    })

    test('has none of which nothing is left', async () => {
      await keep(toys(), 'bear', { price: 3 })
      await keep(toys(), 'bear', { price: undefined })
      expect((await pagesOf(opened().section)).flat()).toEqual([])
      expect(await opened().section.find('bear')).toBeUndefined()
    })
  })
}

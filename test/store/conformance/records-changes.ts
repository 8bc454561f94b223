/** How every store changes records: by a rule, all of it or nothing. */
import { describe, expect, test } from 'vitest'
import { KeyTaken } from '../../../src/record/records.ts'
import { NOW, parcel, race, winners } from '../../support/samples/records.ts'
import { ids, keep, type OpenedToys, shown, TOY } from './records-toy.ts'

export function recordChanges(opened: () => OpenedToys): void {
  const toys = () => opened().one
  const either = (racer: number) => (racer % 2 === 0 ? opened().one : opened().other)
  const waiting = async () => (await opened().queue.backlog()).waiting

  describe('a change', () => {
    test('gives the rule an empty draft where nothing is, and hands on what the rule returns', async () => {
      const seen = await toys().change('bear', ({ parcels, ...draft }) => {
        return { draft, parcels: [...parcels] }
      })
      expect(seen).toEqual({ draft: TOY.empty(), parcels: [] })
      expect(await toys().find('bear')).toBeUndefined()
      expect(await toys().change('bear', () => undefined)).toBeUndefined()
    })

    test('gives the rule a copy: what is done to it afterwards changes nothing', async () => {
      const draft = await toys().change('bear', (given) => {
        given.colors.push('red')
        return given
      })
      draft.colors.push('blue')
      const again = await toys().change('bear', (given) => given)
      again.colors.push('green')
      expect((await toys().find('bear'))?.colors).toEqual(['red'])
    })

    test('of which the rule throws changes nothing, sends nothing, and rejects with what was thrown', async () => {
      await keep(toys(), 'bear', { price: 1 })
      const thrown = new Error('not today')
      const change = toys().change('bear', (draft) => {
        draft.price = 2
        draft.parcels.push(parcel())
        throw thrown
      })
      await expect(change).rejects.toBe(thrown)
      expect(await toys().find('bear')).toEqual({ ...TOY.empty(), price: 1 })
      expect(await waiting()).toBe(0)
    })

    test('that changes nothing writes nothing', async () => {
      await keep(toys(), 'bear', { price: 1, shelf: 'low', notes: [{ text: 'a', at: 1 }] })
      const before = await opened().revision('bear')
      await toys().change('bear', () => undefined)
      await toys().change('bear', (draft) => {
        draft.price = 2
        draft.price = 1
        draft.serial = undefined
        draft.notes = [...draft.notes, { text: 'b' }].slice(0, 1)
      })
      expect(await opened().revision('bear')).toBe(before)
      await keep(toys(), 'bear', { price: 2 })
      expect(await opened().revision('bear')).not.toBe(before)
    })

    test('keeps its parcels with it, and those of a change that is none', async () => {
      const [first, second] = [parcel(), parcel({ dueAt: NOW + 1 })]
      await toys().change('bear', (draft) => {
        draft.price = 1
        draft.parcels.push(first)
      })
      await toys().change('bear', (draft) => void draft.parcels.push(second))
      expect(await toys().find('bear')).toEqual({ ...TOY.empty(), price: 1 })
      expect(await opened().queue.backlog()).toEqual({ waiting: 2, oldest: NOW })
      const claimed = await opened().queue.claim(NOW + 1, NOW + 9, 9)
      expect(claimed).toEqual([first, second].map((one) => ({ ...one, attempt: 1 })))
      for (const { id, attempt } of claimed) expect(await opened().queue.settle(id, attempt)).toBe(true)
      expect(await waiting()).toBe(0)
    })

    test('by key changes whichever has it, and tells when none has', async () => {
      await keep(toys(), 'bear', { serial: '1' })
      const sold = await toys().changeBy('serial:1', (draft) => {
        draft.shelf = 'sold'
        draft.parcels.push(parcel())
        return 'sold'
      })
      expect([sold, (await toys().find('bear'))?.shelf, await waiting()]).toEqual(['sold', 'sold', 1])
      const rule = () => {
        throw new Error('nothing to run on')
      }
      expect(await toys().changeBy('serial:2', rule)).toBeUndefined()
    })
  })

  describe('a key that another record has', () => {
    test('undoes the change and all that goes with it, and the other keeps it', async () => {
      await keep(toys(), 'bear', { serial: '1', price: 1 })
      await keep(toys(), 'lion', { serial: '2', stamps: ['a'], price: 2, ...shown('Lion') })
      const before = await toys().find('lion')
      const change = toys().change('lion', (draft) => {
        Object.assign(draft, { serial: '1', stamps: ['b'], price: 3, label: 'Bear' })
        draft.parcels.push(parcel())
      })
      const fault = await change.catch((error: unknown) => error)
      expect(fault).toBeInstanceOf(KeyTaken)
      expect(fault).toMatchObject({ key: 'serial:1', message: expect.not.stringContaining('serial') })
      expect(await toys().find('lion')).toEqual(before)
      expect([await toys().findBy('stamp:b'), (await toys().findBy('stamp:a'))?.id]).toEqual([undefined, 'lion'])
      expect([await toys().values('price'), ids(await toys().search('bear', 9))]).toEqual([[1, 2], []])
      expect((await toys().findBy('serial:1'))?.id).toBe('bear')
      expect(await waiting()).toBe(0)
    })

    test('is no obstacle to those who write at the same time', async () => {
      await keep(toys(), 'bear', { serial: '1' })
      const ended = await Promise.allSettled([
        keep(toys(), 'a', { serial: 'a' }),
        keep(toys(), 'b', { serial: '1' }),
        keep(toys(), 'c', { serial: 'c' }),
      ])
      expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect([await toys().find('a'), await toys().find('b')].map((toy) => toy !== undefined)).toEqual([true, false])
    })

    test('is free once it is given up, to be had by one only', async () => {
      await keep(toys(), 'bear', { serial: '1' })
      await keep(toys(), 'bear', { serial: undefined, price: 1 })
      const take = (racer: number) =>
        keep(either(racer), `toy-${racer}`, { serial: '1' }).then(
          () => true,
          (fault: unknown) => {
            if (fault instanceof KeyTaken) return false
            throw fault
          },
        )
      expect(await winners(20, take)).toBe(1)
    })
  })

  describe('many at once', () => {
    test.each([20, 100])('%i changes of one record over two nodes lose nothing', async (racers) => {
      await race(racers, (racer) =>
        either(racer).change('bear', (draft) => {
          draft.price = (draft.price ?? 0) + 1
          draft.notes.push({ text: `${racer}` })
          draft.parcels.push(parcel())
        }),
      )
      const kept = await toys().find('bear')
      expect(kept?.price).toBe(racers)
      expect(kept?.notes.map(({ text }) => Number(text)).toSorted((a, b) => a - b)).toEqual([...Array(racers).keys()])
      expect(await waiting()).toBe(racers)
    })

    test('50 rounds of 20 at once with one thing to use up over two nodes: one uses it in each', async () => {
      for (let round = 1; round <= 50; round += 1) {
        const use = (racer: number) =>
          either(racer).change('bear', (draft) => {
            if ((draft.price ?? 0) >= round) return false
            draft.price = round
            return true
          })
        expect(await winners(20, use)).toBe(1)
      }
    })

    test('20 rounds of two records that want one key over two nodes: one gets it in each', async () => {
      for (let round = 0; round < 20; round += 1) {
        const want = (racer: number) =>
          keep(either(racer), `${round}-${racer}`, { stamps: [`${round}`, `own-${round}-${racer}`] })
        const ended = await Promise.allSettled([want(0), want(1)])
        expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
        const holder = await toys().findBy(`stamp:${round}`)
        expect(holder?.record.stamps).toContain(`own-${holder?.id}`)
      }
    })

    test('changes of 100 records over two nodes are all kept, each once', async () => {
      await race(100, (racer) => keep(either(racer), `${racer}`, { price: racer % 10, stamps: [`${racer}`] }))
      expect(await toys().list({ by: 'price', limit: 999 })).toHaveLength(100)
      expect(await toys().count('price', 3)).toBe(10)
      expect((await opened().other.findBy('stamp:42'))?.id).toBe('42')
    })
  })
}

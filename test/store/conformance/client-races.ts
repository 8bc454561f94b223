/**
 * Many at once on one application: what the rules of client/ promise holds on every store, on two nodes. What each rule
 * does when it is alone is told in test/unit/client.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Changing, change, disable } from '../../../src/client/changes.ts'
import { decide, propose } from '../../../src/client/proposal.ts'
import { type ClientRecord, type ClientRecords, clientKind, type Definition } from '../../../src/client/record.ts'
import { addSecret, createClient, madeSecret, removeSecret, type SecretChanging } from '../../../src/client/secrets.ts'
import { race } from '../../support/samples/records.ts'
import type { OpenedRecords } from './records-opened.ts'

const RACERS = 20
const ROUNDS = 5
const NOW = Date.UTC(2026, 10, 29)
const by = (actor: string, via = 'pages') => ({ actor, via, at: NOW })
const GOOD: Definition = { client_id: 'roster', redirect_uris: ['https://roster.example.org/'], protected: true }
const THIEF: Definition = { ...GOOD, redirect_uris: ['https://thief.example/'] }

export function clientRaces(name: string, open: () => Promise<OpenedRecords<ClientRecord, 'changedAt'>>): void {
  describe(`twenty at once on an application, on ${name}`, () => {
    let opened: OpenedRecords<ClientRecord, 'changedAt'>
    let secret = ''

    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.destroy())

    const nodeAt = (place: number): ClientRecords => ((place >> 1) % 2 === 0 ? opened.one : opened.other)
    const found = async () => (await opened.other.find('roster')) ?? clientKind.empty()

    async function begin(definition: Definition): Promise<void> {
      const made = madeSecret()
      secret = made.id
      await opened.one.change('roster', (draft) => {
        for (const part of Object.keys(draft)) Reflect.deleteProperty(draft, part)
        Object.assign(draft, clientKind.empty(), { parcels: [] })
        return createClient(draft, { definition, owner: { kind: 'store' }, names: [], made }, by('chris'))
      })
    }

    async function proposed(): Promise<string> {
      const asked = { on: 'store', definition: THIEF } as const
      const outcome = await opened.one.change('roster', (draft) => propose(draft, asked, [], by('chris')))
      return outcome.ok ? outcome.proposal.id : ''
    }

    beforeEach(() => begin(GOOD))

    test('a proposal is approved or declined by one of all who decide', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await begin(GOOD)
        const id = await proposed()
        const outcomes: boolean[] = []
        await race(RACERS, async (place) => {
          const to = place % 3 === 0 ? 'decline' : 'approve'
          const rule = (draft: ClientRecord) => decide(draft, { id, to }, by(`olga${place}`))
          outcomes[place] = (await nodeAt(place).change('roster', rule)).ok
        })
        const winner = outcomes.indexOf(true)
        expect(outcomes.filter(Boolean)).toHaveLength(1)
        const record = await found()
        expect(record.proposals?.[0]?.decided?.actor).toBe(`olga${winner}`)
        expect([record.version, record.definition]).toEqual(winner % 3 === 0 ? [1, GOOD] : [2, THIEF])
      }
    })

    test('disabled in an emergency while somebody approves: it is disabled in the end', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await begin(GOOD)
        const id = await proposed()
        await race(RACERS, async (place) => {
          const end = (draft: ClientRecord) => disable(draft, { on: 'store' }, by('otto'))
          const approve = (draft: ClientRecord) => decide(draft, { id, to: 'approve' }, by(`olga${place}`))
          await nodeAt(place).change('roster', (draft) => {
            if (place % 5 === 0) end(draft)
            else approve(draft)
          })
        })
        expect((await found()).status).toBe('disabled')
      }
    })

    test('over one version: one wins, and each other hears who that was', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await begin({ ...GOOD, protected: false })
        const doors = ['pages', 'api', 'command-line']
        const outcomes: unknown[] = []
        await race(RACERS, async (place) => {
          const definition = { ...GOOD, protected: false, client_name: `of ${place}` }
          const wanted = { definition, on: 'store', read: 1 } as const
          const rule = (draft: ClientRecord) => change(draft, wanted, by(`racer${place}`, doors[place % 3]))
          outcomes[place] = await nodeAt(place).change('roster', rule)
        })
        const record = await found()
        const winner = Number(/\d+/.exec(String(record.definition.client_name))?.[0])
        const since = [{ version: 2, actor: `racer${winner}`, changes: [{ field: 'client_name' }] }]
        for (const [place, outcome] of outcomes.entries())
          expect(outcome).toMatchObject(
            place === winner ? { ok: true, version: 2 } : { reason: 'changed-meanwhile', since },
          )
      }
    })

    test('no address, state or secret that was taken away comes back, whatever else is written at that moment', async () => {
      const old = ['https://old.example/', 'https://new.example/']
      for (let round = 0; round < ROUNDS; round += 1) {
        const wide = { ...GOOD, protected: false, redirect_uris: old }
        await begin(wide)
        const gone = secret
        // Read by everybody as version 1, which it is not any more.
        await opened.one.change('roster', (draft) =>
          change(draft, { definition: { ...wide, client_name: 'Roster' }, on: 'store' }, by('olga')),
        )
        const RULES: Array<(draft: ClientRecord, place: number) => Changing | SecretChanging> = [
          (draft) => removeSecret(draft, { id: gone, on: 'store' }, by('olga')),
          (draft, place) =>
            change(draft, { definition: { ...wide, client_name: `of ${place}` }, on: 'store', read: 1 }, by('chris')),
          (draft) => addSecret(draft, { secret: madeSecret(), on: 'store' }, by('chris')),
          (draft) => change(draft, { definition: { ...draft.definition, redirect_uris: [] }, on: 'store' }, by('olga')),
          (draft) => disable(draft, { on: 'store' }, by('otto')),
        ]
        await race(RACERS, async (place) => {
          await nodeAt(place).change('roster', (draft) => {
            RULES[place % RULES.length]?.(draft, place)
          })
        })
        const record = await found()
        expect([record.status, record.definition.redirect_uris]).toEqual(['disabled', []])
        expect(record.secrets.some(({ id }) => id === gone)).toBe(false)
        // Each of them once: what changes nothing is no version.
        expect(record.versions.flatMap(({ changes }) => changes.map(({ field }) => field)).sort()).toEqual(
          [...Object.keys(wide), 'secrets', 'client_name', 'secrets', 'redirect_uris', 'status']
            .concat(Array.from({ length: record.secrets.length }, () => 'secrets'))
            .sort(),
        )
      }
    })
  })
}

/**
 * Many at once on one person, or on one thing that several people want: what the rules of person/ promise holds on every
 * store, on two nodes. What each rule does when it is alone is told in test/unit/person.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type People, type PersonFinder, personKind } from '../../../src/person/kind.ts'
import { type Draft, emptyPersonRecord, type PersonRecord } from '../../../src/person/person.ts'
import { unlessTaken } from '../../../src/record/records.ts'
import { parcel, race } from '../../support/samples/records.ts'
import { EACH, RACERS, type Race } from './people-race.ts'
import { ACCOUNT_RACES } from './people-races-accounts.ts'
import { ADDRESS_RACES } from './people-races-addresses.ts'
import { CODE_RACES } from './people-races-codes.ts'
import { FACTOR_RACES } from './people-races-factors.ts'
import { RECOVERY_RACES } from './people-races-recovery.ts'
import type { OpenedRecords } from './records-opened.ts'

const ROUNDS = 5
const RACES = [...ACCOUNT_RACES, ...ADDRESS_RACES, ...FACTOR_RACES, ...CODE_RACES, ...RECOVERY_RACES]
const EVERYBODY = ['sanne', ...EACH.map((racer) => idOf({ apart: true }, racer))]

export function peopleRaces(name: string, open: () => Promise<OpenedRecords<PersonRecord, PersonFinder>>): void {
  describe(`twenty at once on people, on ${name}`, () => {
    let opened: OpenedRecords<PersonRecord, PersonFinder>

    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.destroy())

    /** By where a caller stands in the row: neighbors are on one node, the next two on the other. */
    const nodeAt = (place: number) => ((place >> 1) % 2 === 0 ? opened.one : opened.other)
    const waiting = async () => (await opened.queue.backlog()).waiting

    /** Whoever was here before is gone, and there is this. */
    async function begin(id: string, begins: Partial<PersonRecord>) {
      await opened.one.change(id, (draft) => {
        for (const part of Object.keys(draft)) Reflect.deleteProperty(draft, part)
        Object.assign(draft, emptyPersonRecord(), structuredClone(begins), { parcels: [] })
      })
    }

    function run({ by, wants = '', rule, ...row }: Race, racer: number, { change, changeBy }: People) {
      const once = (draft: Draft) => {
        const outcome = rule(draft, racer)
        if (outcome !== false) draft.parcels.push(parcel())
        return outcome
      }
      if (by !== undefined) return changeBy(by, once)
      return unlessTaken(wants, false, change(idOf(row, racer), once))
    }

    test.each(RACES.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await Promise.all(EVERYBODY.map((id) => begin(id, {})))
        const beginners = row.apart ? EACH : [0]
        await Promise.all(beginners.map((racer) => begin(idOf(row, racer), row.begins(racer))))
        const before = await waiting()

        const outcomes: unknown[] = []
        await race(RACERS, async (place) => {
          // Somebody else is first in each round.
          const racer = (place + round * 7) % RACERS
          outcomes[racer] = await run(row, racer, nodeAt(place))
        })

        // One by a key that nobody has any more did nothing.
        const won = [...outcomes.keys()].filter((racer) => outcomes[racer] !== false && outcomes[racer] !== undefined)
        if (row.wins === 'some') expect(won.length).toBeGreaterThan(0)
        else expect(won).toHaveLength(row.wins ?? 1)
        // What went out tells of what happened, each once.
        expect(await waiting()).toBe(before + won.length)
        const winner = won[0] ?? 0
        const person = (await opened.other.find(idOf(row, winner))) ?? personKind.empty()
        row.holds?.({ person, winner, won, outcomes })
      }
    })
  })
}

function idOf({ apart }: Pick<Race, 'apart'>, racer: number): string {
  return apart ? `sanne-${racer}` : 'sanne'
}

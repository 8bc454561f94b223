/** store/request-memory.ts: after whatever a request changes of people, it reads them anew. */
import { expect, test } from 'vitest'
import { asUnit } from '../../../src/lib/unit-of-work.ts'
import { artifactsWithMemory, withMemory } from '../../../src/store/request-memory.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import type { DurableStore } from '../../../src/store/store.ts'

const { durable, expiring } = openSqliteStore(':memory:')
const methods = Object.entries(durable).flatMap(([name, part]) => (typeof part === 'function' ? [name] : []))

type Methods = Record<string, (...given: unknown[]) => Promise<unknown>>

/** They read, or are of nobody. */
const HARMLESS =
  /^(find|list|is[A-Z]|count|peek|backlog|appendAudit|spend(Streak|Window|Both)$|refund|endDelays|reset$|enqueue)/

/** How often a person is read who is asked for twice before, and once after `name` was called. */
async function countedReads(name: string): Promise<number> {
  let reads = 0
  const counted = Object.fromEntries(methods.map((method) => [method, async () => undefined]))
  const find = async () => {
    reads += 1
    return undefined
  }
  const store = { ...counted, people: { ...durable.people, find } } as unknown as DurableStore
  const memory = withMemory(store)
  await asUnit(
    async () => {
      await Promise.all([memory.people.find('sanne'), memory.people.find('sanne')])
      await (memory as unknown as Methods)[name]?.('sanne')
      await memory.people.find('sanne')
    },
    () => undefined,
  )
  return reads
}

const changes = methods.filter((name) => !HARMLESS.test(name))

test('there are changes to look at', () => expect(changes.length).toBeGreaterThan(5))

test.each(changes)('%s: a person is read anew', async (name) => expect(await countedReads(name)).toBe(2))

test.each(methods.filter((name) => HARMLESS.test(name)))('%s: a person is read once', async (name) => {
  expect(await countedReads(name)).toBe(1)
})

test('a record is read once, a copy each time, and anew after a change of one', async () => {
  let reads = 0
  const find = async (_id: string) => {
    reads += 1
    return { enrollments: [] } as unknown as Awaited<ReturnType<typeof durable.people.find>>
  }
  const { people } = withMemory({ ...durable, people: { ...durable.people, find } })
  await asUnit(
    async () => {
      const [one, other] = await Promise.all([people.find('sanne'), people.find('sanne')])
      expect([one, one === other, reads]).toEqual([{ enrollments: [] }, false, 1])
      await people.change('sanne', () => undefined)
      await people.find('sanne')
      expect(reads).toBe(2)
    },
    () => undefined,
  )
})

test('whoever was found by a key is not read again by id', async () => {
  let reads = 0
  const found = { id: 'sanne', record: { cases: [] } }
  const find = async () => {
    reads += 1
    return undefined
  }
  const kept = { ...durable.people, find, findBy: async () => found } as unknown as typeof durable.people
  const { people } = withMemory({ ...durable, people: kept })
  await asUnit(
    async () => {
      const [one, other] = [await people.findBy('email:sanne'), await people.findBy('email:sanne')]
      expect([one, one?.record === other?.record]).toEqual([found, false])
      expect(await people.find('sanne')).toEqual(found.record)
    },
    () => undefined,
  )
  expect(reads).toBe(0)
})

const artifactChanges = Object.keys(expiring).filter((name) => !/^(find|list)/.test(name))

test.each(artifactChanges)('%s: an artifact that was looked for is looked for anew', async (name) => {
  let looks = 0
  const counted = Object.fromEntries(Object.keys(expiring).map((method) => [method, async () => undefined as unknown]))
  const look = async (wanted: unknown) => {
    looks += 1
    return Array.isArray(wanted) ? wanted : undefined
  }
  const store = {
    ...counted,
    findArtifact: look,
    findArtifactByUid: look,
    findArtifacts: look,
  } as unknown as typeof expiring
  const memory = artifactsWithMemory(store)
  const [session, sitting, byUid] = [
    { model: 'Session', key: 'one' },
    { model: 'Interaction', key: 'other' },
    { model: 'Session', uidKey: 'one' },
  ]
  await asUnit(
    async () => {
      expect(await memory.findArtifacts([session, sitting, byUid], 0)).toEqual([session, sitting, byUid])
      expect(await memory.findArtifact('Interaction', 'other', 0)).toEqual(sitting)
      expect(await memory.findArtifactByUid('Session', 'one', 0)).toEqual(byUid)
      expect(looks).toBe(1)
      await (memory as unknown as Methods)[name]?.()
      await memory.findArtifact('Interaction', 'other', 0)
      await memory.findArtifactByUid('Session', 'one', 0)
      expect(looks).toBe(3)
    },
    () => undefined,
  )
})

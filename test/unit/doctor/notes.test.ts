/** What is noted of applications on the path of a request, and written behind it. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type ClientMemories, MOST_OF_A_KIND, memoryKind, OF_ALL, sittingsOf } from '../../../src/doctor/memory.ts'
import { notes } from '../../../src/doctor/notes.ts'
import { DAY, MINUTE, SECOND } from '../../../src/lib/time.ts'
import type { Observed, SeenRefusal } from '../../../src/oidc/observed.ts'
import { memoryRecords } from '../../support/unit/memory-records.ts'

const KEY = Buffer.alloc(32, 1)
const HERE = { ip: '192.0.2.7', agent: 'roster/1' }

let now = Date.parse('2026-11-29T08:00:00Z')
let records: ClientMemories
beforeEach(() => {
  records = memoryRecords(memoryKind)
})

function node() {
  return notes({ records, key: KEY, now: () => now })
}

function refused(client: string, refusal: Partial<SeenRefusal> = {}): Observed {
  const seen = { endpoint: 'authorization' as const, error: 'invalid_redirect_uri', ...refusal }
  return { what: 'refused', client, whence: HERE, refusal: seen }
}

const token = (client: string): Observed => ({
  what: 'token',
  client,
  whence: HERE,
  grant: 'authorization_code',
  browser: 'b1',
})
const keys = (whence = HERE): Observed => ({ what: 'fetched', file: 'keys', whence, as: 'ours' })

test('nothing is written before the round; then a refusal is, and that something worked a minute later', async () => {
  const { note, write } = node()
  note(refused('roster'))
  note(token('works'))
  expect(await records.find('roster')).toBeUndefined()
  await write()
  expect((await records.find('roster'))?.refusals).toMatchObject([{ error: 'invalid_redirect_uri', at: now }])
  expect(await records.find('works')).toBeUndefined()
  now += MINUTE
  await write()
  expect((await records.find('works'))?.seen).toEqual({ token: now - MINUTE })
})

test('what two nodes noted is one memory', async () => {
  const [one, other] = [node(), node()]
  one.note(refused('roster'))
  other.note(refused('roster', { endpoint: 'token', error: 'invalid_client' }))
  other.note(refused('roster'))
  await Promise.all([one.write(), other.write()])
  const { refusals = [] } = (await records.find('roster')) ?? {}
  expect(refusals.map(({ error, count }) => [error, count]).toSorted()).toEqual([
    ['invalid_client', 1],
    ['invalid_redirect_uri', 2],
  ])
})

test('what cannot be written is noted still', async () => {
  const { change } = records
  const { note, write } = node()
  note(refused('roster'))
  records.change = () => Promise.reject(new Error('away'))
  await expect(write()).rejects.toThrow('away')
  note(refused('roster'))
  records.change = change
  await write()
  expect((await records.find('roster'))?.refusals).toMatchObject([{ count: 2 }])
})

describe('a flood', () => {
  test('of one application leaves the memory of the others, and is bounded', async () => {
    const { note, write } = node()
    for (let index = 0; index < 5000; index += 1) {
      now += 1
      note(refused('flooded', { refused: `https://evil.example/${index}` }))
    }
    note(refused('quiet'))
    await write()
    expect((await records.find('flooded'))?.refusals).toHaveLength(MOST_OF_A_KIND)
    expect((await records.find('quiet'))?.refusals).toHaveLength(1)
  })

  test('from one neighborhood does not keep another from being heard in the same second', async () => {
    const { note, write } = node()
    for (let index = 0; index < 100; index += 1) note(refused('roster', { refused: `https://evil.example/${index}` }))
    note({
      what: 'refused',
      client: 'roster',
      whence: { ip: '198.51.100.1', agent: 'x' },
      refusal: { endpoint: 'token', error: 'invalid_client' },
    })
    await write()
    expect((await records.find('roster'))?.refusals).toContainEqual(expect.objectContaining({ endpoint: 'token' }))
  })

  test('over many applications is written a part at a time', async () => {
    const { note, write } = node()
    for (let index = 0; index < 120; index += 1) {
      if (index % 40 === 0) now += SECOND
      note(refused(`app${index}`))
    }
    const written = async () => (await records.list({ by: 'changedAt', limit: 1000 })).length
    await write()
    expect(await written()).toBe(50)
    await write()
    await write()
    expect(await written()).toBe(120)
  })
})

describe('who fetched our keys', () => {
  test('is whoever calls from there, before or after, and on another node', async () => {
    const [one, other] = [node(), node()]
    one.note(keys())
    const at = now
    await one.write({ all: true })
    now += MINUTE
    one.note(token('before'))
    await one.write({ all: true })
    expect((await records.find('before'))?.fetches.keys).toBe(at)
    now += MINUTE
    other.note(keys())
    await other.write({ all: true })
    expect((await records.find('before'))?.fetches.keys).toBe(now)
  })

  test('is told also where the fetch was written before anybody called from there', async () => {
    const [one, other] = [node(), node()]
    one.note(keys())
    const at = now
    await one.write({ all: true })
    other.note(token('later'))
    await other.write({ all: true })
    expect((await records.find('later'))?.fetches.keys).toBeUndefined()
    await one.write({ all: true })
    expect((await records.find('later'))?.fetches.keys).toBe(at)
  })

  test('another agent at the same address is told apart', async () => {
    const { note, write } = node()
    note(token('roster'))
    note(keys({ ...HERE, agent: 'curl/8' }))
    await write({ all: true })
    const { fetches } = (await records.find('roster')) ?? {}
    expect([fetches?.keys, fetches?.keysNear]).toEqual([undefined, now])
  })

  test('neither address nor agent can be read', async () => {
    const { note, write } = node()
    note(token('roster'))
    note(refused('roster'))
    note(keys())
    await write({ all: true })
    const kept = JSON.stringify([await records.find('roster'), await records.find(OF_ALL)])
    expect(kept).not.toMatch(/192\.0\.2|roster\/1/)
    expect(memoryKind.finders((await records.find('roster')) ?? memoryKind.empty()).tidyAt).toBe(now + 7 * DAY)
  })
})

test('it does not matter which of two nodes tells first', async () => {
  const [one, other] = [node(), node()]
  one.note({ what: 'authorized', client: 'roster', browser: 'b1' })
  now += SECOND
  other.note(token('roster'))
  await other.write({ all: true })
  await one.write({ all: true })
  const [sitting] = sittingsOf((await records.find('roster')) ?? memoryKind.empty())
  expect(sitting).toEqual({ browser: 'b1', at: now - SECOND, redeemedAt: now })
})

test('an authorization is redeemed by the browser that it was given to', async () => {
  const { note, write } = node()
  note({ what: 'authorized', client: 'roster', browser: 'b1' })
  note({ what: 'authorized', client: 'roster', browser: 'b2' })
  note(token('roster'))
  await write({ all: true })
  expect(sittingsOf((await records.find('roster')) ?? memoryKind.empty())).toEqual([
    { browser: 'b1', at: now, redeemedAt: now },
    { browser: 'b2', at: now },
  ])
})

/** What repeats is told once, and then how often. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type AuditEvent, type Auditing, type AuditRecord, auditing } from '../../../src/audit/audit.ts'
import type { Repeat } from '../../../src/audit/event.ts'
import { REFUSALS, TOKENS } from '../../../src/audit/repeats.ts'
import { DAY, MINUTE, SECOND } from '../../../src/lib/time.ts'

const START = Date.UTC(2030, 0, 15, 12)
let at: number
let kept: AuditRecord[]
let heard: number
let fails: boolean
let told: Auditing

beforeEach(() => {
  ;[at, kept, heard, fails] = [START, [], 0, false]
  const appendAudit = async (record: AuditRecord) => {
    if (fails) throw new Error('no store')
    kept.push(record)
  }
  const count = () => {
    heard += 1
  }
  told = auditing({ appendAudit }, () => at, { onEvent: count })
})

const EACH: Repeat = { by: 'house', rule: TOKENS }

async function issue(times: number, given: Partial<AuditEvent> = {}, step = 0): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    at += step
    await told.audit({ type: 'token.issued', outcome: 'ok', client: 'house', repeats: EACH, ...given })
  }
}

const counts = () => kept.map(({ details }) => details?.count)

test('what does not repeat is told each time', async () => {
  await issue(3, { repeats: undefined })
  await told.writeRepeats({ all: true })
  expect(counts()).toEqual([undefined, undefined, undefined])
})

test('what repeats is told once at once, and when its window is over how often, from when and until when', async () => {
  await issue(1, { subject: 'sanne', actor: 'client:house', details: { grant: 'code', n: 0 } })
  for (let n = 1; n < 4; n += 1)
    await issue(1, { subject: `s${n}`, actor: 'client:house', details: { grant: 'code', n } }, SECOND)
  expect(kept).toHaveLength(1)
  expect(kept[0]).not.toHaveProperty('repeats')
  at = START + TOKENS.window - 1
  await told.writeRepeats()
  expect(kept).toHaveLength(1)
  at += 1
  await told.writeRepeats()
  await told.writeRepeats()
  expect(kept.slice(1)).toEqual([
    {
      id: expect.any(String),
      at,
      type: 'token.issued',
      outcome: 'ok',
      actor: 'client:house',
      client: 'house',
      details: { grant: 'code', count: 3, from: '2030-01-15T12:00:01.000Z', to: '2030-01-15T12:00:03.000Z' },
    },
  ])
  // Each of them was heard of, and what sums them up was not.
  expect(heard).toBe(4)
})

test('what sums up names nobody whom it is about: they may be erased before it is written', async () => {
  await issue(3, { subject: 'sanne', actor: 'sanne' })
  await told.writeRepeats({ all: true })
  expect(kept[1]).toMatchObject({ actor: 'system', details: { count: 2 } })
  expect(JSON.stringify(kept[1])).not.toContain('sanne')
})

test('what sums up leads to no sign-in: its records name who signed in, and keep their address no longer than theirs', async () => {
  const source = { ip: '192.0.2.1', correlation: 'c', signIn: 'Z2QZABCDEFGH', trace: 't', requestId: 'r' }
  await issue(3, { subject: 'sanne', source })
  await told.writeRepeats({ all: true })
  expect(kept.map(({ source: from, details }) => [from?.signIn, details?.signIn])).toEqual([
    ['Z2QZABCDEFGH', 'Z2QZABCDEFGH'],
    [undefined, undefined],
  ])
  expect(kept[1]).toMatchObject({ source: { ip: '192.0.2.1', correlation: 'c' }, details: { count: 2 } })
  expect(kept[1]?.details).not.toHaveProperty('trace')
})

test.each<[string, Repeat]>([
  ['what is counted', EACH],
  ['what is told once a day', { by: 'house', rule: 'daily' }],
])('%s: one that could not be kept was not told, and the next is', async (_, repeats) => {
  fails = true
  await expect(issue(1, { repeats })).rejects.toThrow('no store')
  fails = false
  await issue(1, { subject: 'sanne', repeats })
  expect(kept).toMatchObject([{ subject: 'sanne' }])
})

test('after a window the next is told at once again', async () => {
  await issue(1)
  at += TOKENS.window
  await issue(2)
  expect(counts()).toEqual([undefined, undefined])
  await told.writeRepeats({ all: true })
  expect(counts()).toEqual([undefined, undefined, 1])
})

test('what comes after a window and before it was written is told at once, and nothing is lost', async () => {
  await issue(3)
  at += TOKENS.window
  await issue(2)
  expect(counts()).toEqual([undefined, undefined])
  await told.writeRepeats()
  expect(counts()).toEqual([undefined, undefined, 2])
  await told.writeRepeats({ all: true })
  expect(counts()).toEqual([undefined, undefined, 2, 1])
})

test('a store that does not keep it leaves it to the next time', async () => {
  await issue(3)
  fails = true
  await expect(told.writeRepeats({ all: true })).rejects.toThrow('no store')
  fails = false
  await told.writeRepeats({ all: true })
  expect(counts()).toEqual([undefined, 2])
})

test('of another type, application or address it is another', async () => {
  await issue(2)
  await issue(2, { repeats: { ...EACH, by: 'second' } })
  await issue(2, { type: 'token.refused' })
  expect(kept).toHaveLength(3)
})

describe('refusals by how many accounts they were about', () => {
  const refused = (account: string | undefined, by = 'network', times = 1) =>
    issue(times, { outcome: 'refused', subject: account, repeats: { by, rule: TOKENS } })
  const accounts = async () => {
    kept = []
    await told.writeRepeats({ all: true })
    return kept.map(({ details }) => details?.accounts)
  }

  test.each<[string, Array<string | undefined>, number | string | undefined]>([
    ['who hammers at one account', Array(40).fill('sanne'), 1],
    ['who sprays over many', Array.from({ length: 40 }, (_, n) => `s${n % 20}`), 20],
    ['who tries accounts that are not there', Array(40).fill(undefined), undefined],
    ['who sprays over more than are told apart', Array.from({ length: 1200 }, (_, n) => `s${n}`), '1000+'],
  ])('%s', async (_who, aimed, expected) => {
    // Told by itself.
    await refused('first')
    for (const account of aimed) await refused(account)
    expect(await accounts()).toEqual([expected])
    expect(JSON.stringify(kept)).not.toMatch(/sanne|s\d+"/)
  })

  test('a flood from many networks is told apart as far as there is memory for it, and anew once it was written', async () => {
    for (let network = 0; network < 60; network += 1)
      for (let n = 0; n <= 1000; n += 1) await refused(`${network} ${n}`, `${network}`)
    const flood = await accounts()
    expect(flood.slice(0, 50)).toEqual(Array(50).fill(1000))
    expect(flood.slice(50)).toEqual(Array(10).fill('0+'))
    await refused('one', 'next', 2)
    expect(await accounts()).toEqual([1])
  })

  test('what was done is not counted so', async () => {
    await issue(3, { subject: 'sanne' })
    expect(await accounts()).toEqual([undefined])
  })
})

describe('a flood of strangers', () => {
  const source = (n: number) => ({ ip: `198.51.${n}.7`, correlation: `${n}` })

  async function turnAway(times: number, network: (n: number) => number, door = 'password'): Promise<void> {
    for (let n = 0; n < times; n += 1)
      await told.audit({
        type: 'throttle.engaged',
        outcome: 'refused',
        subject: `s${n}`,
        source: source(network(n)),
        details: { door, reason: 'wait', known: false },
      })
  }

  test('from one network: thirty are told, and then how many there were', async () => {
    await turnAway(6000, () => 1)
    at += MINUTE
    await told.writeRepeats()
    expect(kept).toHaveLength(31)
    expect(kept.at(-1)).toMatchObject({ source: source(1), details: { door: 'password', known: false, count: 5970 } })
    expect(kept.at(-1)).not.toHaveProperty('subject')
  })

  test('from many: three hundred are told in all, and of each network how many', async () => {
    await turnAway(6000, (n) => n % 200)
    at += MINUTE
    await told.writeRepeats()
    expect(kept).toHaveLength(300 + 200)
    expect(counts().reduce<number>((sum, count) => sum + Number(count ?? 1), 0)).toBe(6000)
  })

  test('from more networks than are counted apart: the others together', async () => {
    const REPEAT = { rule: REFUSALS }
    for (let n = 0; n < 12_000; n += 1)
      await told.audit({ type: 'request.refused', outcome: 'refused', repeats: { ...REPEAT, by: `${n}` } })
    await told.writeRepeats({ all: true })
    expect(kept.length).toBeLessThanOrEqual(300 + 10_001)
    expect(counts().reduce<number>((sum, count) => sum + Number(count ?? 1), 0)).toBe(12_000)
  })

  test('of one type takes nothing from another: whom it was about is told', async () => {
    for (let n = 0; n < 6000; n += 1) {
      const repeats = { by: `${n % 200}`, rule: REFUSALS }
      await told.audit({ type: 'request.refused', outcome: 'refused', source: source(n % 200), repeats })
    }
    await turnAway(1, () => 201)
    expect(kept.at(-1)).toMatchObject({ type: 'throttle.engaged', subject: 's0' })
  })

  test('at another door it is another', async () => {
    await turnAway(31, () => 1)
    await turnAway(1, () => 1, 'link')
    expect(kept).toHaveLength(31)
  })
})

describe('once a day', () => {
  const DAILY: Repeat = { by: 'sanne house', rule: 'daily' }

  test('the first is told, and none is counted', async () => {
    await issue(5, { repeats: DAILY })
    await told.writeRepeats({ all: true })
    expect(counts()).toEqual([undefined])
    at += DAY
    await issue(5, { repeats: DAILY })
    expect(kept).toHaveLength(2)
  })

  test('a clock that is put back begins a day', async () => {
    await issue(1, { repeats: DAILY })
    at -= SECOND
    await issue(1, { repeats: DAILY })
    expect(kept).toHaveLength(2)
  })

  test('what is more than can be known is told each time: never too little', async () => {
    for (let n = 0; n < 100_002; n += 1) await issue(1, { repeats: { by: `${n}`, rule: 'daily' } })
    await issue(1, { repeats: { by: '100001', rule: 'daily' } })
    await issue(1, { repeats: { by: '0', rule: 'daily' } })
    expect(kept).toHaveLength(100_003)
  })
})

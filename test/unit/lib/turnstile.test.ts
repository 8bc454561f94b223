import { expect, test } from 'vitest'
import { turnstile } from '../../../src/lib/turnstile.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('one begins at once, and the others in later turns: the lowest rank first, then who came first', async () => {
  const begun: string[] = []
  const turns = turnstile(3)
  for (const [name, rank] of [
    ['a', 2],
    ['b', 2],
    ['c', 1],
    ['d', 0],
    ['e', 1],
  ] as const)
    turns.pass(rank, () => begun.push(name))
  expect(begun).toEqual(['a'])
  expect(turns.waiting()).toBe(4)
  await turn()
  expect(begun).toEqual(['a', 'd'])
  for (let count = 0; count < 3; count += 1) await turn()
  expect(begun).toEqual(['a', 'd', 'c', 'e', 'b'])
  expect(turns.waiting()).toBe(0)
  await turn()
  turns.pass(2, () => begun.push('f'))
  expect(begun.at(-1)).toBe('f')
})

test('what takes up a part of a turn begins in one turn with others of its kind, in the order of all', async () => {
  const begun: string[] = []
  const turns = turnstile(2)
  const pass = (name: string, rank: number, part: number) => turns.pass(rank, () => begun.push(name), part)
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) pass(name, 0, 1 / 4)
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
  pass('page', 1, 1)
  pass('g', 0, 1 / 4)
  expect(turns.waiting()).toBe(4)
  expect(turns.wait()).toBe((1 + 3 / 4) * 10)
  await turn()
  expect(begun.slice(4)).toEqual(['e', 'f', 'g'])
  await turn()
  expect(begun.at(-1)).toBe('page')
  pass('h', 0, 1 / 4)
  expect(begun.at(-1)).toBe('page')
  await turn()
  expect(begun.at(-1)).toBe('h')
})

test('a piece of work that does not fit in what is left of a turn waits, and whatever comes after it too', async () => {
  const begun: string[] = []
  const turns = turnstile(2)
  turns.pass(0, () => begun.push('small'), 1 / 4)
  turns.pass(1, () => begun.push('page'))
  turns.pass(1, () => begun.push('next'), 1 / 4)
  expect(begun).toEqual(['small'])
  await turn()
  expect(begun).toEqual(['small', 'page'])
})

test.each([1, 1 / 4])(
  'what takes up %d of a turn and sends itself again without end keeps nobody out',
  async (part) => {
    const turns = turnstile(2)
    let begun = 0
    const send = () => turns.pass(0, send, part)
    send()
    for (let count = 0; count < 10; count += 1) send()
    turns.pass(1, () => (begun += 1))
    for (let count = 0; count < 60 && begun === 0; count += 1) await turn()
    expect(begun).toBe(1)
  },
)

test('whoever sends without end what goes first keeps nobody out', async () => {
  const turns = turnstile(3)
  let sent = 0
  let begun = 0
  const send = () => {
    sent += 1
    turns.pass(0, send)
  }
  for (let count = 0; count < 10; count += 1) send()
  for (const rank of [2, 1]) turns.pass(rank, () => (begun += 1))
  for (let count = 0; count < 30; count += 1) await turn()
  expect(begun).toBe(2)
  expect(sent).toBeGreaterThan(30)
})

test('new connections come before work that waits, but not for ever', async () => {
  const begun: string[] = []
  const turns = turnstile(1)
  turns.pass(0, () => begun.push('a'))
  turns.pass(0, () => begun.push('b'))
  for (let count = 0; count < 16; count += 1) {
    turns.connected()
    await turn()
  }
  expect(begun).toEqual(['a'])
  turns.connected()
  await turn()
  expect(begun).toEqual(['a', 'b'])
})

test('work that throws keeps nobody from passing', async () => {
  const begun: string[] = []
  const turns = turnstile(1)
  expect(() =>
    turns.pass(0, () => {
      throw new Error('broken')
    }),
  ).toThrow('broken')
  turns.pass(0, () => begun.push('b'))
  await turn()
  expect(begun).toEqual(['b'])
})

test('how long one waits goes by how long turns took while others waited', async () => {
  let at = 0
  const turns = turnstile(1, () => at)
  const pass = (times: number) => {
    for (let count = 0; count < times; count += 1) turns.pass(0, () => undefined)
  }
  expect(turns.wait()).toBe(0)
  pass(201)
  expect(turns.wait()).toBe(200 * 10)
  for (let count = 0; count < 100; count += 1) {
    at += 2
    await turn()
  }
  expect([turns.waiting(), Math.round(turns.wait())]).toEqual([100, 200])
  for (let count = 0; count < 100; count += 1) await turn()
  // Nobody waited, so it tells nothing.
  at += 60_000
  await turn()
  pass(2)
  expect(turns.wait()).toBeLessThan(2)
})

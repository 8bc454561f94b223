/** What docs/speed.md shows is what was measured: its table and its picture are made from docs/speed.json. */
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test, vi } from 'vitest'
import { hasher } from '../../../src/accounts/password.ts'
import { keyring } from '../../../src/lib/crypto.ts'
import { keycloakHere } from '../../bench/speed/keycloak-distribution.ts'
import { HASH } from '../../bench/speed/keycloak-realm.ts'
import { picture } from '../../bench/speed/picture.ts'
import { isReached, keptReports, MAIN, type Report, table, withTables } from '../../bench/speed/report.ts'
import { compared, passkeyBesideCode } from '../../bench/speed/rounds.ts'

const docs = resolve(import.meta.dirname, '../../../docs')
const read = (name: string) => readFileSync(join(docs, name), 'utf8')
const { [MAIN]: main, ...others } = keptReports()

test('the tables and the picture of the page are those of the figures', () => {
  const figures = main?.figures ?? []
  expect(figures.length).toBeGreaterThan(0)
  expect(read('speed.md')).toBe(withTables(read('speed.md'), keptReports()))
  for (const report of [{ figures }, ...Object.values(others)])
    expect(read('speed.md')).toContain(table(report.figures))
  expect(read('speed.svg')).toBe(picture(figures))
})

test('a table takes the place of the one of its run, and others stay', () => {
  const page = '<!-- figures -->\n\n<!-- end -->\n\nText.\n\n<!-- other runs -->\n\n<!-- end -->\n\nMore.\n'
  const run = (people: number, name: string): Report => ({
    machine: { node: 'v0', processors: 2 },
    people,
    rounds: 2,
    store: 'cluster',
    nodes: 2,
    load: { before: 0, after: 1 },
    figures: [{ name, reach: undefined, ...compared(new Map([['floor', [1]]])) }],
    driver: {},
  })
  const once = withTables(page, { main: run(10_000, 'first'), many: run(1_000_000, 'second'), few: run(100, 'third') })
  expect(once.match(/first|second|third|Text|More/g)).toEqual(['first', 'Text', 'third', 'second', 'More'])
  expect(once).toContain('### 1,000,000 accounts, cluster store, 2 nodes\n')
  const again = withTables(once, { main: run(10_000, 'first'), few: run(100, 'fourth') })
  expect(again.match(/first|second|third|fourth|Text|More/g)).toEqual(['first', 'Text', 'fourth', 'More'])
  expect(withTables(again, {}).match(/first|fourth|Text|More/g)).toEqual(['Text', 'More'])
})

test('a ratio is that of the rounds, and not of their medians', () => {
  const costs = new Map([
    ['floor', [1, 2, 4]],
    ['peer', [9, 4, 8]],
    ['ours', [3, 4, 4]],
  ])
  expect(compared(costs)).toEqual({
    cost: {
      floor: { median: 2, lower: 1.5, upper: 3 },
      peer: { median: 8, lower: 6, upper: 8.5 },
      ours: { median: 4, lower: 3.5, upper: 4 },
    },
    ratio: { peer: { median: 2, lower: 2, upper: 5.5 }, ours: { median: 2, lower: 1.5, upper: 2.5 } },
    ofLast: { peer: { median: 2, lower: 1.5, upper: 2.5 } },
  })
})

test('what the floor does not know is a multiple of nothing, and stands beside what it is compared with', () => {
  const code = compared(
    new Map([
      ['floor', [1]],
      ['before', [5]],
      ['ours', [4]],
    ]),
  )
  const passkey = compared(
    new Map([
      ['before', [3]],
      ['ours', [1]],
    ]),
    'floor',
  )
  expect([passkey.ratio, passkey.ofLast]).toEqual([{}, { before: { median: 3, lower: 3, upper: 3 } }])
  const figures = [
    { name: 'password + code', reach: undefined, ...code },
    { name: 'passkey sign-in', reach: undefined, ...passkey },
  ]
  const [beside] = passkeyBesideCode(figures)
  expect(beside?.cost).toMatchObject({ before: { median: 0.6 }, ours: { median: 0.25 } })
  if (beside) expect([isReached(beside, 'ours'), isReached(beside, 'before')]).toEqual([true, false])
  expect(passkeyBesideCode(figures.slice(0, 1))).toEqual([])
})

test('what is to be reached is so many times the floor, or so much', () => {
  const { cost, ratio } = compared(
    new Map([
      ['floor', [1]],
      ['ours', [2]],
    ]),
  )
  const reached = (most: number, by: 'times' | 'amount') =>
    isReached({ name: 'flow', cost, ratio, reach: { most, by } }, 'ours')
  expect([reached(2, 'times'), reached(1.9, 'times'), reached(2, 'amount'), reached(1.9, 'amount')]).toEqual([
    true,
    false,
    true,
    false,
  ])
})

test('what the other product is given as parameters of its hash are ours', async () => {
  const ours = hasher({ pepper: keyring([{ id: 'a', key: Buffer.alloc(32) }]), gate: (work) => work() })
  const { memory, iterations, parallelism } = HASH
  expect(await ours.hash('four loose words together')).toContain(`$m=${memory},t=${iterations},p=${parallelism}$`)
})

test('another product is never fetched in CI', () => {
  vi.stubEnv('CI', 'true')
  vi.stubEnv('PATH', '')
  vi.stubEnv('XDG_CACHE_HOME', join(tmpdir(), 'sigma-id-no-cache'))
  expect(keycloakHere).toThrow('not fetched in CI')
  vi.unstubAllEnvs()
})

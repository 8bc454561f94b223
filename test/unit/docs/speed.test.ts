/** What docs/speed.md shows is what was measured: its table and its picture are made from docs/speed.json. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { picture } from '../../bench/speed/picture.ts'
import { isReached, type Report, table } from '../../bench/speed/report.ts'
import { compared } from '../../bench/speed/rounds.ts'

const docs = resolve(import.meta.dirname, '../../../docs')
const read = (name: string) => readFileSync(join(docs, name), 'utf8')
const { figures } = JSON.parse(read('speed.json')) as Report

test('the table and the picture of the page are those of the figures', () => {
  expect(figures.length).toBeGreaterThan(0)
  expect(read('speed.md')).toContain(`<!-- figures -->\n\n${table(figures)}\n\n<!-- end -->`)
  expect(read('speed.svg')).toBe(picture(figures))
})

test('a ratio is that of the rounds, and not of their medians', () => {
  const costs = new Map([
    ['floor', [1, 2, 4]],
    ['ours', [3, 4, 4]],
  ])
  expect(compared(costs)).toEqual({
    cost: { floor: { median: 2, lower: 1.5, upper: 3 }, ours: { median: 4, lower: 3.5, upper: 4 } },
    ratio: { ours: { median: 2, lower: 1.5, upper: 2.5 } },
  })
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

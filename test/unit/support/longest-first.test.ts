/** The list of long test files names files that are there: one that moved would begin last. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LONG } from '../../support/runner/longest-first.ts'

test('every file that is to begin early is there', () => {
  expect(LONG.filter((file) => !existsSync(join(import.meta.dirname, '../../..', file)))).toEqual([])
})

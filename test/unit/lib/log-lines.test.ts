/** Lines of the log that wait for others, and those that do not. */
import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { logger } from '../../../src/lib/log.ts'
import { logLines } from '../../../src/lib/log-lines.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function listening() {
  const written: string[][] = []
  const lines = logLines((text) =>
    written.push(
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).msg),
    ),
  )
  return { log: logger('debug', lines), lines, written }
}

test('lines that say that all is well are written together after a moment, in their order', () => {
  const { log, written } = listening()
  log.info('one')
  log.debug('two')
  expect(written).toEqual([])
  vi.advanceTimersByTime(100)
  expect(written).toEqual([['one', 'two']])
  vi.advanceTimersByTime(1000)
  log.info('three')
  vi.advanceTimersByTime(100)
  expect(written).toEqual([['one', 'two'], ['three']])
})

test.each(['warn', 'error', 'fatal'] as const)('%s is written at once, behind what came before it', (level) => {
  const { log, written } = listening()
  log.info('before')
  log[level]('trouble')
  expect(written).toEqual([['before', 'trouble']])
  log.child({ part: 'x' })[level]('again')
  expect(written).toEqual([['before', 'trouble'], ['again']])
  vi.advanceTimersByTime(1000)
  expect(written).toHaveLength(2)
})

test('no more than a page of lines waits', () => {
  const { log, written } = listening()
  while (written.length === 0) log.info('x'.repeat(1000))
  expect(written[0]?.length).toBeLessThanOrEqual(17)
})

test('what waits can be written before its time, once', () => {
  const { log, lines, written } = listening()
  log.info('one')
  lines.flush()
  lines.flush()
  vi.advanceTimersByTime(1000)
  expect(written).toEqual([['one']])
})

test.each(['process.exit(3)', "queueMicrotask(() => { throw new Error('x') })"])(
  'what waits when the process ends by %s is written',
  (end) => {
    const file = new URL('../../../src/lib/log.ts', import.meta.url).href
    const script = `const { logger } = await import('${file}'); logger('info').info('last words'); ${end}`
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(stderr).toContain('"msg":"last words"')
  },
)

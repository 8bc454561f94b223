/** What a line of the log shows, and what it hides. */
import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { knownLines, logger } from '../../../src/lib/log.ts'
import { noticeOf } from '../../../src/lib/log-lines.ts'
import { RELEASE } from '../../../src/lib/release.ts'
import { thisProcess } from '../../../src/lib/this-process.ts'

function listening(level: string) {
  const lines: Array<Record<string, unknown>> = []
  const log = logger(level, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { log, lines }
}

const HERE = { version: RELEASE, node: hostname(), process: process.pid }
const REQUEST = { correlation: 'ABCDEFGH', method: 'GET', route: '/me', status: 200, milliseconds: 3 }

test('a secret that is handed to the log by mistake is not in it, wherever it stands', () => {
  const { log, lines } = listening('info')
  log.info({ password: 'vier losse', mail: { link: 'vier losse', inner: { code: 'vier losse' } } }, 'mistake')
  expect(lines).toMatchObject([
    { msg: 'mistake', password: '[redacted]', mail: { link: '[redacted]', inner: { code: '[redacted]' } } },
  ])
})

test('a line of known fields has them all, and level and time as every other', () => {
  const { log, lines } = listening('info')
  knownLines(log)(REQUEST, 'request')
  log.info(REQUEST, 'request')
  const [known, other] = lines.map(({ time, ...line }) => ({ ...line, time: typeof time }))
  expect(known).toEqual({ level: 'info', time: 'string', ...HERE, ...REQUEST, msg: 'request' })
  expect(known).toEqual(other)
})

test('it is written where the log has that level, which may change while it runs', () => {
  const { log, lines } = listening('warn')
  const write = knownLines(log)
  write(REQUEST, 'request')
  expect(lines).toEqual([])
  log.level = 'info'
  write(REQUEST, 'request')
  expect(lines).toHaveLength(1)
  log.level = 'silent'
  write(REQUEST, 'request')
  expect(lines).toHaveLength(1)
})

test('every line says of which release, node and process it is, also the one that tells of lost lines', () => {
  const { log, lines } = listening('info')
  log.warn('one')
  log.child({ part: 'two' }).info('two')
  knownLines(log)(REQUEST, 'request')
  for (const line of [...lines, JSON.parse(noticeOf(3))]) expect(line).toMatchObject(HERE)
  expect(JSON.parse(noticeOf(3))).toMatchObject({ level: 'error', lost: 3 })
})

test.each([
  ['a name that the operator gives', 'sigma-0.eu_1', 'sigma-0.eu_1'],
  ['none', undefined, hostname()],
  ['an empty one', '', hostname()],
  ['one that is no name', 'a b"', hostname()],
  ['one that is too long', 'x'.repeat(65), hostname()],
])('the node of a line: %s', (_which, given, node) => {
  expect(thisProcess(given).node).toBe(node)
})

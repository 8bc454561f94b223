/** What a line of the log shows, and what it hides. */
import { expect, test } from 'vitest'
import { knownLines, logger } from '../../../src/lib/log.ts'

function listening(level: string) {
  const lines: Array<Record<string, unknown>> = []
  const log = logger(level, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { log, lines }
}

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
  expect(known).toEqual({ level: 'info', time: 'string', ...REQUEST, msg: 'request' })
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

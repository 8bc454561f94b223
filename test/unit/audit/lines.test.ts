/** Records of the trail as lines of the log. */
import { expect, test } from 'vitest'
import { auditLines } from '../../../src/audit/lines.ts'
import { logger } from '../../../src/lib/log.ts'
import { auditRecord, NOW } from '../../support/samples/records.ts'

function written(level: string, record: ReturnType<typeof auditRecord>): Array<Record<string, unknown>> {
  const lines: Array<Record<string, unknown>> = []
  auditLines(logger(level, { write: (line: string) => void lines.push(JSON.parse(line)) }))(record)
  return lines
}

const SOURCE = { ip: '192.0.2.7', correlation: 'ABCD2345' }

test('a line says who, what, of whom, from where, and what it belongs to', () => {
  const details = { reason: 'wrong', signIn: 'XXXXABCD2345', trace: '4bf92f3577b34da6a3ce929d0e0e4736' }
  const record = auditRecord({
    outcome: 'refused',
    actor: 'unknown',
    subject: 'sanne',
    client: 'roster',
    source: SOURCE,
  })
  const [line] = written('info', { ...record, details })
  expect(line).toMatchObject({
    msg: 'audit',
    level: 'info',
    id: record.id,
    at: new Date(NOW).toISOString(),
    type: record.type,
    outcome: 'refused',
    actor: 'unknown',
    subject: 'sanne',
    client: 'roster',
    ip: '192.0.2.7',
    correlation: 'ABCD2345',
    signIn: 'XXXXABCD2345',
    trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    details: { reason: 'wrong' },
  })
})

test('whatever stands in a record is one line, and one object', () => {
  const client = 'a"\n{"level":"fatal"}\u2028'
  const [line, ...more] = written('info', { ...auditRecord({ source: SOURCE }), client })
  expect([line?.client, more]).toEqual([client, []])
})

test.each(['debug', 'info', 'warn', 'error'])('it is written where the level of the log is %s', (level) => {
  expect(written(level, auditRecord({}))).toHaveLength(1)
})

test('and not where the log is silent', () => {
  expect(written('silent', auditRecord({}))).toEqual([])
})

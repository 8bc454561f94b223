/** The audit chain: what its hash covers, for good. Every trail that was ever begun must stay verifiable. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type AuditRow, actorOf, auditId, auditRow, CHAIN_START, follows, toRecord } from '../../../src/audit/chain.ts'

/** As the first release kept it. */
const FIRST: AuditRow = {
  seq: 1,
  id: 'a1',
  at: 1894622400000,
  type: 'sign-in.password',
  outcome: 'refused',
  actor: null,
  subject: 'sanne',
  client: 'portal',
  correlation: 'c-1',
  details: '{"reason":"wrong"}',
  ip_digest: 'H1',
  ip: '192.0.2.0/24',
  ip_salt: null,
  hash: 'TCiC8dxmX-SIQkM81L2ndLb8E-Z2QbIJiUdNgxaVi9g',
  previous: null,
}

test('a record of the first release still fits its chain', () => {
  expect(follows('', FIRST)).toBe(true)
  expect(follows('another', FIRST)).toBe(false)
})

/** As somebody would write it who knows how the hash is made. */
function rehashed(row: AuditRow): AuditRow {
  const covered = [row.seq, row.id, row.at, row.type, row.outcome, row.actor, row.subject]
  const rest = [row.client, row.correlation, row.details, row.ip_digest]
  const text = JSON.stringify([...covered, ...rest])
  return { ...row, hash: createHash('sha256').update(text).digest('base64url') }
}

test('a whole address with the long digest of a release before fits', () => {
  const ip_digest = createHash('sha256').update('salt192.0.2.77').digest('base64url')
  const row = rehashed({ ...FIRST, ip: '192.0.2.77', ip_salt: 'salt', ip_digest })
  expect(follows('', row)).toBe(true)
  expect(follows('', { ...row, ip: '192.0.2.78' })).toBe(false)
})

test.each<[string, string | undefined, string | undefined, string | null]>([
  ['to themselves', 'sanne', 'sanne', null],
  ['to somebody', 'sanne', 'bram', 'sanne'],
  ['about nobody', 'system', undefined, 'system'],
  ['who is not named', undefined, 'sanne', ''],
  ['nobody about nobody', undefined, undefined, null],
])('a short record names who did it to themselves once: %s', (_whom, actor, subject, written) => {
  const record = { id: auditId(), at: 1, type: 'fault', outcome: 'ok', ...{ actor, subject } } as const
  const row = auditRow(record as never, CHAIN_START)
  expect(row.actor).toBe(written)
  expect(actorOf(row)).toBe(actor ?? null)
  expect(toRecord(row)).toEqual(JSON.parse(JSON.stringify(record)))
})

test('a record of before is written as it was: one that names no actor has none', () => {
  expect(actorOf(FIRST)).toBeNull()
  expect(toRecord(FIRST).actor).toBeUndefined()
})

test.each<[string, Partial<AuditRow>]>([
  ['seq', { seq: 2 }],
  ['id', { id: 'a2' }],
  ['at', { at: FIRST.at + 1 }],
  ['type', { type: 'sign-in.completed' }],
  ['outcome', { outcome: 'ok' }],
  ['actor', { actor: 'sanne' }],
  ['subject', { subject: null }],
  ['client', { client: 'other' }],
  ['correlation', { correlation: 'c-2' }],
  ['details', { details: null }],
  ['ip_digest', { ip_digest: 'H2' }],
  ['an address beside its digest', { ip_salt: 'salt' }],
])('an edited record does not fit: %s', (_what, edit) => expect(follows('', { ...FIRST, ...edit })).toBe(false))

test('an address is checked for as long as its salt is there', () => {
  const source = { ip: '192.0.2.77', correlation: 'c' }
  const row = auditRow({ id: 'a1', at: 1, type: 'fault', outcome: 'failed', source }, CHAIN_START)
  const whole = createHash('sha256').update(`${row.ip_salt}192.0.2.77`).digest('base64url')
  expect(row.ip_digest).toBe(whole.slice(0, 22))
  expect(follows('', row)).toBe(true)
  expect(follows('', { ...row, ip: '192.0.2.78' })).toBe(false)
  expect(follows('', rehashed({ ...row, ip_digest: '' }))).toBe(false)
  expect(follows('', { ...row, ip: '192.0.2.0/24', ip_salt: null })).toBe(true)
})

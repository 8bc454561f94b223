/** The audit chain: what its hash covers, for good. Every trail that was ever begun must stay verifiable. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type AuditRow, auditRow, CHAIN_START, follows } from '../../../src/audit/chain.ts'

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
}

test('a record of the first release still fits its chain', () => {
  expect(follows('', FIRST)).toBe(true)
  expect(follows('another', FIRST)).toBe(false)
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
  expect(row.ip_digest).toBe(createHash('sha256').update(`${row.ip_salt}192.0.2.77`).digest('base64url'))
  expect(follows('', row)).toBe(true)
  expect(follows('', { ...row, ip: '192.0.2.78' })).toBe(false)
  expect(follows('', { ...row, ip: '192.0.2.0/24', ip_salt: null })).toBe(true)
})

import { expect, test } from 'vitest'
import { actorNamed, clientActor, operatorActor } from '../../../src/audit/actor.ts'
import { type AuditEvent, type AuditRecord, audit, deed, refusal } from '../../../src/audit/audit.ts'

const source = { ip: '192.0.2.1', correlation: 'A1B2C3D4' }
const account = { id: 'sanne', email: 'sanne@sigma.example' }

test('a deed names its person as the one who did it and the one it is about, and nothing else of them', () => {
  const details = { what: 'language' }
  expect(deed('account.changed', { account, source }, details)).toEqual({
    type: 'account.changed',
    outcome: 'ok',
    actor: 'sanne',
    subject: 'sanne',
    source,
    details,
  })
})

test('somebody who was refused is not taken for the owner of the account: no actor is named', () => {
  expect(refusal('sign-in.password', { account, source })).toEqual({
    type: 'sign-in.password',
    outcome: 'refused',
    subject: 'sanne',
    source,
  })
})

test('what was refused at an address of nobody is about no account', () => {
  expect(refusal('sign-in.password', { account: undefined, source }).subject).toBeUndefined()
})

test.each<[string, Partial<AuditEvent>, string]>([
  ['a person', { actor: 'sanne', source }, 'sanne'],
  ['whoever sent a request, if nobody is named', { source }, 'unknown'],
  ['the system, if no request caused it', {}, 'system'],
  ['an application', { actor: clientActor('portal'), source }, 'client:portal'],
  ['nobody known, of no application', { actor: clientActor(undefined), source }, 'unknown'],
  ['whoever works at the machine', { actor: operatorActor('root') }, 'operator:root'],
])('every record has its actor: %s', async (_who, event, actor) => {
  const kept: AuditRecord[] = []
  const store = { appendAudit: async (record: AuditRecord) => void kept.push(record) }
  const record = audit(
    store,
    () => 5,
    () => undefined,
  )
  await record({ type: 'fault', outcome: 'failed', ...event })
  expect(kept).toMatchObject([{ actor, at: 5 }])
})

test.each([
  ['sanne', { kind: 'account', name: 'sanne' }],
  ['system', { kind: 'system', name: '' }],
  ['unknown', { kind: 'unknown', name: '' }],
  ['client:a:b', { kind: 'client', name: 'a:b' }],
  ['operator:uid 1000', { kind: 'operator', name: 'uid 1000' }],
  ['somebody:else', { kind: 'account', name: 'somebody:else' }],
])('%s is told from an account', (actor, named) => expect(actorNamed(actor)).toEqual(named))

test.each<[string, Partial<AuditEvent['source']>, AuditEvent['details']]>([
  ['a sign-in', { signIn: 'XXXXABCD2345' }, { reason: 'wrong', signIn: 'XXXXABCD2345' }],
  ['a trace', { trace: '4bf9' }, { reason: 'wrong', trace: '4bf9' }],
  ['what a proxy calls it', { requestId: 'one' }, { reason: 'wrong', requestId: 'one' }],
  ['a trace rather than that', { trace: '4bf9', requestId: 'one' }, { reason: 'wrong', trace: '4bf9' }],
  ['nothing', {}, { reason: 'wrong' }],
])('what a request belongs to stands in the details: %s', async (_what, labels, details) => {
  const kept: AuditRecord[] = []
  const told: AuditRecord[] = []
  const store = { appendAudit: async (record: AuditRecord) => void kept.push(record) }
  const record = audit(
    store,
    () => 5,
    (one) => told.push(one),
  )
  await record({ type: 'fault', outcome: 'failed', source: { ...source, ...labels }, details: { reason: 'wrong' } })
  expect(kept[0]?.details).toEqual(details)
  expect(told).toEqual(kept)
})

test('of what could not be kept nobody is told', async () => {
  const store = { appendAudit: () => Promise.reject(new Error('full')) }
  const told: AuditRecord[] = []
  const record = audit(
    store,
    () => 5,
    (one) => told.push(one),
  )
  await expect(record({ type: 'fault', outcome: 'failed' })).rejects.toThrow('full')
  expect(told).toEqual([])
})

/** What a person reads of the audit trail. */
import { expect, test } from 'vitest'
import type { AuditRecord } from '../../../../src/audit/audit.ts'
import type { Account } from '../../../../src/person/account.ts'
import { activityOf, recentActivity } from '../../../../src/web/account/activity.ts'

const account = { id: 'A' } as Account
const source = { ip: '192.0.2.1', correlation: 'c' }
const record = (type: string, more: object = {}) =>
  ({ id: 'e', at: 0, type, outcome: 'ok', subject: 'A', ...more }) as AuditRecord
const event = (type: string, more?: object) => activityOf(record(type, more), account)

test.each<[type: string, more: object, told: string | undefined]>([
  ['sign-in.password', {}, 'password-right'],
  ['sign-in.password', { outcome: 'refused' }, 'password-wrong'],
  ['sign-in.second-factor', { details: { method: 'totp' } }, 'code-right'],
  ['factor.enrolled', { details: { method: 'sms' } }, 'phone-added'],
  ['factor.removed', { details: { method: 'totp', last: true } }, 'app-removed'],
  ['account.changed', { details: { what: 'notice', change: 'set' } }, 'notice-address-changed'],
  ['session.ended', {}, 'signed-out'],
  ['session.ended', { actor: 'A', details: { reason: 'person' } }, 'session-ended'],
  ['session.ended', { details: { reason: 'settings' } }, undefined],
  ['session.ended', { details: { reason: 'expired' } }, undefined],
  ['sign-out.everywhere', { actor: 'A', details: { reason: 'person' } }, 'signed-out-everywhere'],
  ['sign-out.everywhere', { actor: 'B' }, 'signed-out-everywhere'],
  ['sign-out.everywhere', { details: { sessions: 2, butOne: false } }, undefined],
  ['link.sent', { details: { purpose: 'reset' } }, 'link-sent'],
  ['link.sent', { details: { purpose: 'activation' } }, undefined],
  ['token.issued', {}, undefined],
])('%s %j is told as %s', (type, more, told) => {
  expect(event(type, more)[0]?.event).toBe(told)
})

test('only the person’s own network addresses are shown', () => {
  expect(event('password.changed', { actor: 'A', source })[0]?.ip).toBe('192.0.2.1')
  expect(event('account.disabled', { actor: 'B', source })[0]?.ip).toBeUndefined()
  expect(event('sign-in.password', { outcome: 'refused', source })[0]?.ip).toBeUndefined()
})

test('the ten newest that mean something, of whatever else is in the trail', async () => {
  const records = Array.from({ length: 40 }, (_, index) =>
    record(index % 2 ? 'token.issued' : 'sign-in.password', { id: `e${index}` }),
  )
  const trail = { listAudit: async ({ subject }: { subject?: string }) => (subject === 'A' ? records : []) }
  const shown = await recentActivity(trail, account)
  expect(shown.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, index) => `e${2 * index}`))
})

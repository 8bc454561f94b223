/** What an application that acts for itself gets a token for, and why not. */
import { expect, test } from 'vitest'
import { type ServiceRequest, serviceTarget } from '../../../src/oidc/service-token.ts'

const PAYROLL = { indicator: 'https://payroll.example/', scopes: ['payroll:read', 'payroll:approve', 'read'] }
const REPORTS = { indicator: 'https://reports.example/', scopes: ['reports:read', 'read'] }
const EMPTY = { indicator: 'https://empty.example/', scopes: [] }
const RESOURCES = [PAYROLL, REPORTS, EMPTY]

const granted = (resource: { indicator: string }, scope: string) => ({ ok: true, resource: resource.indicator, scope })
const scopeFault = (reason: RegExp) => ({ ok: false, error: 'invalid_scope', reason: expect.stringMatching(reason) })
const targetFault = (reason: RegExp) => ({ ok: false, error: 'invalid_target', reason: expect.stringMatching(reason) })

test.each<[string, string, Partial<ServiceRequest>, object]>([
  [
    'scopes of one resource',
    'payroll:read payroll:approve',
    { scope: 'payroll:read' },
    granted(PAYROLL, 'payroll:read'),
  ],
  ['a scope twice', 'payroll:read', { scope: 'payroll:read  payroll:read' }, granted(PAYROLL, 'payroll:read')],
  ['no scope: all of the record', 'openid payroll:read', {}, granted(PAYROLL, 'payroll:read')],
  [
    'no scope, one of several resources',
    'payroll:read reports:read',
    { resource: REPORTS.indicator },
    granted(REPORTS, 'reports:read'),
  ],
  ['no scope, several resources', 'payroll:read reports:read', {}, targetFault(/different resources/)],
  ['no scope, and none on the record', 'openid profile', {}, scopeFault(/no scope of a resource/)],
  ['an empty scope', 'payroll:read', { scope: ' ' }, scopeFault(/no scope/)],
  [
    'scopes of two resources',
    'payroll:read reports:read',
    { scope: 'payroll:read reports:read' },
    targetFault(/different resources/),
  ],
  ['a scope that two have', 'read', { scope: 'read' }, targetFault(/by the parameter resource/)],
  [
    'a scope that two have, and which',
    'read',
    { scope: 'read', resource: REPORTS.indicator },
    granted(REPORTS, 'read'),
  ],
  [
    'a scope that two have, beside one that one has',
    'read payroll:read',
    { scope: 'read payroll:read' },
    granted(PAYROLL, 'read payroll:read'),
  ],
  ['a scope that is not on the record', 'payroll:read', { scope: 'payroll:approve' }, scopeFault(/not on the record/)],
  ['one more that is not', 'payroll:read', { scope: 'payroll:read payroll:approve' }, scopeFault(/not on the record/)],
  ['a scope that nobody knows', 'payroll:read', { scope: 'payroll:read fax' }, scopeFault(/of no resource/)],
  ['a scope of ours', 'openid payroll:read', { scope: 'openid payroll:read' }, scopeFault(/about a person/)],
  ['lasting access', 'offline_access payroll:read', { scope: 'offline_access' }, scopeFault(/about a person/)],
  [
    'a scope of another resource than the one named',
    'payroll:read reports:read',
    { scope: 'reports:read', resource: PAYROLL.indicator },
    scopeFault(/another resource/),
  ],
  ['a resource of which it has nothing', 'payroll:read', { resource: REPORTS.indicator }, targetFault(/on the record/)],
  ['a resource that has nothing', 'payroll:read', { resource: EMPTY.indicator }, targetFault(/on the record/)],
  ['a resource that nobody knows', 'payroll:read', { resource: 'https://x.example/' }, targetFault(/on the record/)],
  ['a name that every object has', 'payroll:read', { scope: 'constructor' }, scopeFault(/of no resource/)],
])('%s', (_what, record, request, expected) => {
  const asked = { scope: undefined, resource: undefined, ...request }
  expect(serviceTarget(asked, new Set(record.split(' ')), RESOURCES)).toMatchObject(expected)
})

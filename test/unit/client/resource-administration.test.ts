/** The life of an API that takes our access tokens, without a door. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { ResourceAdministration } from '../../../src/client/resource-administration.ts'
import { applications } from '../../support/unit/applications.ts'

const CHRIS = { actor: 'chris', via: 'pages' }
const PAYROLL = 'https://payroll.example.org/api'
const REPORTS = 'https://reports.example.org/'
const DUPLICATE = { ok: false, reason: 'not-in-order', faults: [{ code: 'duplicate', path: ['scopes', 0] }] }

let parts: ReturnType<typeof applications>
let apis: ResourceAdministration

beforeEach(async () => {
  let at = 1000
  parts = applications(() => {
    at += 1000
    return at
  })
  apis = parts.apis
  await apis.add({ indicator: PAYROLL, scopes: ['payroll:read'] }, CHRIS)
})

const definition = async (indicator = PAYROLL) => (await apis.find(indicator))?.definition

test('it is kept whole, in one order and with its defaults', async () => {
  await apis.add({ introspected_by: ['roster'], scopes: ['reports:read'], indicator: REPORTS }, CHRIS)
  const whole = { indicator: REPORTS, scopes: ['reports:read'], format: 'jwt', introspected_by: ['roster'] }
  expect(JSON.stringify(await definition(REPORTS))).toBe(JSON.stringify(whole))
  expect(await apis.find(REPORTS)).toMatchObject({
    version: 1,
    owner: { kind: 'store' },
    versions: [{ actor: 'chris', via: 'pages' }],
  })
})

test('a field is changed, taken out and put back; an indicator never changes', async () => {
  expect(await apis.change(PAYROLL, { fields: { format: 'opaque', introspected_by: ['a'] }, read: 1 }, CHRIS)).toEqual({
    ok: true,
    version: 2,
    changes: [
      { field: 'format', from: 'jwt', to: 'opaque' },
      { field: 'introspected_by', from: [], to: ['a'] },
    ],
  })
  await apis.change(PAYROLL, { fields: { introspected_by: undefined } }, CHRIS)
  expect(await definition()).toMatchObject({ format: 'opaque', introspected_by: [] })
  expect(await apis.restore(PAYROLL, 1, 3, CHRIS)).toMatchObject({ version: 4, changes: [{ field: 'format' }] })
  expect(await apis.restore(PAYROLL, 9, 4, CHRIS)).toEqual({ ok: false, reason: 'no-such-version' })
  expect(await apis.change(PAYROLL, { fields: { indicator: REPORTS } }, CHRIS)).toMatchObject({
    faults: [{ code: 'fixed', path: ['indicator'] }],
  })
})

test('what somebody else did since it was read is told, not undone', async () => {
  await apis.change(PAYROLL, { fields: { format: 'opaque' }, read: 1 }, CHRIS)
  for (const late of [
    apis.change(PAYROLL, { fields: { introspected_by: ['a'] }, read: 1 }, CHRIS),
    apis.disable(PAYROLL, 1, CHRIS),
    apis.restore(PAYROLL, 1, 1, CHRIS),
  ])
    expect(await late).toMatchObject({
      reason: 'changed-meanwhile',
      version: 2,
      since: [{ changes: [{ to: 'opaque' }] }],
    })
})

describe('a scope belongs to one', () => {
  test.each<[string, unknown]>([
    ['another has it', ['payroll:read']],
    ['it is named twice', ['a', 'a']],
  ])('%s', async (_why, scopes) => {
    const refused = await apis.add({ indicator: REPORTS, scopes }, CHRIS)
    expect(refused).toMatchObject({ reason: 'not-in-order', faults: [{ code: 'duplicate' }] })
    expect(await apis.find(REPORTS)).toBeUndefined()
  })

  test('two who claim it at once, of whom neither saw the other', async () => {
    await apis.add({ indicator: REPORTS, scopes: [] }, CHRIS)
    const claims = [PAYROLL, REPORTS].map((id) => apis.change(id, { fields: { scopes: ['both'] } }, CHRIS))
    const outcomes = await Promise.all(claims)
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.find(({ ok }) => !ok)).toMatchObject(DUPLICATE)
  })

  test('one that is disabled gives it up, and is not enabled while another has it', async () => {
    await apis.disable(PAYROLL, undefined, CHRIS)
    await apis.add({ indicator: REPORTS, scopes: ['payroll:read'] }, CHRIS)
    expect(await apis.enable(PAYROLL, undefined, CHRIS)).toEqual({ ok: false, reason: 'scope-taken' })
    await apis.change(REPORTS, { fields: { scopes: ['reports:read'] } }, CHRIS)
    expect(await apis.enable(PAYROLL, undefined, CHRIS)).toMatchObject({ ok: true })
    expect(await apis.change(REPORTS, { fields: { scopes: ['payroll:read'] } }, CHRIS)).toMatchObject(DUPLICATE)
  })
})

test('an indicator of one that was deleted is never given again, and nothing happens to it any more', async () => {
  await apis.remove(PAYROLL, undefined, CHRIS)
  const deleted = { ok: false, reason: 'deleted' }
  expect(await apis.add({ indicator: PAYROLL, scopes: ['other'] }, CHRIS)).toEqual(deleted)
  expect(await apis.enable(PAYROLL, undefined, CHRIS)).toEqual(deleted)
  expect(await apis.restore(PAYROLL, 1, undefined, CHRIS)).toEqual(deleted)
  expect(await apis.add({ indicator: REPORTS, scopes: ['payroll:read'] }, CHRIS)).toMatchObject({ ok: true })
})

test('what there is not is told; what a file owns is changed there', async () => {
  expect(await apis.change(REPORTS, { fields: {} }, CHRIS)).toEqual({ ok: false, reason: 'not-found' })
  expect(await apis.disable(REPORTS, undefined, CHRIS)).toEqual({ ok: false, reason: 'not-found' })
  await parts.resources.change(PAYROLL, (draft) =>
    Object.assign(draft, { owner: { kind: 'file', file: 'clients.yaml', line: 3 } }),
  )
  expect(await apis.change(PAYROLL, { fields: { format: 'opaque' } }, CHRIS)).toMatchObject({
    reason: 'owned-by-file',
    owner: { line: 3 },
  })
})

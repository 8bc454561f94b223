/** Applications by which somebody administers: only an owner makes one, changes it, or gets a secret of it (ADM-02). */
import { beforeEach, describe, expect, test } from 'vitest'
import { ROLES } from '../../../src/admin/role.ts'
import type { Who } from '../../../src/client/administration.ts'
import { SERVICE_ROLES } from '../../../src/client/scopes.ts'
import { type Applications, applications, CLIENT } from '../../support/unit/applications.ts'

const OWNER: Who = { actor: 'olga', via: 'api', mayEmpower: true }
const CHRIS: Who = { actor: 'chris', via: 'api' }
const NOT_HELD = { ok: false, reason: 'role-not-held' }
const SERVICE = { ...CLIENT, grant_types: ['client_credentials'], redirect_uris: [], scope: 'admin:people' }
const ROBOT = { ...SERVICE, admin_role: 'help-desk' }
const TOOL = {
  ...CLIENT,
  scope: 'openid admin:people',
  minimum_acr: 'mfa',
  second_factors: ['totp'],
  remembered_devices: false,
  mfa_max_age: 900,
  staff_only: true,
}

let desk: Applications['administration']
beforeEach(() => {
  desk = applications(() => 1).administration
})

test('a service has one of our roles, and never that of an owner', () => {
  for (const role of SERVICE_ROLES) expect(ROLES).toContain(role)
  expect(SERVICE_ROLES).not.toContain('owner')
})

describe.each([
  ['a service with a role', ROBOT],
  ['an application that leads people to administration', TOOL],
])('ADM-02 %s', (_what, definition) => {
  test('is made by an owner only', async () => {
    expect(await desk.add(definition, CHRIS)).toEqual(NOT_HELD)
    expect(await desk.find('roster')).toBeUndefined()
    expect(await desk.add(definition, OWNER)).toMatchObject({ ok: true, version: 1 })
  })

  test('is not changed, put back, enabled or given a secret by others, who may end it', async () => {
    await desk.add(definition, OWNER)
    await desk.change('roster', { fields: { client_name: 'Rooster' } }, OWNER)
    const { version } = (await desk.find('roster')) ?? {}
    expect(await desk.change('roster', { fields: { client_name: 'Other' } }, CHRIS)).toEqual(NOT_HELD)
    expect(await desk.restore('roster', 1, undefined, CHRIS)).toEqual(NOT_HELD)
    expect(await desk.addSecret('roster', undefined, CHRIS)).toEqual(NOT_HELD)
    expect(await desk.find('roster')).toMatchObject({ version })
    expect(await desk.disable('roster', undefined, CHRIS)).toMatchObject({ ok: true })
    expect(await desk.enable('roster', undefined, CHRIS)).toEqual(NOT_HELD)
    expect(await desk.remove('roster', undefined, CHRIS)).toMatchObject({ ok: true })
  })
})

test('ADM-02 what was once one is not made one again by putting an old version back', async () => {
  await desk.add(ROBOT, OWNER)
  const fields = { admin_role: undefined, scope: 'openid', require_nonce: undefined }
  expect(await desk.change('roster', { fields }, OWNER)).toMatchObject({ ok: true })
  expect(await desk.restore('roster', 1, undefined, CHRIS)).toEqual(NOT_HELD)
  expect(await desk.change('roster', { fields: { scope: 'admin:people', admin_role: 'help-desk' } }, CHRIS)).toEqual(
    NOT_HELD,
  )
})

describe('a key that a request came with', () => {
  const once = { ...CHRIS, request: 'digest' }

  test('makes one application, whose secret is told once', async () => {
    const first = await desk.add(CLIENT, once)
    const again = await desk.add(CLIENT, once)
    expect(first).toMatchObject({ version: 1, secret: { id: expect.any(String), value: expect.any(String) } })
    const id = first.ok ? first.secret?.id : ''
    expect(again).toMatchObject({ ok: true, version: 1, secret: { id } })
    expect(again.ok && again.secret).not.toHaveProperty('value')
    expect((await desk.find('roster'))?.secrets).toHaveLength(1)
    expect(await desk.add(CLIENT, { ...CHRIS, request: 'other' })).toEqual({ ok: false, reason: 'id-taken' })
  })

  test('makes one secret, also of a hundred at once', async () => {
    await desk.add(CLIENT, CHRIS)
    const made = await Promise.all(Array.from({ length: 100 }, () => desk.addSecret('roster', undefined, once)))
    const told = made.flatMap((outcome) => (outcome.ok ? (outcome.secret?.value ?? []) : []))
    expect(told).toHaveLength(1)
    expect(new Set(made.map((outcome) => outcome.ok && outcome.secret?.id)).size).toBe(1)
    expect((await desk.find('roster'))?.secrets).toHaveLength(2)
  })
})

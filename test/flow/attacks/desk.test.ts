/**
 * P-02, P-03: administration by people of every role, through every door, on everybody; what is refused changes nothing,
 * is in the audit trail and wakes somebody.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { ROLES } from '../../../src/admin/role.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { settled } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { standing, tokensFor } from '../../support/people/desk.ts'
import { applicationFor, bodyFor, filledIn } from '../../support/people/desk-forms.ts'
import { askForHelp, colleague, lockedOut, signIn, sitting, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

type Role = 'none' | (typeof ROLES)[number]
const EVERYBODY: Role[] = ['none', ...ROLES]
const READERS: Role[] = ['owner', 'help-desk', 'auditor']
const HELPERS: Role[] = ['owner', 'help-desk']
const CLIENT_ADMINS: Role[] = ['owner', 'client-admin']
const APPLICATIONS: Role[] = ['owner', 'client-admin', 'auditor']

/** Who comes in where; everybody else is refused. */
const PAGES: Array<[path: string, roles: Role[]]> = [
  ['/admin', [...ROLES]],
  ['/admin/people?q=sanne', READERS],
  ['/admin/people/invite', HELPERS],
  ['/admin/people/{id}', READERS],
  ['/admin/people/{id}/sign-out', HELPERS],
  ['/admin/people/{id}/disable', HELPERS],
  ['/admin/people/{id}/change', HELPERS],
  ['/admin/people/{id}/email', HELPERS],
  ['/admin/people/{id}/roles', ['owner']],
  ['/admin/people/{id}/more-time', HELPERS],
  ['/admin/people?status=active&lastSignIn=unknown', READERS],
  ['/admin/people/export', ['owner', 'auditor']],
  ['/admin/people/{id}/data', ['owner']],
  ['/admin/people/{id}/delete', ['owner']],
  ['/admin/cases', READERS],
  ['/admin/cases?number={number}', READERS],
  ['/admin/cases/{number}', READERS],
  ['/admin/audit', ['owner', 'auditor']],
  ['/admin/audit?person={id}', ['owner', 'auditor']],
  ['/admin/audit/export', ['owner', 'auditor']],
  ['/admin/applications', APPLICATIONS],
  ['/admin/applications?text=portal&status=active', APPLICATIONS],
  ['/admin/applications/portal', APPLICATIONS],
  ['/admin/applications/portal/yaml', APPLICATIONS],
  ['/admin/applications/portal/secrets', APPLICATIONS],
  ['/admin/applications/portal/versions', APPLICATIONS],
  ['/admin/applications/portal/doctor', APPLICATIONS],
  ['/admin/applications/portal/versions/1', APPLICATIONS],
  ['/admin/applications/new', CLIENT_ADMINS],
  ['/admin/applications/portal/release', CLIENT_ADMINS],
  ['/admin/deliveries', READERS],
  ['/admin/deliveries?state=failed', READERS],
  ['/admin/keys', ['owner']],
  ['/admin/keys/rotate', ['owner']],
]
const FORMS: Array<[path: string, roles: Role[]]> = [
  ['/admin/people/invite', HELPERS],
  ['/admin/people/{id}/sign-out', HELPERS],
  ['/admin/people/{id}/disable', HELPERS],
  ['/admin/people/{id}/enable', HELPERS],
  ['/admin/people/{id}/resend-activation', HELPERS],
  ['/admin/people/{id}/change', HELPERS],
  ['/admin/people/{id}/email', HELPERS],
  ['/admin/people/{id}/roles', ['owner']],
  ['/admin/people/{id}/more-time', HELPERS],
  ['/admin/people/export', ['owner', 'auditor']],
  ['/admin/people/{id}/data', ['owner']],
  ['/admin/people/{id}/delete', ['owner']],
  ['/admin/cases/{number}', HELPERS],
  ['/admin/audit/export', ['owner', 'auditor']],
  ['/admin/keys/rotate', ['owner']],
  ['/admin/applications/new', CLIENT_ADMINS],
  ['/admin/applications/mine/change', CLIENT_ADMINS],
  ['/admin/applications/mine/secrets', CLIENT_ADMINS],
  ['/admin/applications/mine/versions/1', CLIENT_ADMINS],
  ['/admin/applications/mine/disable', CLIENT_ADMINS],
  ['/admin/applications/mine/adopt', CLIENT_ADMINS],
  ['/admin/applications/mine/doctor', CLIENT_ADMINS],
  ['/admin/applications/mine/logo', CLIENT_ADMINS],
  ['/admin/applications/mine/logo/remove', CLIENT_ADMINS],
  ['/admin/applications/mine/delete', CLIENT_ADMINS],
]

/** Somebody with a case, on whom everything could be done. */
let sanne: { id: string; email: string; number: string }
const staff = {} as Record<Role, Someone & { id: string }>

clockOfAllTests()

const app = forAllTests(() => startApp({ settings: { throttle: { perAddress: 1e6, perNetwork: 1e6 } } }))
beforeAll(async () => {
  const locked = await lockedOut(app, 'sanne@sigma.example')
  sanne = { id: locked.id, email: locked.email, number: await askForHelp(locked.browser) }
  for (const role of ROLES) staff[role] = await colleague(app, role)
  await applicationFor(app, 'mine', '')
  const nobody = await settled(app, () => Date.now())
  staff.none = { ...nobody, id: await idOf(nobody.email) }
  await visit(app, staff.none, '/admin')
})

async function idOf(email: string): Promise<string> {
  return (await asked(app.core.store.durable.people).findAccountByEmail(email))?.id ?? ''
}

function fill(path: string, who: { id: string; number?: string } = sanne): string {
  return app.origin + path.replace('{id}', who.id).replace('{number}', who.number ?? '')
}

const except = (roles: Role[]) => EVERYBODY.filter((role) => !roles.includes(role))

async function post(role: Role, path: string, more: Record<string, string> = {}): Promise<number> {
  const tokens = await tokensFor(app, staff[role])
  const body = await bodyFor(path, { ...filledIn(path), ...tokens, ...more })
  return (await staff[role].browser.copy().post(path, body)).status
}

/** Newest first. */
const trail = async () => app.core.admin.trail.listAudit({ limit: 20 })

async function refusals(actor: string, subject?: string): Promise<unknown[]> {
  return (await trail())
    .filter((record) => record.type === 'admin.refused' && record.actor === actor && record.subject === subject)
    .map(({ details }) => details?.reason)
}

const warnings = (actor: string) =>
  app.logged.map((line) => JSON.parse(line)).filter(({ msg, actor: by }) => msg === 'admin refused' && by === actor)

describe('P-03 forced browsing', () => {
  test.each(PAGES.flatMap(([path, roles]) => except(roles).map((role) => [role, path] as const)))(
    '%s is not shown %s',
    async (role, path) => {
      const { browser } = staff[role]
      await browser.visit(fill(path))
      // An act that the role does not know leads back to the person, who may be looked at.
      if (browser.page.status === 200) expect(browser.page.url).toBe(fill('/admin/people/{id}'))
      else expect([browser.page.status, browser.page.html.includes(sanne.email)]).toEqual([403, false])
      for (const { fields } of browser.forms()) expect(fields.for).toBeUndefined()
    },
  )

  test.each(PAGES.flatMap(([path, roles]) => roles.map((role) => [role, path] as const)))(
    '%s is shown %s',
    async (role, path) => {
      await staff[role].browser.visit(fill(path))
      expect([staff[role].browser.page.status, new URL(staff[role].browser.page.url).pathname]).toEqual([
        200,
        new URL(fill(path.includes('?number') ? '/admin/cases/{number}' : path)).pathname,
      ])
    },
  )

  test.each(FORMS.flatMap(([path, roles]) => except(roles).map((role) => [role, path] as const)))(
    '%s cannot post to %s',
    async (role, path) => {
      await visit(app, staff[role], '/admin')
      const before = standing(app)
      expect(await post(role, fill(path))).toBe(403)
      expect(standing(app)).toEqual(before)
      if (role === 'none') return
      expect(await refusals(staff[role].id)).toContain('role-missing')
      expect(warnings(staff[role].id)).not.toEqual([])
    },
  )
})

describe('P-02 the help desk on somebody with a role, and on itself', () => {
  const onWhom: Array<[whom: string, role: Role | 'colleague', reason: string]> = [
    ['an owner', 'owner', 'above'],
    ['an auditor', 'auditor', 'above'],
    ['who looks after clients', 'client-admin', 'above'],
    ['a colleague', 'colleague', 'above'],
    ['itself', 'help-desk', 'self'],
  ]

  test.each(onWhom)('on %s: nothing it may do to others', async (_whom, role, reason) => {
    const target = role === 'colleague' ? await colleague(app, 'help-desk') : staff[role]
    const locked = new Person()
    await signIn(app, locked, target.email)
    await locked.visit(sitting(locked, 'challenge/none'))
    const number = await askForHelp(locked)
    const hanna = staff['help-desk']
    await visit(app, hanna, `/admin/cases/${number}`)
    expect(hanna.browser.page.html).not.toContain('value="issue"')
    for (const [path] of FORMS.filter(([, roles]) => roles.includes('help-desk')).slice(1)) {
      const before = standing(app)
      const warned = warnings(hanna.id).length
      expect([path, await post('help-desk', fill(path, { ...target, number }))]).toEqual([path, 403])
      expect(standing(app)).toEqual(before)
      expect((await refusals(hanna.id, target.id))[0]).toBe(reason)
      expect([path, warnings(hanna.id).length]).toEqual([path, warned + 1])
      expect(warnings(hanna.id).at(-1)).toMatchObject({ level: 'warn', subject: target.id, reason, via: 'pages' })
    }
    expect((await app.core.recovery.find(number))?.state).toBe('open')
  })

  test('an owner does nothing to themselves either', async () => {
    const before = standing(app)
    for (const [path] of FORMS.filter(([path]) => path.includes('{id}')))
      expect([path, await post('owner', fill(path, staff.owner))]).toEqual([path, 403])
    expect(standing(app)).toEqual(before)
  })
})

describe('ADM-02 roles that nobody can give', () => {
  const tries = EVERYBODY.flatMap((role) => ROLES.map((given) => [role, given] as const))
  test.each(tries)('%s invites somebody as %s: only as an owner', async (role, given) => {
    const email = `${role}-${given}@sigma.example`
    const may = role === 'owner'
    const status = await post(role, fill('/admin/people/invite'), { email, [`role-${given}`]: 'yes' })
    const invited = await asked(app.core.store.durable.people).findAccountByEmail(email)
    expect([status, invited?.roles]).toEqual(may ? [200, [given]] : [403, undefined])
  })

  test.each<[Record<string, string>]>([
    [{ role: 'owner' }],
    [{ roles: 'owner' }],
    [{ 'role[0]': 'owner' }],
    [{ 'role-root': 'yes' }],
    [{ 'role-OWNER': 'yes' }],
    [{ 'role-': 'owner', __proto__: 'owner' }],
    [{ status: 'active', id: 'chosen', passwordHash: 'x', epoch: '9' }],
  ])('nor by a field that the form does not have: %j', async (fields) => {
    const email = `${Buffer.from(JSON.stringify(fields)).toString('hex').slice(0, 60)}@sigma.example`
    expect(await post('owner', fill('/admin/people/invite'), { ...fields, email })).toBe(400)
    expect(await asked(app.core.store.durable.people).findAccountByEmail(email)).toBeUndefined()
    expect(warnings(staff.owner.id).at(-1)).toMatchObject({ reason: 'unknown-field', field: Object.keys(fields)[0] })
  })
})

test.each([
  ['nobody’s', '00000000-0000-4000-8000-000000000000'],
  ['empty', '%20'],
  ['of a case', '{number}'],
  ['with a wildcard', '%25'],
  ['a path', '..%2F..%2Fadmin'],
  ['a quote', "'%20OR%20'1'='1"],
  ['a prototype', '__proto__'],
])('K-03 an id that is %s names nobody', async (_what, id) => {
  const before = standing(app)
  for (const act of ['', '/sign-out', '/disable', '/delete', '/data']) {
    const path = fill(`/admin/people/${id}${act}`)
    await staff.owner.browser.visit(path)
    expect([act, staff.owner.browser.page.status]).toEqual([act, 404])
    if (act) expect([act, await post('owner', path)]).toEqual([act, 404])
  }
  expect(standing(app)).toEqual(before)
})

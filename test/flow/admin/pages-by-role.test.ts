/**
 * Which page opens for which role, in one table: a page that is not placed here fails. What a role may not see it is not
 * led to either.
 */
import Router from '@koa/router'
import { beforeAll, describe, expect, test } from 'vitest'
import { ROLES, type Role } from '../../../src/admin/role.ts'
import { adminPages } from '../../../src/web/admin/admin.ts'
import type { DeskParts } from '../../../src/web/admin/desk.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { record } from '../../support/oidc/client-records.ts'
import { world } from '../../support/oidc/relying-party.ts'
import { roundFor } from '../../support/people/desk-forms.ts'
import { colleague, visit } from '../../support/people/help-desk.ts'
import { organizationId } from '../../support/people/organizations.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

/** `+` opens. In the order of ROLES: owner, client-admin, auditor, help-desk. */
const TABLE: Record<string, string> = {
  '/admin': '+ + + +',
  '/admin/confirmed': '+ + + +',
  '/admin/people': '+ - + +',
  '/admin/people/invite': '+ - - +',
  '/admin/people/export': '+ - + -',
  '/admin/people/:id': '+ - + +',
  '/admin/invitations': '+ - + +',
  '/admin/invitations/new': '+ - - +',
  '/admin/invitations/:round': '+ - + +',
  '/admin/invitations/:round/resend': '+ - - +',
  '/admin/invitations/:round/withdraw': '+ - - +',
  '/admin/cases': '+ - + +',
  '/admin/applications': '+ + + -',
  '/admin/applications/new': '+ + - -',
  '/admin/applications/:id': '+ + + -',
  '/admin/applications/:id/yaml': '+ + + -',
  '/admin/applications/:id/change': '+ + - -',
  '/admin/applications/:id/logo': '+ + - -',
  '/admin/applications/:id/logo/remove': '+ + - -',
  '/admin/applications/:id/secrets': '+ + + -',
  '/admin/applications/:id/versions': '+ + + -',
  '/admin/applications/:id/sign-ins': '+ + + -',
  '/admin/applications/:id/versions/:version': '+ + + -',
  '/admin/applications/:id/disable': '+ + - -',
  '/admin/applications/:id/delete': '+ + - -',
  '/admin/applications/:id/doctor': '+ + + -',
  '/admin/applications/:id/connect': '+ + + -',
  '/admin/apis': '+ + + -',
  '/admin/apis/new': '+ + - -',
  '/admin/apis/:id': '+ + + -',
  '/admin/apis/:id/change': '+ + - -',
  '/admin/apis/:id/versions': '+ + + -',
  '/admin/apis/:id/versions/:version': '+ + + -',
  '/admin/apis/:id/disable': '+ + - -',
  '/admin/apis/:id/delete': '+ + - -',
  '/admin/organizations': '+ + + +',
  '/admin/organizations/new': '+ + - -',
  '/admin/organizations/:id': '+ + + +',
  '/admin/organizations/:id/change': '+ + - -',
  '/admin/approvals': '+ + + -',
  '/admin/approvals/:id': '+ + + -',
  '/admin/organizations/:id/campaign': '+ + + +',
  '/admin/campaign': '+ + + +',
  '/admin/campaign/organizations': '+ + + +',
  '/admin/campaign/dates': '+ + - -',
  '/admin/campaign/migration': '+ - + +',
  '/admin/campaign/texts': '+ + + +',
  '/admin/audit': '+ - + -',
  '/admin/audit/export': '+ - + -',
  '/admin/deliveries': '+ - + +',
  '/admin/keys': '+ - - -',
  '/admin/keys/rotate': '+ - - -',
}

/** Acts on something that there is not here, or that is another's: their verbs are in the matrix of test/unit/admin. */
const ELSEWHERE = [
  /^\/admin\/people\/:id\/\w/,
  /^\/admin\/(?:cases|deliveries)\/:/,
  /\/(?:enable|merge|adopt|release)$/,
  /\/secrets\/:secret$/,
  /^\/admin\/organizations\/:id\/disable$/,
  // Of a file that was sent.
  /^\/admin\/invitations\/plan$/,
]

clockOfAllTests()

const here = forAllTests(() => world())
const staff = new Map<Role, Someone>()
const PARTS: Record<string, string> = {}

beforeAll(async () => {
  for (const role of ROLES) staff.set(role, await colleague(here.app, role))
  const { clients } = here.app.core.admin
  const { client_secret: _env, ...fields } = record('guarded', { protected: true }, here.apps.origin)
  await clients.add(fields, { actor: 'root', via: 'command-line' })
  const asked = await clients.change(
    'guarded',
    { fields: { minimum_acr: 'mfa' } },
    { actor: 'root', via: 'command-line' },
  )
  PARTS.applications = 'guarded'
  PARTS.approvals = `guarded.${asked.ok ? asked.proposal?.id : ''}`
  const indicator = 'https://looked-at.example.org/'
  await here.app.core.admin.resources.add(
    { indicator, scopes: ['looked:at'] },
    { actor: 'root', via: 'command-line', mayEmpower: true },
  )
  PARTS.apis = Buffer.from(indicator).toString('base64url')
  PARTS.organizations = await organizationId(here.app, 'Bakkerij')
  const invited = await here.app.core.links.invite({ email: 'looked-at@sigma.example', name: 'Sanne', locale: 'en' })
  PARTS.people = invited.ok ? invited.account.id : ''
  PARTS.invitations = await roundFor(here.app, 'looked-for')
  await here.app.followClients()
  // What waits to be delivered to a colleague is listed to the help desk, who may not send it again.
  await here.app.drain()
})

/** Every address that is opened, as the router has it. */
function addresses(): string[] {
  const signedIn = {
    page: () => () => undefined,
    guarded: () => () => undefined,
    submit: () => () => undefined,
    upload: () => () => undefined,
  }
  const router = adminPages({ signedIn } as unknown as DeskParts)
  expect(router).toBeInstanceOf(Router)
  return router.stack.filter(({ methods }) => methods.includes('GET')).map(({ path }) => String(path))
}

function addressOf(path: string): string {
  const noun = /^\/admin\/([a-z]+)/.exec(path)?.[1] ?? ''
  return path.replace(/:id|:round/, PARTS[noun] ?? '').replace(':version', '1')
}

test('every page is placed, and nothing else', () => {
  const pages = addresses().filter((path) => !ELSEWHERE.some((pattern) => pattern.test(path)))
  expect(pages.sort()).toEqual(Object.keys(TABLE).sort())
})

describe.each(Object.entries(TABLE))('%s', (path, row) => {
  test(row, async () => {
    const seen: string[] = []
    for (const role of ROLES) {
      const who = staff.get(role) as Someone
      await visit(here.app, who, addressOf(path))
      expect([role, who.browser.page.status]).toEqual([role, who.browser.page.status === 200 ? 200 : 403])
      seen.push(who.browser.page.status === 200 ? '+' : '-')
    }
    expect(seen.join(' ')).toBe(row)
  })
})

test('nobody is led to a page that does not open for them', async () => {
  for (const role of ROLES) {
    const who = staff.get(role) as Someone
    const seen = new Set<string>()
    const waiting = ['/admin']
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (seen.has(path) || seen.size > 60) continue
      seen.add(path)
      await visit(here.app, who, path)
      expect([role, path, who.browser.page.status]).toEqual([role, path, 200])
      for (const [, href = ''] of who.browser.page.html.matchAll(/href="(\/admin[^"?#]*)"/g)) waiting.push(href)
    }
    expect(seen.size).toBeGreaterThan(2)
  }
})

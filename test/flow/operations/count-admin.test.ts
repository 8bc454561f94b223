/**
 * How often the lists of administration ask the store, exactly, with few rows and with many: a new query shows here
 * first. Every page looks up the session and the person who opens it, and leaves one line in the trail.
 */
import { beforeAll, expect, test } from 'vitest'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { countedStore } from '../../support/app/counted-store.ts'
import { record } from '../../support/oidc/client-records.ts'
import { world } from '../../support/oidc/relying-party.ts'
import { colleague, visit } from '../../support/people/help-desk.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const MANY = 120

const counted = countedStore()
clockOfAllTests()
const here = forAllTests(() => world({ instrument: counted.instrument }))
let olga: Someone

beforeAll(async () => {
  olga = await colleague(here.app, 'owner')
})

async function asked(path: string): Promise<Record<string, number>> {
  const counts = await counted.during(() => visit(here.app, olga, path))
  expect([path, olga.browser.page.status]).toEqual([path, 200])
  return counts
}

/** Of every page. */
const PAGE = { 'findArtifact Session': 2, 'people.find': 1, appendAudit: 1 }

const LISTS: Array<[path: string, queries: Record<string, number>]> = [
  ['/admin', { 'people.list': 1 }],
  ['/admin/people?q=sanne', { 'people.search': 1 }],
  ['/admin/people', { 'people.list': 1 }],
  ['/admin/people?status=active&twoStep=on&role=owner', { 'people.list': 1 }],
  ['/admin/cases', { 'people.list': 1 }],
  // From memory.
  ['/admin/applications', {}],
  ['/admin/applications?text=house', {}],
  ['/admin/organizations', { 'organizations.list': 1 }],
  // Taken up just before: whoever was called by a colleague finds it.
  ['/admin/approvals', { 'clients.list': 1, 'resources.list': 1 }],
  // The records, and the names of those in them.
  ['/admin/audit', { lookAtAudit: 1, 'people.findMany': 1 }],
  ['/admin/audit?application=house', { lookAtAudit: 1 }],
  ['/admin/deliveries', { listParcels: 1, 'people.findMany': 1 }],
  ['/admin/keys', { loadKeys: 1 }],
]

test.each(LISTS)('%s', async (path, queries) => {
  expect(await asked(path)).toEqual({ ...PAGE, ...queries })
  expect(Object.keys(queries).length).toBeLessThanOrEqual(3)
})

test('as often with many as with few', async () => {
  const { core } = here.app
  const chris = { actor: 'chris', via: 'pages' }
  for (let n = 0; n < MANY; n += 1) {
    const { client_secret: _env, ...fields } = record(`many${n}`, { protected: true }, here.apps.origin)
    await core.admin.clients.add(fields, chris)
    await core.admin.clients.change(`many${n}`, { fields: { minimum_acr: 'mfa' } }, chris)
    await core.links.invite({ email: `many${n}@sigma.example`, name: `Many ${n} Sanne`, locale: 'en' })
    await core.record({ type: 'sign-in.completed', outcome: 'ok', actor: olga.email, client: 'house' })
  }
  for (const [path, queries] of LISTS) {
    const counts = await asked(path)
    // Names are looked up in one go, where there are any.
    expect([path, counts]).toEqual([path, { ...PAGE, 'people.findMany': counts['people.findMany'], ...queries }])
    expect(counts['people.findMany'] ?? 0).toBeLessThanOrEqual(1)
  }
})

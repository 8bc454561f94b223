/** What the pages of organizations are shown with in tests. */
import { PHASES, STATUSES } from '../../../src/admin/organization.ts'
import type { PageData } from '../../../src/render/views.ts'
import { desk } from './desk-page.ts'

type Sample = [view: string, data: PageData]

const AT = Date.UTC(2026, 10, 20, 9, 30)
const DAY = 24 * 60 * 60 * 1000
const page = { ...desk('organizations'), back: '/admin/organizations/3f0c2b1e' }

const bakery = {
  id: '3f0c2b1e-7d1a-4a53-9e0a-1c5b8c2f6a77',
  name: 'Bakkerij de Vries',
  href: '/admin/organizations/3f0c2b1e',
  number: '4711' as string | undefined,
  status: 'active',
  phase: 'offered',
  version: 3,
  domains: ['devries.example', 'xn--80ajpngj0i.xn--p1ai'],
  contacts: ['hr@devries.example'],
  campaign: { startsAt: AT, deadlineAt: AT + 30 * DAY } as { startsAt: number; deadlineAt?: number } | undefined,
  mergedInto: undefined,
  people: 340,
  createdAt: AT - 900 * DAY,
  changedAt: AT,
}
const bare = { ...bakery, number: undefined, domains: [], contacts: [], campaign: undefined, people: 0, phase: 'none' }
const long = 'Administratiekantoor Van der Wetering-Oosterhuis en Partners Beheer BV te Bergen'
const listed = STATUSES.flatMap((status, index) =>
  PHASES.map((phase) => ({ ...bakery, name: index ? long : bakery.name, status, phase })),
)
const choices = { status: STATUSES, campaign: PHASES }
const list = { ...page, typed: {}, narrowed: false, choices, organizations: listed, may: { add: true } }
const typed = {
  name: bakery.name,
  number: '4711',
  domains: 'devries.example\nbakery.example',
  contacts: '',
  start: '2026-12-01',
  deadline: '',
}
const empty = { name: '', number: '', domains: '', contacts: '', start: '', deadline: '' }
const form = { ...page, typed, faults: [] as string[] }
const change = { ...form, name: bakery.name, version: 3, was: typed }
const changes = Object.keys(typed).map((field) => ({ field, from: 'a.example\nb.example', to: '' }))
const actions = ['change', 'merge', 'disable', 'enable'].map((name) => ({
  name,
  href: `/admin/organizations/x/${name}`,
}))
const end = { ...page, organization: bakery, does: 'disable', changed: false }
const merge = { ...page, organization: bakery, other: { ...bare, name: long }, again: '/again', refused: undefined }

export const ORGANIZATION_PAGES: Sample[] = [
  ['admin/organization/list', { ...list, next: '/admin/organizations?after=3f0c2b1e' }],
  ['admin/organization/list', { ...list, organizations: [], may: {} }],
  [
    'admin/organization/list',
    {
      ...list,
      organizations: [],
      narrowed: true,
      typed: { text: 'baker', status: 'active', campaign: 'planned' },
      first: '/admin/organizations',
    },
  ],
  ['admin/organization/show', { ...page, organization: bakery, actions, auditHref: '/admin/audit', notice: 'saved' }],
  ['admin/organization/show', { ...page, organization: bare, actions: [], notice: 'organization-added' }],
  ['admin/organization/show', { ...page, organization: { ...bare, phase: 'required' }, actions: actions.slice(0, 1) }],
  [
    'admin/organization/show',
    { ...page, organization: { ...bare, status: 'merged' }, into: { name: long, href: '/x' }, actions: [] },
  ],
  ['admin/organization/form', { ...form, typed: empty }],
  ['admin/organization/form', { ...form, faults: Object.keys(typed) }],
  ['admin/organization/form', { ...form, faults: ['name'], taken: { field: 'name', holder: 'De Vries BV' } }],
  ['admin/organization/form', { ...form, faults: ['domains'], taken: { field: 'domains', holder: undefined } }],
  ['admin/organization/form', change],
  ['admin/organization/form', { ...change, typed: { ...typed, start: '2026-12-01T08:00:00.000Z' }, unchanged: true }],
  ['admin/organization/form', { ...change, conflict: true, meanwhile: changes }],
  ['admin/organization/form', { ...change, conflict: true, meanwhile: [] }],
  ['admin/organization/review', { ...change, changes }],
  ['admin/organization/end', end],
  ['admin/organization/end', { ...end, changed: true, organization: bare }],
  ['admin/organization/end', { ...end, does: 'enable', organization: { ...bakery, status: 'disabled' } }],
  ['admin/organization/other', { ...page, organization: bakery, text: '', others: [] }],
  ['admin/organization/other', { ...page, organization: bakery, text: 'notary', others: [] }],
  ['admin/organization/other', { ...page, organization: bakery, text: 'vries', others: listed.slice(0, 3) }],
  ['admin/organization/merge', merge],
  ...['changed-meanwhile', 'same', 'disabled', 'merged', 'unheard-of'].map(
    (refused): Sample => ['admin/organization/merge', { ...merge, organization: bare, refused }],
  ),
]

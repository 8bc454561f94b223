/** What the pages of APIs are shown with in tests. */
import type { PageData } from '../../../src/render/views.ts'
import { CONNECTIONS } from './connect-pages.ts'
import { desk } from './desk-page.ts'

type Sample = [view: string, data: PageData]

const AT = Date.UTC(2026, 10, 20, 9, 30)
const page = { ...desk('apis'), base: '/admin/apis/x', back: '/admin/apis/x' }
const definition = {
  indicator: 'https://payroll.example.org/api',
  scopes: ['payroll:read', 'payroll:approve'],
  format: 'opaque',
  introspected_by: [],
}
const api = {
  resource: definition.indicator,
  status: 'active',
  owner: { kind: 'store' } as object,
  version: 3,
  applications: [{ client: 'roster', name: 'Roster', status: 'active', href: '/admin/applications/roster' }],
}
const facts = Object.entries(definition).map(([field, value]) => ({ field, value }))
const show = { ...page, api, facts, applications: api.applications, acts: ['change', 'disable', 'delete'] }
const listed = ['active', 'disabled', 'deleted'].map((status, index) => ({
  ...{ resource: definition.indicator, scopes: definition.scopes, status, href: '/admin/apis/x' },
  format: index ? 'jwt' : 'opaque',
}))
const typed = { scopes: 'payroll:read\npayroll:all', format: 'opaque', introspected_by: '', read: '2' }
const form = { ...page, typed, faults: [] as object[], refused: undefined as string | undefined }
const faults = ['indicator', 'scopes', 'introspected_by', 'format', 'other'].map((field) => ({
  ...{ field, path: `${field}[0]`, code: field === 'scopes' ? 'duplicate' : 'type', reason: 'is there twice' },
}))
const changes = [
  { field: 'scopes', from: ['a'], to: ['b'], list: { removed: ['a'], added: ['b'], stay: 1 } },
  { field: 'format', from: 'jwt', to: 'opaque' },
  { field: 'introspected_by', from: [], to: ['roster'], list: { removed: [], added: ['roster'], stay: 0 } },
]
const meanwhile = [{ version: 3, at: AT, via: 'api', by: { kind: 'client', code: 'deployer' }, changes }]
const versions = [
  { ...meanwhile[0], version: 3, href: false },
  { ...meanwhile[0], version: 2, href: '/admin/apis/x/versions/2', by: { text: 'Chris' } },
  { ...meanwhile[0], version: 1, href: '/admin/apis/x/versions/1', via: 'file' },
]

export const API_PAGES: Sample[] = [
  ['admin/api/list', { ...page, apis: listed, may: { add: true }, notice: 'api-deleted' }],
  ['admin/api/list', { ...page, apis: [], may: {} }],
  ['admin/api/show', { ...show, connection: CONNECTIONS[0], changeHref: '/admin/apis/x/change', notice: 'api-added' }],
  [
    'admin/api/show',
    { ...show, api: { ...api, owner: { kind: 'file', file: 'clients.yaml', line: 3 } }, applications: [], acts: [] },
  ],
  ['admin/api/form', { ...form, typed: { format: 'jwt' } }],
  ['admin/api/form', { ...form, faults }],
  ...['id-taken', 'deleted', 'moved', 'owned-by-file', 'too-many-proposals'].map(
    (refused): Sample => ['admin/api/form', { ...form, refused }],
  ),
  ['admin/api/form', { ...form, api }],
  ['admin/api/changes', { ...form, api, changes, version: 3 }],
  ['admin/api/changes', { ...form, api, changes: [], version: 3 }],
  ['admin/api/changes', { ...form, api, changes, version: 3, meanwhile }],
  ['admin/api/versions', { ...page, api, versions, current: 3 }],
  ['admin/api/version', { ...page, api, to: 1, changes, faults: [] }],
  ['admin/api/version', { ...page, api, to: 1, changes: [], faults: [] }],
  ['admin/api/version', { ...page, api, to: 1, changes: [], faults, meanwhile }],
  ...['disable', 'enable', 'delete'].map((does): Sample => ['admin/api/act', { ...page, api, does }]),
  ['admin/api/act', { ...page, api, does: 'enable', taken: true }],
  ['admin/api/act', { ...page, api, does: 'disable', meanwhile }],
]

/** What pages that connect an application or an API are shown with in tests. */
import type { PageData } from '../../../src/render/views.ts'
import { shownConnection } from '../../../src/web/admin/applications/connect.ts'
import { desk } from './desk-page.ts'

type Sample = [view: string, data: PageData]

const AUTHLIB = {
  library: 'authlib',
  title: 'Authlib <script>alert(1)</script>',
  about: ['For Flask, by `pip install Authlib <b>`; the registration is the same for Django.'],
  environment: [
    { name: 'ISSUER', value: 'https://id.sigma.example' },
    { name: 'CLIENT_SECRET', env: undefined as string | undefined },
    { name: 'SCOPE', value: "payroll:read payroll:'all'" },
  ],
  needs: [{ field: 'redirect_uris', to: ['https://roster.example.org/callback'] as unknown }],
  parts: [
    { text: ['Once, at the start:'], kind: 'python', code: 'oauth.register("sigma", "<script>")\n\nif x:\n    y()' },
  ],
  rest: ['It has no `back-channel`.'],
}
const bare = {
  ...AUTHLIB,
  needs: [],
  rest: [],
  environment: [{ name: 'CLIENT_SECRET', env: 'ROSTER_CLIENT_SECRET' }],
}
export const CONNECTIONS = [AUTHLIB, bare].map(shownConnection)

const sections = ['overview', 'connect'].map((name) => ({ name, href: '/x', current: name === 'connect' }))
const head = { id: 'roster', name: 'Roster', kind: 'web', status: 'active', pending: 0, sections }
const libraries = ['authlib', 'goth'].map((library) => ({ library, title: library }))
const page = {
  ...desk('applications'),
  head,
  libraries,
  library: 'goth',
  changeHref: '/admin/applications/roster/change',
}

export const CONNECT_PAGES: Sample[] = [
  ...CONNECTIONS.map((connection): Sample => ['admin/application/connect', { ...page, connection }]),
  ['admin/application/connect', { ...page, connection: CONNECTIONS[0], changeHref: false }],
  ['admin/application/connect', { ...page, libraries: [], connection: undefined }],
]

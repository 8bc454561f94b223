/** Every address of the front end with its method, and what guards it. */

/**
 * `page`: anybody may look. `token`: the form of this browser only, by its CSRF token. `link`: JSON, for whoever sees the
 * page of an open link. `sitting`: the same for a page of an open sitting. `own`: the house's pages, for whoever is signed
 * in; a form needs its token before anything else. `own-json`: the same, without a form, so without a token. `own-large`:
 * a form with a file, or a long one, which is read only of whoever is signed in; then its token counts as of any other.
 */
export type Guard = 'page' | 'token' | 'link' | 'sitting' | 'own' | 'own-json' | 'own-large'

const each = (guard: Guard, ...doors: string[]) => doors.map((door) => [door, guard] as const)
/** A page of the settings or of administration, with the form on it. */
const forms = (prefix: string, ...paths: string[]) =>
  paths.flatMap((path) => each('own', `GET ${prefix}${path}`, `POST ${prefix}${path}`))

const largeForms = (prefix: string, ...paths: string[]) =>
  paths.flatMap((path) => [...each('own', `GET ${prefix}${path}`), ...each('own-large', `POST ${prefix}${path}`)])

export const DOORS: Record<string, Guard> = Object.fromEntries([
  ...each(
    'page',
    'GET /assets/:name',
    'GET /favicon.ico',
    'GET /logo/:name',
    'GET /',
    'GET /.well-known/change-password',
    'GET /dev/outbox',
    'GET /dev/outbox.json',
  ),

  ...each('page', 'GET /interaction/:uid', 'GET /interaction/:uid/:prompt', 'GET /interaction/:uid/:prompt/:page'),
  ...each('token', 'POST /interaction/:uid/:prompt', 'POST /interaction/:uid/:prompt/:page'),
  ...each('sitting', 'POST /interaction/:uid/password/check'),

  ...each(
    'page',
    'GET /activate',
    'GET /activate/set',
    'GET /activate/again',
    'GET /activate/sign-out',
    'GET /activate/:token',
  ),
  ...each('token', 'POST /activate/set', 'POST /activate/again', 'POST /activate/sign-out'),
  ...each('link', 'POST /activate/check'),

  ...each(
    'page',
    'GET /recover',
    'GET /recover/set',
    'GET /recover/again',
    'GET /recover/sign-out',
    'GET /recover/:token',
  ),
  ...each('token', 'POST /recover', 'POST /recover/set', 'POST /recover/again', 'POST /recover/sign-out'),
  ...each('link', 'POST /recover/check'),

  ...each('page', 'GET /undo/:token', 'GET /undo/confirm', 'GET /undo/done'),
  ...each('page', 'GET /recovery/:token', 'GET /recovery/cancel'),
  ...each('token', 'POST /undo/confirm', 'POST /recovery/cancel'),

  // Where the dispatcher sends people back to: without the cookie of the trip it leads nowhere.
  ...each('page', 'GET /account/callback', 'GET /admin/callback'),
  ...each('own', 'GET /account', 'GET /account/two-step'),
  ...each('page', 'GET /account/password/check'),
  ...each('own-json', 'POST /account/password/check'),
  ...forms('/account', '/password', '/email', '/email/code', '/language', '/data', '/sign-out-everywhere'),
  ...forms('/account/notice-address', '', '/code', '/remove'),
  ...forms('/account/apps', '/new', '/scan', '/code', '/:id/move', '/:id/rename', '/:id/remove'),
  ...forms('/account/passkeys', '/new', '/:id/rename', '/:id/remove'),
  ...forms('/account/phone', '', '/code', '/remove'),
  ...forms('/account/backup-code', '', '/saved'),
  ...forms('/account', '/devices/forget', '/devices/:id/forget', '/sessions/:handle/end', '/applications/:id/remove'),

  ...each('own', 'GET /admin', 'GET /admin/people', 'GET /admin/people/:id', 'GET /admin/cases', 'GET /admin/audit'),
  ...each('own', 'GET /admin/deliveries', 'GET /admin/keys'),
  ...each('own', 'GET /admin/confirmed', 'GET /admin/applications'),
  ...each('own', ...['', '/yaml', '/versions'].map((path) => `GET /admin/applications/:id${path}`)),
  ...largeForms('/admin/applications', '/new', '/:id/change'),
  ...forms('/admin/applications/:id', '/doctor', '/secrets', '/secrets/:secret', '/versions/:version'),
  ...each('own', 'GET /admin/applications/:id/logo'),
  ...each('own-large', 'POST /admin/applications/:id/logo'),
  ...forms('/admin/applications/:id', '/logo/remove', '/disable', '/enable', '/adopt', '/release', '/delete'),
  ...each(
    'own',
    'GET /admin/applications/:id/connect',
    'GET /admin/applications/:id/sign-ins',
    'GET /admin/apis',
    'GET /admin/organizations',
  ),
  ...each('own', 'GET /admin/apis/:id', 'GET /admin/apis/:id/versions', 'GET /admin/organizations/:id'),
  ...each('own', 'GET /admin/approvals'),
  ...each('own', 'GET /admin/invitations', 'GET /admin/invitations/:round', 'GET /admin/invitations/new'),
  ...each('own-large', 'POST /admin/invitations/new'),
  ...largeForms('/admin/invitations', '/plan'),
  ...forms('/admin/invitations', '/:round/resend', '/:round/withdraw'),
  ...forms('/admin', '/apis/new', '/organizations/new', '/approvals/:id'),
  ...forms('/admin/apis/:id', '/change', '/disable', '/enable', '/delete', '/versions/:version'),
  ...each('own', ...['', '/organizations', '/migration', '/texts'].map((path) => `GET /admin/campaign${path}`)),
  ...each('own', 'GET /admin/organizations/:id/campaign'),
  ...forms('/admin/campaign', '/dates'),
  ...forms('/admin/organizations/:id', '/change', '/disable', '/enable', '/merge'),
  ...forms('/admin', '/people/invite', '/cases/:number', '/audit/export', '/deliveries/:id', '/keys/rotate'),
  ...forms('/admin/people', '/export', '/:id/change', '/:id/email', '/:id/roles', '/:id/more-time'),
  ...forms('/admin/people/:id', '/move', '/resend-activation', '/sign-out', '/disable', '/enable', '/data', '/delete'),
])

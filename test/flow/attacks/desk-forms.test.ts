/** J-14: every form of administration, sent from elsewhere in the browser of an owner who did not mean to. */
import { beforeAll, expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { DOORS } from '../../support/attack/doors.ts'
import { asked } from '../../support/people/asked-people.ts'
import { standing, tokensFor } from '../../support/people/desk.ts'
import {
  apiFor,
  applicationFor,
  approvalFor,
  bodyFor,
  filledIn,
  hasFile,
  organizationFor,
  roundFor,
} from '../../support/people/desk-forms.ts'
import { askForHelp, colleague, type LockedOut, lockedOut, visit } from '../../support/people/help-desk.ts'
import { forAllTests } from '../../support/runner/made.ts'

/** The tokens of another owner, in another browser. */
let foreign: { csrf: string; for: string }
let count = 0

clockOfAllTests()

const app = forAllTests(startApp)
const olga = forAllTests(() => colleague(app, 'owner'))
beforeAll(async () => {
  foreign = await tokensFor(app, await colleague(app, 'owner'))
})

const posts = Object.keys(DOORS).filter((door) => door.startsWith('POST /admin/'))

/** The address of this form for somebody on whom all of it could be done, and its tokens. */
async function prepare(door: string): Promise<{ path: string; own: { csrf: string; for: string }; sanne: LockedOut }> {
  count += 1
  const sanne = await lockedOut(app, `sanne${count}@sigma.example`)
  const number = await askForHelp(sanne.browser)
  if (door.endsWith('/people/:id/enable'))
    await app.core.admin.life.disable(await accountOf(sanne), { actor: undefined, source: undefined })
  await visit(app, olga, '/admin')
  const id = await idFor(door, sanne)
  const secret = (await app.core.store.durable.clients.find(id))?.secrets[0]?.id ?? ''
  const path =
    app.origin +
    door
      .replace('POST ', '')
      .replace(/:id|:round/, id)
      .replace(':number', number)
      .replace(':secret', secret)
      .replace(':version', '1')
  return { path, own: await tokensFor(app, olga), sanne }
}

/** Of what the form is about, made for it. */
async function idFor(door: string, sanne: LockedOut): Promise<string> {
  const [noun, act] = [door.split('/')[2], door.split('/').at(-1) ?? '']
  const name = `app-${count}`
  if (noun === 'deliveries') return deliveryTo(sanne)
  if (noun === 'applications') return applicationFor(app, name, act)
  if (noun === 'apis') return apiFor(app, name, act)
  if (noun === 'approvals') return approvalFor(app, name)
  if (noun === 'invitations') return roundFor(app, name)
  if (noun === 'organizations') return organizationFor(app, name, act)
  if (act === 'move' || noun === 'campaign') await organizationFor(app, name, act)
  return sanne.id
}

/** A mail that waits for tomorrow. */
async function deliveryTo({ id, email }: LockedOut): Promise<string> {
  const { store, wrap, now } = app.core
  const parcel = {
    ...wrap('email', { to: email, subject: 'x', text: 'x', html: 'x' }, id),
    dueAt: now() + 24 * 3_600_000,
  }
  await store.durable.enqueue([parcel])
  return parcel.id
}

async function accountOf({ id }: LockedOut) {
  const account = await asked(app.core.store.durable.people).findAccount(id)
  if (!account) throw new Error(`no account ${id}`)
  return account
}

async function statusOf(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const body = await bodyFor(path, { ...filledIn(path), ...fields })
  return (await olga.browser.copy().request('POST', path, body, headers)).status
}

test.each(posts)(
  'J-14 %s is refused from another site, without its token, and with the token of anybody else',
  async (door) => {
    const { path, own } = await prepare(door)
    const before = standing(app)
    const from: Array<Record<string, string>> = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]
    for (const headers of from) expect(await statusOf(path, own, headers), JSON.stringify(headers)).toBe(403)
    for (const csrf of ['', 'x', foreign.csrf, olga.browser.cookie('sigma-form') ?? ''])
      expect(await statusOf(path, { ...own, csrf }), `token ${csrf}`).toBe(403)
    for (const name of ['', 'x', foreign.for])
      expect(await statusOf(path, { ...own, for: name }), `for ${name}`).toBe(403)
    const other = hasFile(path) ? 'application/x-www-form-urlencoded' : 'multipart/form-data'
    for (const type of ['text/plain', other, 'application/json'])
      expect(await statusOf(path, own, { 'content-type': type })).toBe(415)
    for (const name of ['x', 'csrf2', 'role', 'note2', '__proto__', 'constructor', '']) {
      // 404: a choice of the form's own that there is not.
      expect([400, 404], `a field called ${name}`).toContain(await statusOf(path, { ...own, [name]: 'x' }))
    }
    expect(standing(app)).toEqual(before)

    // With what belongs to it it is done: what is above could fail.
    const status = await statusOf(path, own)
    expect([200, 303, 409]).toContain(status)
    // A copy of the trail, and a plan, leave a line in the trail and change nothing else.
    if (status !== 409 && !door.endsWith('/export') && !door.endsWith('/invitations/new'))
      expect(standing(app)).not.toEqual(before)
  },
)

test('J-14 a new password is judged for the page that it is typed on, and for no other site', async () => {
  await visit(app, olga, '/account')
  const ask = (type: string, headers: Record<string, string> = {}) =>
    fetch(`${app.origin}/account/password/check`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        cookie: olga.browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
        'content-type': type,
        ...headers,
      },
      body: JSON.stringify({ password: 'x' }),
    })
  expect((await ask('application/json')).status).toBe(200)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
    expect((await ask(type)).status).toBe(415)
  expect((await ask('application/json', { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await ask('application/json', { origin: 'https://evil.example' })).status).toBe(403)
})

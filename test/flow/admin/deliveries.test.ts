/** What goes out, and the keys that sign, on their pages: what is told, what is not, and what a role may do about it. */
import { beforeAll, describe, expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { told } from '../../support/app/settings.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

type Staff = Someone & { id: string }

clockOfAllTests()

const app = forAllTests(startApp)
let olga: Staff
let hanna: Staff
let anna: Staff
let chris: Staff
let sanne: { id: string; email: string }
let count = 0

beforeAll(async () => {
  olga = await colleague(app, 'owner')
  hanna = await colleague(app, 'help-desk')
  anna = await colleague(app, 'auditor')
  chris = await colleague(app, 'client-admin')
  const invited = await app.core.links.invite({ email: 'sanne@sigma.example', name: 'Sanne de Vries', locale: 'en' })
  if (!invited.ok) throw new Error(invited.reason)
  sanne = invited.account
  await app.drain()
})

const page = (who: Someone) => text(who.browser.page)

/** A mail that was not taken: put off, or given up. */
async function untaken(reason: string, to: { id: string; email: string } = sanne, givenUp = false): Promise<string> {
  count += 1
  const { store, wrap, now } = app.core
  const parcel = wrap(
    'email',
    { to: to.email, subject: `canary-${count}`, text: 'canary-text', html: 'canary-html' },
    to.id,
  )
  await store.durable.enqueue([parcel])
  // Whatever else waits is put off too: nobody carries it meanwhile.
  for (const { id, attempt } of await store.durable.claim(now(), now() + 60_000, 100)) {
    if (givenUp && id === parcel.id) await store.durable.giveUp(id, attempt, reason, now())
    else await store.durable.postpone(id, attempt, now() + 3_600_000, reason)
  }
  return parcel.id
}

test('what waits, for whom, how often it was tried and why it was not taken; never what is in it', async () => {
  await untaken('smtp-451')
  await visit(app, hanna, '/admin/deliveries')
  expect(page(hanna)).toMatch(/Mail.*Sanne de Vries sanne@sigma\.example.*1.*It was not taken smtp-451/)
  expect(hanna.browser.page.html).not.toContain('canary')
})

test('what was given up is sent all the same, and then it is gone', async () => {
  const id = await untaken('timed-out', sanne, true)
  await visit(app, hanna, '/admin/deliveries?state=failed')
  expect(page(hanna)).toContain('The other side did not answer timed-out')
  expect(hanna.browser.page.html).toContain(`/admin/deliveries/${id}`)
  const canary = `canary-${count}`
  await visit(app, hanna, `/admin/deliveries/${id}`)
  await send(hanna)
  expect(told(hanna.browser)).toBe('It is being sent now.')
  expect((await app.inbox()).map(({ subject }) => subject)).toContain(canary)
  await visit(app, hanna, '/admin/deliveries?state=failed')
  expect(hanna.browser.page.html).not.toContain(id)
  const [last] = await app.core.admin.trail.lookAtAudit({ by: { finder: 'subject', value: sanne.id }, limit: 1 })
  expect([last?.actor, last?.details]).toEqual([hanna.id, '{"verb":"delivery:retry","via":"pages"}'])
})

test('what was delivered meanwhile is not sent a second time', async () => {
  const id = await untaken('timed-out', sanne, true)
  await visit(app, hanna, `/admin/deliveries/${id}`)
  const other = hanna.browser.copy()
  const form = hanna.browser.forms().find(({ fields }) => fields.csrf)?.fields ?? {}
  await send(hanna)
  await app.inbox()
  expect((await other.post(`${app.origin}/admin/deliveries/${id}`, form)).status).toBe(404)
})

test('an auditor looks and has nothing to press, the help desk does nothing for an owner, others do not come in', async () => {
  const [mine, hers] = [await untaken('smtp-451'), await untaken('smtp-451', olga)]
  await visit(app, anna, '/admin/deliveries')
  expect(page(anna)).toContain('Sanne de Vries')
  expect(anna.browser.page.html).not.toMatch(/\/admin\/deliveries\/[\w-]{36}/)
  await visit(app, anna, `/admin/deliveries/${mine}`)
  expect([anna.browser.page.status, page(anna)]).toEqual([
    403,
    expect.stringContaining('Your role does not allow this.'),
  ])
  await visit(app, hanna, `/admin/deliveries/${hers}`)
  expect(hanna.browser.page.status).toBe(403)
  await visit(app, chris, '/admin/deliveries')
  expect(chris.browser.page.status).toBe(403)
  await visit(app, olga, `/admin/deliveries/${mine}`)
  expect(olga.browser.page.status).toBe(200)
})

test('many that wait: fifty on a page, each once', async () => {
  const { store, wrap, now } = app.core
  const put = Array.from({ length: 120 }, () => ({
    ...wrap('email', { to: sanne.email, subject: 'x', text: 'x', html: 'x' }, sanne.id),
    dueAt: now() + 3_600_000,
  }))
  await store.durable.enqueue(put)
  await visit(app, olga, '/admin/deliveries')
  const seen: string[] = []
  for (;;) {
    const { html } = olga.browser.page
    const shown = [...html.matchAll(/href="\/admin\/deliveries\/([\w-]{36})"/g)].map(([, id = '']) => id)
    expect(shown.length).toBeLessThanOrEqual(50)
    seen.push(...shown)
    const next = /href="([^"]+)">Next page</.exec(html)?.[1]
    if (!next) break
    await visit(app, olga, next.replaceAll('&amp;', '&'))
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toEqual(expect.arrayContaining(put.map(({ id }) => id)))
})

describe('keys', () => {
  test('what each is doing, and none of it secret', async () => {
    await visit(app, olga, '/admin/keys')
    for (const words of ['Next', 'Signs', 'RS256', 'ES256']) expect(page(olga)).toContain(words)
    expect(olga.browser.page.html).not.toContain('sealed')
    await visit(app, anna, '/admin/keys')
    expect(anna.browser.page.status).toBe(403)
  })

  test('rotated too early it says so, and is rotated when that is wanted all the same', async () => {
    const before = await app.core.keys.list()
    await visit(app, olga, '/admin/keys/rotate')
    await send(olga)
    expect([olga.browser.page.status, page(olga)]).toEqual([409, expect.stringContaining('less than a day ago')])
    expect(await app.core.keys.list()).toEqual(before)
    await send(olga, { force: 'yes' })
    expect(told(olga.browser)).toBe('The keys were rotated.')
    expect(page(olga)).toContain('Previous')
    const [last] = await app.core.admin.trail.lookAtAudit({ by: { finder: 'type', value: 'key.rotated' }, limit: 1 })
    expect([last?.actor, last?.details]).toEqual([olga.id, '{"forced":true}'])
  })
})

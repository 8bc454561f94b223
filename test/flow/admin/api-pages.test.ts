/** APIs through their pages: added, changed with what changes shown first, put back, disabled, deleted; and by whom not. */
import { expect, test } from 'vitest'
import { changeResource } from '../../../src/admin/resources.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { apiAddress } from '../../../src/web/admin/apis/api.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest } from '../../support/app/clock.ts'
import { at, told } from '../../support/app/settings.ts'
import { tokensFor } from '../../support/people/desk.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { MACHINE } from '../../support/unit/administration.ts'

const app = forAllTests(startApp)
clockOfEachTest()

const status = (who: Someone) => who.browser.page.status
const page = (who: Someone) => text(who.browser.page)
const kept = (indicator: string) => app.core.store.durable.resources.find(indicator)

let nth = 0

/** One more, of which nobody else knows. */
async function api(owner?: object) {
  nth += 1
  const [indicator, scope] = [`https://stock.example.org/${nth}?a=b/c`, `stock${nth}:read`]
  await app.core.admin.resources.add({ indicator, scopes: [scope] }, { actor: 'otto', via: 'pages' })
  if (owner) await app.core.store.durable.resources.change(indicator, (draft) => Object.assign(draft, { owner }))
  return { indicator, scope, path: apiAddress(indicator) }
}

test('it is added; what is wrong stands at its field, and what was typed is not lost', async () => {
  const { scope, indicator: other } = await api()
  nth += 1
  const indicator = `https://added.example.org/${nth}`
  const chris = await colleague(app, 'client-admin')
  await visit(app, chris, '/admin/apis/new')
  await send(chris, { indicator: 'stock', scopes: `${scope} openid` })
  expect(status(chris)).toBe(400)
  expect(page(chris)).toMatch(/not-absolute.*reserved/)
  await send(chris, { indicator, scopes: `mine${nth} ${scope}` })
  expect([status(chris), page(chris)]).toEqual([400, expect.stringContaining('scopes[1]: duplicate')])
  expect(chris.browser.page.html).toContain(`mine${nth} ${scope}`)
  await send(chris, { indicator: other, scopes: `mine${nth}` })
  expect([status(chris), page(chris)]).toEqual([409, expect.stringContaining('There is an API with this indicator')])
  await send(chris, { indicator, scopes: `mine${nth}\r\nalso${nth}`, format: 'opaque', introspected_by: 'portal' })
  expect([at(chris.browser), told(chris.browser)]).toEqual([apiAddress(indicator), 'The API was added.'])
  expect(await kept(indicator)).toMatchObject({
    definition: { scopes: [`mine${nth}`, `also${nth}`], format: 'opaque', introspected_by: ['portal'] },
    versions: [{ actor: chris.id, via: 'pages' }],
  })
  await visit(app, chris, '/admin/apis')
  expect(page(chris)).toContain(indicator)
})

test('a change is shown, saved over what was looked at, and over somebody else’s with what that was', async () => {
  const { indicator, scope, path } = await api()
  const chris = await colleague(app, 'client-admin')
  await visit(app, chris, `${path}/change`)
  // As a browser sends a choice.
  await send(chris, { step: 'review', format: 'jwt' })
  expect(page(chris)).toContain('Nothing is different from what is there.')
  await send(chris, { step: 'edit' })
  await send(chris, { step: 'review', introspected_by: 'portal', format: 'jwt' })
  expect(page(chris)).toMatch(/May ask about tokens.*portal/)
  expect((await kept(indicator))?.version).toBe(1)

  await runVerb(app.core.admin, changeResource, { resource: indicator, format: 'opaque' }, MACHINE)
  await send(chris, { step: 'save' })
  expect(status(chris)).toBe(409)
  expect(page(chris)).toMatch(/Command line root.*Form of tokens.*May ask about tokens.*portal/)
  await send(chris, { step: 'save' })
  expect([at(chris.browser), told(chris.browser)]).toEqual([
    path,
    'The API was changed. It counts everywhere within two seconds.',
  ])
  expect(await kept(indicator)).toMatchObject({
    version: 3,
    definition: { scopes: [scope], format: 'opaque', introspected_by: ['portal'] },
  })

  await visit(app, chris, `${path}/versions`)
  expect(page(chris)).toMatch(/Version 3.*Version 2.*Version 1/)
  await visit(app, chris, `${path}/versions/1`)
  await send(chris)
  expect(at(chris.browser)).toBe(path)
  expect(await kept(indicator)).toMatchObject({ version: 4, definition: { format: 'jwt', introspected_by: [] } })
})

test('disabled, enabled unless another has its scope by now, and deleted for good', async () => {
  const { indicator, scope, path } = await api()
  const chris = await colleague(app, 'client-admin')
  await visit(app, chris, `${path}/disable`)
  await runVerb(app.core.admin, changeResource, { resource: indicator, format: 'opaque' }, MACHINE)
  await send(chris)
  expect([status(chris), page(chris)]).toEqual([409, expect.stringContaining('Form of tokens')])
  await send(chris)
  expect(told(chris.browser)).toBe('The API is disabled.')
  const other = await api()
  await runVerb(app.core.admin, changeResource, { resource: other.indicator, scopes: [scope] }, MACHINE)
  await visit(app, chris, `${path}/enable`)
  await send(chris)
  expect([status(chris), page(chris)]).toEqual([409, expect.stringContaining('Another API has one of its scopes')])
  await runVerb(app.core.admin, changeResource, { resource: other.indicator, scopes: [] }, MACHINE)
  await send(chris)
  expect(told(chris.browser)).toBe('The API is enabled again.')
  await visit(app, chris, `${path}/delete`)
  await send(chris)
  expect([at(chris.browser), told(chris.browser)]).toEqual(['/admin/apis', 'The API was deleted.'])
  await visit(app, chris, `${path}/change`)
  expect(at(chris.browser)).toBe(path)
})

test('what a file owns is shown with file and line, and is only disabled here', async () => {
  const { indicator, path } = await api({ kind: 'file', file: 'clients.yaml', line: 14 })
  const chris = await colleague(app, 'client-admin')
  await visit(app, chris, path)
  expect(page(chris)).toMatch(/clients\.yaml.*14/)
  for (const act of ['change', 'delete']) expect(chris.browser.page.html).not.toContain(`${path}/${act}"`)
  const tokens = await tokensFor(app, chris)
  await chris.browser.post(`${app.origin}${path}/delete`, { ...tokens, version: '1' })
  await chris.browser.post(`${app.origin}${path}/change`, {
    ...tokens,
    scopes: '',
    format: 'jwt',
    read: '1',
    step: 'save',
  })
  expect(await kept(indicator)).toMatchObject({ status: 'active', version: 1 })
  // In an emergency nobody waits for a file.
  await visit(app, chris, `${path}/disable`)
  await send(chris)
  expect(await kept(indicator)).toMatchObject({ status: 'disabled', owner: { kind: 'file' } })
})

test('an auditor looks, the help desk does not; neither changes anything, and odd addresses find nothing', async () => {
  const { indicator, path } = await api()
  const [anna, hanna] = [await colleague(app, 'auditor'), await colleague(app, 'help-desk')]
  await visit(app, anna, path)
  expect(page(anna)).toContain(indicator)
  expect(anna.browser.page.html).not.toContain(`${path}/change`)
  await visit(app, hanna, path)
  expect(status(hanna)).toBe(403)
  for (const who of [anna, hanna]) {
    const tokens = await tokensFor(app, who)
    const forms = { change: { scopes: 'x', format: 'jwt', step: 'save' }, disable: {}, delete: {}, 'versions/1': {} }
    for (const [act, fields] of Object.entries(forms)) {
      await who.browser.post(`${app.origin}${path}/${act}`, { ...tokens, ...fields })
      expect([act, status(who)]).toEqual([act, 403])
    }
    await who.browser.post(`${app.origin}/admin/apis/new`, { ...tokens, indicator: 'https://x.example/', scopes: 'x' })
    expect(status(who)).toBe(403)
  }
  expect((await kept(indicator))?.version).toBe(1)
  for (const odd of ['x', 'aHR0cHM', '%00', 'a'.repeat(3000), `${path.split('/').at(-1)}=`]) {
    await visit(app, anna, `/admin/apis/${odd}`)
    expect([odd.slice(0, 9), status(anna)]).toEqual([odd.slice(0, 9), 404])
  }
})

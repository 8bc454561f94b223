/** Organizations through their pages: found, added, changed, disabled and merged, and by whom not. */
import { describe, expect, test } from 'vitest'
import { addOrganization, changeOrganization } from '../../../src/admin/organizations.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { CLOCKS_APART } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { countedStore } from '../../support/app/counted-store.ts'
import { at, told } from '../../support/app/settings.ts'
import { tokensFor } from '../../support/people/desk.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { organizationId } from '../../support/people/organizations.ts'
import { text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { MACHINE } from '../../support/unit/administration.ts'

const LIST = '/admin/organizations'

const counted = countedStore()
const app = forAllTests(() => startApp({ instrument: counted.instrument }))
clockOfEachTest()

const status = (who: Someone) => who.browser.page.status
const page = (who: Someone) => text(who.browser.page)
const href = (path: string) => `href="${path.replaceAll('&', '&amp;')}"`

/** Whoever may look may look at its campaign. */
const withoutForecast = ({ browser }: Someone, path: string) => browser.page.html.replace(`${path}/campaign`, '')

let nth = 0

/** One more, of which nobody else knows. */
async function organization(more: (own: number) => Parameters<typeof organizationId>[2] = () => ({})) {
  nth += 1
  const name = `Bakkerij ${nth}`
  const id = await organizationId(app, name, more(nth))
  return { id, name, path: `${LIST}/${id}` }
}

const kept = (id: string) => app.core.store.durable.organizations.find(id)

/** A fields of the form that stands there, with others in their place. */
async function press(who: Someone, does: string, fields: Record<string, string> = {}): Promise<void> {
  await send(who, { ...fields, does })
}

describe('who may', () => {
  test('the help desk and an auditor look, and change nothing', async () => {
    const { path, name, id } = await organization()
    const hanna = await colleague(app, 'help-desk')
    await visit(app, hanna, path)
    expect(page(hanna)).toContain(name)
    expect(withoutForecast(hanna, path)).not.toContain(`${path}/`)
    await visit(app, hanna, LIST)
    expect(hanna.browser.page.html).not.toContain(`${LIST}/new`)
    const tokens = await tokensFor(app, hanna)
    const forms = { change: { name: 'Ours', does: 'save', version: '1' }, disable: {}, merge: { into: id } }
    for (const [act, fields] of Object.entries(forms)) {
      await hanna.browser.post(`${app.origin}${path}/${act}`, { ...tokens, ...fields })
      expect([act, status(hanna)]).toEqual([act, 403])
    }
    await hanna.browser.post(`${app.origin}${LIST}/new`, { ...tokens, name: 'Ours' })
    expect(status(hanna)).toBe(403)
    expect(await kept(id)).toMatchObject({ name, status: 'active', version: 1 })

    const anna = await colleague(app, 'auditor')
    await visit(app, anna, path)
    expect(page(anna)).toContain(name)
    expect(withoutForecast(anna, path)).not.toContain(`${path}/`)
  })

  test('one that is not there is not found, whatever is asked of it', async () => {
    const chris = await colleague(app, 'client-admin')
    for (const path of [
      '/nobody',
      '/nobody/change',
      '/nobody/disable',
      '/nobody/merge',
      '/%00',
      `/${'x'.repeat(500)}`,
    ]) {
      await visit(app, chris, LIST + path)
      expect([path, status(chris)]).toEqual([path, 404])
    }
  })
})

test('it is added, and what is wrong stands at its field; what another has says who that is', async () => {
  const chris = await colleague(app, 'client-admin')
  await visit(app, chris, `${LIST}/new`)
  await send(chris, {
    name: ' ',
    number: '12',
    domains: 'a.example\nno domain',
    contacts: 'x@a.example, y',
    deadline: 'soon',
  })
  expect(status(chris)).toBe(400)
  expect(page(chris)).toMatch(/Enter a name.*Enter domains.*Enter e-mail addresses.*Enter a day/)
  expect(chris.browser.page.html).toContain('a.example\nno domain')

  const { name } = await organization()
  await send(chris, { name: name.toUpperCase(), number: '', domains: '', contacts: '', deadline: '' })
  expect(status(chris)).toBe(409)
  expect(page(chris)).toContain(`“${name}” has this already.`)

  nth += 1
  const fields = {
    name: `Added ${nth}`,
    domains: 'Added.example\r\n',
    contacts: 'hr@added.example',
    start: '2026-12-01',
  }
  await send(chris, fields)
  expect(told(chris.browser)).toBe('The organization was added.')
  expect(page(chris)).toMatch(new RegExp(`${fields.name}.*Active.*added\\.example.*hr@added\\.example`))
  expect(await kept(at(chris.browser).split('/').at(-1) ?? '')).toMatchObject({
    domains: ['added.example'],
    campaign: { start: Date.parse('2026-12-01') },
  })
})

describe('a change', () => {
  test('is shown before it is saved, and goes on being edited', async () => {
    const old = `old${nth}.example`
    const { id, path, name } = await organization((own) => ({ number: `17-${own}`, domains: [old] }))
    const chris = await colleague(app, 'client-admin')
    await visit(app, chris, `${path}/change`)
    await press(chris, 'review')
    expect(page(chris)).toContain('Nothing is different from what is there.')
    await press(chris, 'review', { number: '', domains: `${old}\nnew-${old}`, start: '2026-12-01' })
    expect(page(chris)).toMatch(
      new RegExp(`Save these changes\\?.*Number 17-\\d+ –.*${old} ${old}, new-${old}.*– 2026-12-01`),
    )
    expect(await kept(id)).toMatchObject({ domains: [old] })
    await press(chris, 'edit')
    expect(chris.browser.page.html).toContain(`${old}\nnew-${old}`)
    await press(chris, 'review', { start: '' })
    await press(chris, 'save')
    expect([at(chris.browser), told(chris.browser)]).toEqual([path, 'Your changes were saved.'])
    expect(await kept(id)).toMatchObject({
      name,
      domains: [old, `new-${old}`],
      version: 2,
    })
    const { number, campaign } = (await kept(id)) ?? {}
    expect([number, campaign]).toEqual([undefined, undefined])
  })

  test('over somebody else’s is refused with what that was; nothing typed is lost, and nothing of theirs', async () => {
    const { id, path } = await organization((own) => ({ number: `a${own}` }))
    const [chris, olga] = [await colleague(app, 'client-admin'), await colleague(app, 'owner')]
    await visit(app, chris, `${path}/change`)
    await press(chris, 'review', { contacts: 'chris@a.example' })
    await runVerb(app.core.admin, changeOrganization, { organization: id, number: `b${nth}` }, MACHINE)
    await press(chris, 'save')
    expect(status(chris)).toBe(409)
    expect(page(chris)).toMatch(/Somebody else changed this meanwhile\..*Number a\d+ b\d+/)
    expect(chris.browser.page.html).toContain('chris@a.example')
    expect(await kept(id)).toMatchObject({ number: `b${nth}`, contacts: [] })
    await press(chris, 'review')
    expect(page(chris)).toContain('chris@a.example')
    expect(page(chris)).not.toContain('Number')
    await press(chris, 'save')
    expect(await kept(id)).toMatchObject({ number: `b${nth}`, contacts: ['chris@a.example'], version: 3 })

    // Both at once: one of them is told.
    await visit(app, chris, `${path}/change`)
    await visit(app, olga, `${path}/change`)
    await press(chris, 'review', { number: `C${nth}` })
    await press(olga, 'review', { number: `O${nth}` })
    await Promise.all([press(chris, 'save'), press(olga, 'save')])
    expect([chris, olga].filter((who) => status(who) === 409)).toHaveLength(1)
    expect((await kept(id))?.version).toBe(4)
  })

  test('a form that says what it showed in words of its own changes nothing that it should not', async () => {
    const { id, path } = await organization((own) => ({ number: `five ${own}` }))
    const chris = await colleague(app, 'client-admin')
    await visit(app, chris, `${path}/change`)
    const forms: Array<Record<string, string>> = [
      { version: 'x' },
      { version: '99' },
      { was: '{"__proto__":1}', version: '0' },
    ]
    for (const odd of forms) {
      await press(chris, 'save', { number: '6', ...odd })
      expect(status(chris)).toBe(409)
    }
    expect(await kept(id)).toMatchObject({ number: `five ${nth}`, version: 1 })
  })

  test('a name that somebody took meanwhile says so at its field', async () => {
    const { path } = await organization()
    const { name } = await organization()
    const chris = await colleague(app, 'client-admin')
    await visit(app, chris, `${path}/change`)
    await press(chris, 'review', { name })
    await press(chris, 'save')
    expect([status(chris), page(chris)]).toEqual([409, expect.stringContaining(`“${name}” has this already.`)])
  })
})

test('disabling says whom it keeps out, and is done only to what was looked at; enabling lets them in anew', async () => {
  const { id, path, name } = await organization()
  const invited = { email: `in-${nth}@sigma.example`, name: 'Ina', locale: 'en' as const, organization: name }
  await app.core.links.invite(invited)
  const chris = await colleague(app, 'client-admin')
  await visit(app, chris, `${path}/disable`)
  expect(page(chris)).toContain('Its people, 1 of them, can no longer sign in.')
  await runVerb(app.core.admin, changeOrganization, { organization: id, number: `n-${nth}` }, MACHINE)
  await send(chris)
  expect([status(chris), page(chris)]).toEqual([409, expect.stringContaining('Somebody else changed this')])
  await send(chris)
  expect([at(chris.browser), told(chris.browser)]).toEqual([path, 'The organization is disabled.'])
  expect(chris.browser.page.html).not.toContain(`${path}/disable`)
  await visit(app, chris, `${path}/disable`)
  expect(at(chris.browser)).toBe(path)
  await visit(app, chris, `${path}/enable`)
  await send(chris)
  expect(told(chris.browser)).toBe('The organization is enabled again.')
  expect(await kept(id)).toMatchObject({ status: 'active', ending: 1 })
})

test('two that are the same are merged: the other is looked for, what moves is shown, and then it is done', async () => {
  const first = await organization((own) => ({ domains: [`merge${own}.example`], campaign: { start: 0 } }))
  const second = await organization()
  const chris = await colleague(app, 'client-admin')
  await visit(app, chris, `${first.path}/merge`)
  await visit(app, chris, `${first.path}/merge?${new URLSearchParams({ text: second.name })}`)
  expect(chris.browser.page.html).toContain(href(`${first.path}/merge?into=${second.id}`))
  await visit(app, chris, `${first.path}/merge?${new URLSearchParams({ text: first.name })}`)
  expect(chris.browser.page.html).not.toContain(href(`${first.path}/merge?into=${first.id}`))

  await visit(app, chris, `${first.path}/merge?into=${first.id}`)
  await send(chris)
  expect([status(chris), page(chris)]).toEqual([409, expect.stringContaining('These two are one already.')])
  await visit(app, chris, `${first.path}/merge?into=${second.id}`)
  expect(page(chris)).toMatch(new RegExp(`People who come to belong to ${second.name}: 0\\..*dates of ${first.name}`))
  await send(chris)
  expect([at(chris.browser), told(chris.browser)]).toEqual([second.path, 'The organizations were merged.'])
  await visit(app, chris, first.path)
  expect(page(chris)).toMatch(new RegExp(`Merged.*belong to ${second.name}`))
  expect(chris.browser.page.html).not.toContain(`${first.path}/change`)
  await visit(app, chris, `${second.path}/merge?into=${first.id}`)
  await send(chris)
  expect(status(chris)).toBe(409)
})

describe('one person is moved on a page', () => {
  test('by the help desk, which sees what it means; what is misspelled is proposed', async () => {
    const [from, to] = [await organization(), await organization()]
    const email = `moved-${nth}@sigma.example`
    const invited = await app.core.links.invite({ email, name: 'Mo', locale: 'en', organization: from.name })
    const path = `/admin/people/${invited.ok ? invited.account.id : ''}`
    const hanna = await colleague(app, 'help-desk')
    await visit(app, hanna, path)
    expect(hanna.browser.page.html).toContain(`${path}/move`)
    await visit(app, hanna, `${path}/move`)
    expect(page(hanna)).toContain(`Belongs to ${from.name} now.`)
    await send(hanna, { organization: 'Bakery 0' })
    expect([status(hanna), page(hanna)]).toEqual([400, expect.stringMatching(/There is no organization.*Did you mean/)])
    await send(hanna, { organization: from.name })
    expect([status(hanna), page(hanna)]).toEqual([409, expect.stringContaining('belongs to it already')])
    await send(hanna, { organization: to.name.toUpperCase() })
    expect([at(hanna.browser), told(hanna.browser)]).toEqual([path, 'The person was moved.'])
    expect(page(hanna)).toContain(to.name)
  })

  test('P-02 neither themselves, nor somebody with a role, nor by whoever administers applications', async () => {
    const { name } = await organization()
    const [hanna, chris] = [await colleague(app, 'help-desk'), await colleague(app, 'client-admin')]
    const other = await colleague(app, 'auditor')
    const sanne = await app.core.links.invite({ email: `s${nth}@sigma.example`, name: 'S', locale: 'en' })
    const tries = [
      [hanna, hanna.id],
      [hanna, other.id],
      [chris, sanne.ok ? sanne.account.id : ''],
    ] as const
    for (const [who, id] of tries) {
      await visit(app, who, `/admin/people/${id}/move`)
      expect(status(who)).toBe(403)
      const tokens = await tokensFor(app, who)
      await who.browser.post(`${app.origin}/admin/people/${id}/move`, { ...tokens, organization: name })
      expect(status(who)).toBe(403)
      expect((await app.core.store.durable.people.find(id))?.account?.organizationId).toBeUndefined()
    }
  })
})

// The last: what others add after the clock went on would be of before.
test('the list is narrowed by its address, and of five thousand asks the store once, for what has changed', async () => {
  const chris = await colleague(app, 'client-admin')
  const many = Array.from({ length: 5000 }, (_, index) => `Zaak ${String(index).padStart(4, '0')}`)
  const fields = { domains: [], contacts: [] }
  const { store, organizations } = app.core
  const add = (name: string) =>
    store.durable.organizations.change(name.replace(' ', '-'), (draft) =>
      Object.assign(draft, { ...fields, name, version: 1, createdAt: 1, changedAt: Date.now() }),
    )
  while (many.length > 0) await Promise.all(many.splice(0, 500).map(add))
  await organizations.follow()
  // What was changed lately is looked at again, for the sake of clocks that differ: these were added long before.
  pass(2 * CLOCKS_APART)
  nth += 1
  const planned = `Zaak gepland ${nth}`
  await runVerb(app.core.admin, addOrganization, { name: planned, start: '2999-01-01' }, MACHINE)

  const asked = await counted.during(() => visit(app, chris, `${LIST}?text=zaak`))
  const ofList = Object.entries(asked).filter(([name]) => name.startsWith('organizations.'))
  expect(Object.fromEntries(ofList)).toEqual({ 'organizations.list': 1 })
  expect(page(chris)).toMatch(/Zaak 0000.*Zaak 0049/)
  expect(page(chris)).not.toContain('Zaak 0050')
  const next = `${LIST}?text=zaak&after=Zaak-0049`
  expect(chris.browser.page.html).toContain(href(next))
  await visit(app, chris, next)
  expect(page(chris)).toMatch(/Zaak 0050.*Zaak 0099/)
  await visit(app, chris, `${LIST}?text=zaak&campaign=planned&status=active`)
  expect(page(chris)).toMatch(/Zaak gepland.*Announced/)
  expect(page(chris)).not.toContain('Zaak 0')
  await visit(app, chris, `${LIST}?text=zaak&status=disabled`)
  expect(page(chris)).toContain('No organization was found.')
  await visit(app, chris, `${LIST}?status=odd&after=nobody&text=${encodeURIComponent('"><script>')}`)
  expect([status(chris), chris.browser.page.html.includes('<script>')]).toEqual([200, false])
})

/** Administration through its pages: who may do what to whom, and what an owner does to a person. */
import { describe, expect, test } from 'vitest'
import { listPeople } from '../../../src/admin/people-list.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest } from '../../support/app/clock.ts'
import { at, told } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { askForHelp, colleague, type LockedOut, lockedOut, send, visit } from '../../support/people/help-desk.ts'
import { organizationId } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'
import { text } from '../../support/people/second-factor.ts'
import { due, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

let seen = 0

const app = forAllTests(startApp)
clockOfEachTest()

function someoneNew(): Promise<LockedOut> {
  seen += 1
  return lockedOut(app, `sanne${seen}@sigma.example`)
}
const status = (who: Someone) => who.browser.page.status
const page = (who: Someone) => text(who.browser.page)

async function outcomes(subject: string): Promise<string[]> {
  const records = await app.core.admin.trail.listAudit({ subject, limit: 50 })
  return records.map(({ type, outcome, details }) => `${type} ${details?.verb ?? ''} ${outcome}`)
}

describe('P-02 who may do what to whom', () => {
  test('someone without a role does not come in, and is told so', async () => {
    const sanne = await someoneNew()
    await sanne.before.visit(`${app.origin}/admin`)
    expect(sanne.before.page.status).toBe(403)
    expect(sanne.before.page.html).not.toContain('/admin/people')
  })

  test('an auditor sees cases and people, and nothing to press; what is posted all the same is refused and recorded', async () => {
    const sanne = await someoneNew()
    const number = await askForHelp(sanne.browser)
    const anna = await colleague(app, 'auditor')
    const forms = () => anna.browser.forms().filter(({ fields }) => fields.csrf !== undefined)
    const links = () => [...anna.browser.page.html.matchAll(/href="(\/admin\/people\/[^"]+\/[^"]+)"/g)]
    await visit(app, anna, `/admin/cases/${number}`)
    expect(forms()).toEqual([])
    await visit(app, anna, `/admin/people/${sanne.id}`)
    expect([forms(), links()]).toEqual([[], []])

    const { csrf = '', for: own = '' } = await formOf(anna)
    for (const act of ['disable', 'sign-out', 'delete', 'data']) {
      await anna.browser.post(`${app.origin}/admin/people/${sanne.id}/${act}`, { csrf, for: own })
      expect([act, status(anna)]).toEqual([act, 403])
      expect(page(anna)).toContain('Your role does not allow this.')
    }
    const decision = { csrf, for: own, step: 'issue', check: 'video' }
    await anna.browser.post(`${app.origin}/admin/cases/${number}`, decision)
    expect(status(anna)).toBe(403)
    expect((await asked(app.core.store.durable.people).findCase(number))?.state).toBe('open')
    const trail = await app.core.admin.trail.listAudit({ limit: 30 })
    expect(trail.filter(({ type, actor }) => type === 'admin.refused' && actor === anna.id)).toHaveLength(5)
  })

  test.each([
    ['an owner', 'owner', 'so only an owner can do this'],
    ['a colleague', 'help-desk', 'so only an owner can do this'],
    ['themselves', undefined, 'You cannot do this for your own account'],
  ])('the help desk acts on %s: neither offered nor done', async (_whom, role, words) => {
    const hanna = await colleague(app, 'help-desk')
    const other = role ? await colleague(app, role) : hanna
    await visit(app, hanna, `/admin/people/${other.id}`)
    expect(page(hanna)).toContain(words)
    expect(hanna.browser.page.html).not.toContain(`/admin/people/${other.id}/disable`)
    await visit(app, hanna, `/admin/people/${other.id}/disable`)
    expect(status(hanna)).toBe(403)
    const { csrf = '', for: own = '' } = await formOf(hanna)
    await hanna.browser.post(`${app.origin}/admin/people/${other.id}/disable`, { csrf, for: own })
    expect(status(hanna)).toBe(403)
    expect((await asked(app.core.store.durable.people).findAccount(other.id))?.status).toBe('active')
  })

  test('the help desk has no audit trail, deletes nobody and gives no role', async () => {
    const sanne = await someoneNew()
    const hanna = await colleague(app, 'help-desk')
    expect(page(hanna)).not.toContain('Audit trail')
    await visit(app, hanna, '/admin/audit')
    expect([status(hanna), page(hanna)]).toEqual([403, expect.stringContaining('Your role does not allow this.')])
    await visit(app, hanna, `/admin/people/${sanne.id}`)
    expect(hanna.browser.page.html).not.toMatch(/\/(delete|data)"/)
    await visit(app, hanna, '/admin/people/invite')
    expect(hanna.browser.page.html).not.toContain('name="role-owner"')
    await send(hanna, { email: 'new-owner@sigma.example', name: 'New Owner', locale: 'en', 'role-owner': 'yes' })
    expect(status(hanna)).toBe(403)
    expect(page(hanna)).toContain('Only an owner gives roles.')
  })
})

/** The tokens of a form that this person may have, for what is posted without one. */
async function formOf(who: Someone): Promise<Record<string, string>> {
  const { html } = who.browser.page
  const token = /name="csrf" value="([^"]+)"/.exec(html)?.[1]
  await who.browser.visit(`${app.origin}/account/language`)
  const fields = who.browser.forms().find(({ fields }) => fields.for)?.fields
  if (!fields) throw new Error(`no form on ${who.browser.page.url} ${token}`)
  return fields
}

describe('what an owner does to a person', () => {
  test('invites, and what is wrong stands at its field', async () => {
    const olga = await colleague(app, 'owner')
    await visit(app, olga, '/admin/people/invite')
    await send(olga, { email: 'nobody', name: '  ', givenName: 'x'.repeat(81), organization: 'Bakkerij' })
    expect(status(olga)).toBe(400)
    expect(page(olga)).toMatch(
      /Enter an e-mail address, such as name@example\.com\..*Enter a name of at most 80 characters.*Given name.*Enter at most 80/,
    )
    expect(olga.browser.page.html).toContain('value="Bakkerij"')
    await organizationId(app, 'Bakkerij de Vries')
    await send(olga, { email: 'new@sigma.example', name: 'Nina', givenName: '', organization: 'Bakery de Vries' })
    expect(status(olga)).toBe(400)
    expect(page(olga)).toMatch(/Enter the exact name or the number.*Did you mean “Bakkerij de Vries”\?/)
    const fields = {
      email: 'new@sigma.example',
      name: 'Nina Nieuw',
      givenName: 'Nina',
      familyName: '',
      organization: '',
      locale: 'en',
      'role-auditor': 'yes',
    }
    await send(olga, fields)
    expect(told(olga.browser)).toBe('The invitation is on its way.')
    expect(page(olga)).toMatch(/Nina Nieuw.*Invited.*Auditor/)
    expect(page(olga)).toMatch(/Given name\s*Nina/)
    expect(page(olga)).not.toContain('Family name')
    expect(await app.linkFor('new@sigma.example')).toContain('/activate/')

    await visit(app, olga, '/admin/people/invite')
    await send(olga, { ...fields, email: 'NEW@sigma.example' })
    expect(status(olga)).toBe(409)
    expect(page(olga)).toContain('There is an account with this address already.')
  })

  test('signs out, disables, enables: each asks first, and only what fits is offered', async () => {
    const sanne = await someoneNew()
    const olga = await colleague(app, 'owner')
    const person = `/admin/people/${sanne.id}`
    await sanne.before.visit(`${app.origin}/account`)
    expect(at(sanne.before)).toBe('/account')

    await visit(app, olga, `${person}/sign-out`)
    await sanne.before.visit(`${app.origin}/account`)
    expect(at(sanne.before)).toBe('/account')
    await visit(app, olga, `${person}/sign-out`)
    await send(olga)
    expect(at(olga.browser)).toBe(person)
    expect(told(olga.browser)).toBe('This person is signed out everywhere.')
    await sanne.before.visit(`${app.origin}/account`)
    expect(due(sanne.before)).toBe('password')

    await visit(app, olga, `${person}/enable`)
    expect(at(olga.browser)).toBe(person)
    await visit(app, olga, `${person}/disable`)
    await send(olga)
    expect(told(olga.browser)).toBe('The account is disabled.')
    expect(olga.browser.page.html).toContain(`${person}/enable`)
    expect(olga.browser.page.html).not.toContain(`${person}/disable`)
    await visit(app, olga, `${person}/enable`)
    await send(olga)
    expect(told(olga.browser)).toBe('The account works again.')
    expect(await outcomes(sanne.id)).toContain('admin.verb person:enable ok')
  })

  test('P-07 hands out data as a file without secrets, and deletes for good', async () => {
    const sanne = await someoneNew()
    const olga = await colleague(app, 'owner')
    const person = `/admin/people/${sanne.id}`
    await visit(app, olga, `${person}/data`)
    await send(olga)
    expect(olga.browser.page.headers.get('content-disposition')).toContain('attachment')
    expect(JSON.stringify(JSON.parse(olga.browser.page.html))).toContain(sanne.email)
    const { passwordHash = '?' } = (await asked(app.core.store.durable.people).findAccount(sanne.id)) ?? {}
    expect(olga.browser.page.html).not.toContain(passwordHash)

    await visit(app, olga, `${person}/delete`)
    await send(olga)
    expect(at(olga.browser)).toBe('/admin/people')
    expect(told(olga.browser)).toBe('The account is deleted.')
    await visit(app, olga, person)
    expect(status(olga)).toBe(404)
    await visit(app, olga, `/admin/audit?person=${sanne.id}`)
    expect(page(olga)).toContain('Account deleted')
    expect(page(olga)).not.toContain(sanne.email)
  })

  test('finds what went wrong by the reference of an error page', async () => {
    const olga = await colleague(app, 'owner')
    const stranger = new Person()
    await stranger.visit(`${app.origin}/auth?client_id=nobody-we-know`)
    const reference = /<code>([A-Z2-9]{8})<\/code>/.exec(stranger.page.html)?.[1] ?? ''
    const by = { finder: 'correlation', value: reference } as const
    await expect.poll(() => app.core.admin.trail.lookAtAudit({ by, limit: 9 })).toHaveLength(1)
    await visit(app, olga, `/admin/audit?${new URLSearchParams({ reference: reference.toLowerCase() })}`)
    for (const part of ['Request refused', 'invalid_client', 'nobody-we-know', reference])
      expect(page(olga)).toContain(part)
    expect(page(olga)).not.toContain('Two-step')
    await olga.browser.visit(`${app.origin}/admin/audit?reference=ABCDEFGH`)
    expect([status(olga), page(olga)]).toEqual([200, expect.stringContaining('The log of the server may say more.')])
    await olga.browser.visit(`${app.origin}/admin/audit?reference=ABC`)
    expect([status(olga), page(olga)]).toEqual([
      404,
      expect.stringContaining('eight letters and digits, that of a sign-in twelve.'),
    ])
  })

  test('a form without the token of this browser, or of a page for another account, changes nothing', async () => {
    const sanne = await someoneNew()
    const olga = await colleague(app, 'owner')
    const otto = await colleague(app, 'owner')
    await visit(app, olga, `/admin/people/${sanne.id}/disable`)
    await visit(app, otto, `/admin/people/${sanne.id}/disable`)
    const fields = olga.browser.forms().at(0)?.fields
    const foreign = otto.browser.forms().at(0)?.fields
    for (const wrong of [
      { ...fields, csrf: '' },
      { ...fields, for: '' },
      { ...fields, for: foreign?.for ?? '' },
    ]) {
      await olga.browser.post(`/admin/people/${sanne.id}/disable`, wrong)
      expect(status(olga)).toBe(403)
    }
    expect((await asked(app.core.store.durable.people).findAccount(sanne.id))?.status).toBe('active')
  })

  test('finds people by name, address and number; says when there is nobody, or too little was typed', async () => {
    const sanne = await someoneNew()
    const olga = await colleague(app, 'owner')
    for (const q of [sanne.id, sanne.email, 'anne de vr']) {
      await visit(app, olga, `/admin/people?${new URLSearchParams({ q })}`)
      expect(olga.browser.page.html).toContain(`href="/admin/people/${sanne.id}"`)
    }
    await olga.browser.visit(`${app.origin}/admin/people?q=x`)
    expect(page(olga)).toContain('Type at least two characters.')
    await olga.browser.visit(`${app.origin}/admin/people?q=${encodeURIComponent('"><script>')}`)
    expect(page(olga)).toContain('Nobody was found.')
    expect(olga.browser.page.html).not.toContain('<script>')
  })

  test('everybody is listed to an owner and an auditor; to the help desk whom it looks for, and people of one organization', async () => {
    const sanne = await someoneNew()
    const row = `href="/admin/people/${sanne.id}"`
    const own = `q=${encodeURIComponent(sanne.email)}`
    for (const [role, isAll] of Object.entries({ owner: true, auditor: true, 'help-desk': false })) {
      const who = await colleague(app, role)
      for (const [query, isListed] of Object.entries({ '': isAll, 'status=active': isAll, [own]: true })) {
        await visit(app, who, `/admin/people?${query}`)
        expect(who.browser.page.html.includes('<table'), `${role} ${query}`).toBe(isListed)
        expect(page(who).includes('to see people here'), `${role} ${query}`).toBe(!isListed)
      }
      expect(who.browser.page.html).toContain(row)
    }
    const hanna = { id: 'hanna', roles: ['help-desk'], via: 'api' as const, source: undefined }
    const listed = (query: object) => runVerb(app.core.admin, listPeople, query, hanna)
    for (const wide of [{}, { status: 'active', twoStep: 'off' }])
      await expect(listed(wide)).rejects.toMatchObject({ faults: [{ path: 'text' }] })
    expect((await listed({ text: sanne.email })).people.map(({ id }) => id)).toEqual([sanne.id])
    expect((await listed({ organization: '-', text: sanne.email })).people).toHaveLength(1)
  })
})

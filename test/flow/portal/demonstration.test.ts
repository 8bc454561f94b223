/** What `npm start` shows a newcomer: the campaign, an application of another house, and one for people with a role. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { startApp } from '../../support/app/app.ts'
import { freePort } from '../../support/app/ports.ts'
import { invite } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'
import { press } from '../../support/people/second-factor.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'

test('the campaign is offered, another company’s application asks for consent, and staff’s refuses', async () => {
  const { demonstration } = parse(readFileSync('config/development.yaml', 'utf8'))
  const ports = new Map<string, number>()
  for (const id of Object.keys(demonstration.applications)) ports.set(id, await freePort())
  const clients = readFileSync('config/clients.development.yaml', 'utf8')
    .replaceAll('http://localhost:3001', '{portal}')
    .replaceAll('http://localhost:3002', `http://localhost:${ports.get('timesheets')}`)
    .replaceAll('http://localhost:3003', `http://localhost:${ports.get('back-office')}`)
  const applications = Object.fromEntries([...ports].map(([id, port]) => [id, { port }]))
  const app = await startApp({ clients, settings: { demonstration: { ...demonstration, applications } } })
  const at = (id: string) => `http://localhost:${ports.get(id)}`
  try {
    await invite(app, { email: EMAIL, name: 'Sanne de Vries', locale: 'en', organization: 'Bakkerij de Vries' })
    const sanne = new Person()
    await sanne.visit(await app.linkFor(EMAIL))
    await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
    await sanne.submit({ email: EMAIL, password: PASSWORD })
    expect(sanne.page.html).toContain('Add an extra layer of security')
    await press(sanne, 'later')
    expect(sanne.page.url).toBe(`${app.portalOrigin}/`)
    expect(sanne.page.html).toContain('Approve payroll run')

    await sanne.visit(`${at('timesheets')}/login`)
    expect(sanne.page.html).toContain('value="allow"')
    await sanne.submit({ action: 'allow' })
    expect(sanne.page.url).toBe(`${at('timesheets')}/`)
    expect(sanne.page.html).toContain('Tiktak Timesheets')
    expect(sanne.page.html).toContain('Hello, Sanne de Vries')
    expect(sanne.page.html).not.toContain('Approve payroll run')

    await sanne.visit(`${at('back-office')}/login`)
    expect(sanne.page.html).toContain('has no access to Sigma Back Office')
    expect(sanne.page.html).toContain('/login?prompt=select_account')
    // Nor is it on the front page of somebody who may not open it, or among what has access to their details.
    for (const path of ['/', '/account']) {
      await sanne.visit(app.origin + path)
      expect([sanne.page.html.includes('Sigma Portal'), sanne.page.html.includes('Back Office')]).toEqual([true, false])
    }
    expect(sanne.page.html).toContain('Tiktak Timesheets')
    // The way to administration is shown to whoever has a role.
    const admin = `href="${app.origin}/admin"`
    await invite(app, { email: 'bea@sigma.example', name: 'Bea Beheer', locale: 'en', roles: ['owner'] })
    const bea = new Person()
    await bea.visit(await app.linkFor('bea@sigma.example'))
    await bea.submit({ password: PASSWORD, repeat: PASSWORD })
    await bea.submit({ email: 'bea@sigma.example', password: PASSWORD })
    await press(bea, 'later')
    for (const person of [sanne, bea]) await person.visit(app.origin)
    expect([sanne.page.html.includes(admin), bea.page.html.includes(admin)]).toEqual([false, true])
    // Nobody has to sign out first to come in by another account; the one that is refused stays refused.
    const backOffice = `${at('back-office')}/login?prompt=select_account`
    await sanne.visit(backOffice)
    await sanne.submit({ account: EMAIL })
    expect(sanne.page.html).toContain('has no access to Sigma Back Office')
    await sanne.visit(backOffice)
    await sanne.submit({ action: 'other' })
    await sanne.submit({ email: 'bea@sigma.example', password: PASSWORD })
    // The page on which the session of before ends by itself.
    await sanne.submit({ logout: 'yes' })
    expect(sanne.page.html).toContain('Hello, Bea Beheer')
    // Neither of them took the other's cookie.
    await sanne.visit(app.portalOrigin)
    expect(sanne.page.html).toContain(`${app.origin}/account`)
    expect(sanne.page.html).toContain('Hello, Sanne de Vries')
  } finally {
    await app.stop()
  }
})

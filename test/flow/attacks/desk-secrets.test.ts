/** P-04, P-07: what the help desk may not be talked into, what nobody of it ever reads, and whom nobody of it can be. */

import { expect, test } from 'vitest'
import type { Actor } from '../../../src/admin/role.ts'
import { type MadeFile, runVerb } from '../../../src/admin/verb.ts'
import { VERBS } from '../../../src/admin/verbs.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass, setClock } from '../../support/app/clock.ts'
import { at, elsewhere, open, settled } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import {
  atHelp,
  issueCode,
  keptSecrets,
  ownMetrics,
  readable,
  standing,
  TEMPORARY_CODE,
} from '../../support/people/desk.ts'
import { apiFor, approvalFor, roundFor } from '../../support/people/desk-forms.ts'
import { askForHelp, cancelLink, colleague, send, visit } from '../../support/people/help-desk.ts'
import { organizationId } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, press, text } from '../../support/people/second-factor.ts'
import { halfSignedIn, startTwoStep } from '../../support/people/second-factor-attack.ts'
import { changeEmail } from '../../support/people/settings-changes.ts'
import { everything } from '../../support/people/settings-forms.ts'
import { due } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(startTwoStep)
const olga = forAllTests(() => colleague(app, 'owner'))
const hanna = forAllTests(() => colleague(app, 'help-desk'))

async function idOf(email: string): Promise<string> {
  return (await asked(app.core.store.durable.people).findAccountByEmail(email))?.id ?? ''
}

async function issue(number: string): Promise<string | undefined> {
  await visit(app, hanna, `/admin/cases/${number}`)
  await send(hanna, { step: 'issue', check: 'call-back', note: '' })
  return TEMPORARY_CODE.exec(text(hanna.browser.page))?.[0]
}

test.each([
  ['an hour before the request', HOUR, 0],
  ['six days before', 6 * DAY, 0],
  ['after the request was filed', 0, HOUR],
])(
  'P-04 the address was changed %s: no code before a day is over, and the address of before is told',
  async (_when, before, after) => {
    const sanne = await settled(app, () => Date.now())
    const old = sanne.email
    let number = ''
    if (after > 0) {
      number = await askForHelp(await atHelp(app, old))
      pass(after)
      await open(app, sanne, '/account/email')
    }
    await changeEmail(app, sanne)
    const changedAt = Date.now()
    pass(before)
    if (after === 0) number = await askForHelp(await atHelp(app, sanne.email))
    const from = Math.max(changedAt, Date.now())

    const { cases, temporaryCodes } = standing(app)
    expect(cases).not.toEqual([])
    expect(await issue(number)).toBeUndefined()
    expect(text(hanna.browser.page)).toContain('A code cannot be issued yet.')
    expect(standing(app)).toMatchObject({ cases, temporaryCodes })
    setClock(from + DAY - MINUTE)
    expect(await issue(number)).toBeUndefined()
    const refused = await app.core.admin.trail.listAudit({ subject: await idOf(sanne.email), limit: 50 })
    expect(refused.filter(({ type, outcome }) => type === 'recovery.issued' && outcome === 'refused')).not.toEqual([])
    // The link in the mail to the address of before still cancels it.
    expect(await cancelLink(app, old)).toContain('/recovery/')
    setClock(from + DAY)
    expect(await issue(number)).toMatch(TEMPORARY_CODE)
  },
)

test('P-04 the owner of the address of before cancels the request, and no code is issued', async () => {
  const sanne = await settled(app, () => Date.now())
  const old = sanne.email
  await changeEmail(app, sanne)
  pass(HOUR)
  const number = await askForHelp(await atHelp(app, sanne.email))
  const reader = new Person()
  await reader.visit(await cancelLink(app, old))
  await reader.submit({ sure: 'yes' })
  pass(2 * DAY)
  await visit(app, hanna, `/admin/cases/${number}`)
  expect(hanna.browser.page.html).not.toContain('value="issue"')
})

/** What a verb answers, a file of it line by line. */
async function saidBy(answer: unknown): Promise<string> {
  if (typeof answer !== 'object' || answer === null || !('lines' in answer)) return JSON.stringify(answer)
  return (await Array.fromAsync((answer as MadeFile).lines)).join('')
}

test('P-07 no page, list, export or verb tells a secret of a person, nor what they named', async () => {
  const { who, others } = await everything(app)
  const id = await idOf(who.email)
  const number = await askForHelp(await atHelp(app, who.email), 'at work, in the morning')
  const cookies = [who, ...others].flatMap(({ browser }) => browser.cookies.map(({ value }) => value))
  const secrets = [
    ...keptSecrets(app),
    ...cookies.filter((value) => value.length > 15),
    who.enrolled?.key ?? '',
    who.enrolled?.backupCode ?? '',
    PASSWORD,
  ].filter((secret) => secret !== '')
  expect(secrets.length).toBeGreaterThan(40)

  const told = new Map<string, string>()
  for (const path of [
    '',
    `/people?q=${encodeURIComponent(who.email)}`,
    `/people/${id}`,
    `/people/${id}/delete`,
    '/cases',
    `/cases/${number}`,
    '/audit',
    `/audit?person=${id}`,
    '/deliveries',
    '/deliveries?state=failed',
    '/keys',
  ]) {
    await visit(app, olga, `/admin${path}`)
    expect([path, olga.browser.page.status]).toEqual([path, 200])
    told.set(path, olga.browser.page.html.replace(/name="(?:csrf|for)" value="[^"]*"/g, ''))
  }
  await visit(app, olga, `/admin/people/${id}/data`)
  await send(olga)
  told.set('export', olga.browser.page.html)
  const machine: Actor = { id: undefined, roles: [], via: 'command-line', operator: 'root', source: undefined }
  const organization = await organizationId(app, 'Bakkerij de Vries')
  const api = Buffer.from(await apiFor(app, 'reports', ''), 'base64url').toString()
  const approval = await approvalFor(app, 'guarded')
  const round = await roundFor(app, 'secrets')
  const input = { round, person: id, number, text: who.email, client: 'portal', organization, resource: api, approval }
  for (const verb of VERBS.filter(({ name }) => /:(find|show|list|export|verify)$/.test(name)))
    told.set(verb.name, await saidBy(await runVerb(app.core.admin, verb, input, machine)))
  expect(told.size).toBeGreaterThan(16)
  const sent = (await app.inbox()).find(({ channel }) => channel === 'sms')?.to ?? ''
  const spellings = [sent, sent.replace('+31', '0'), sent.replace('+316', '06 ')]
  expect(sent).toMatch(/^\+316\d{8}$/)
  for (const [where, what] of told) {
    expect([where, readable(what, secrets)]).toEqual([where, []])
    expect([where, spellings.filter((spelled) => what.includes(spelled))]).toEqual([where, []])
    if (where !== 'export' && where !== 'person:export')
      expect([where, what.includes(`second-${who.email}`)]).toEqual([where, false])
  }
  // The search finds what is there.
  expect(readable(`x${secrets[0]}x`, secrets)).toEqual([secrets[0]])
})

test('P-07 a temporary access code is in the answer that issued it, which nobody keeps, and nowhere else', async () => {
  const sanne = await settled(app, () => Date.now())
  const code = await issueCode(app, hanna, sanne.email)
  const { headers, url } = hanna.browser.page
  expect(headers.get('cache-control')).toBe('no-store')
  expect(url).not.toContain(code)
  const id = await idOf(sanne.email)
  const number = new URL(url).pathname.split('/').at(-1)
  const places: string[] = [
    app.logged.join(''),
    JSON.stringify(standing(app)),
    JSON.stringify(await app.core.store.durable.listAudit({ limit: 1000 })),
    JSON.stringify(await app.inbox()),
    JSON.stringify(hanna.browser.cookies),
    await ownMetrics(app),
  ]
  for (const who of [hanna, olga])
    for (const path of [`/cases/${number}`, '/cases', '', `/people/${id}`]) {
      await visit(app, who, `/admin${path}`)
      places.push(who.browser.page.html)
    }
  for (const place of places) expect(readable(place, [code])).toEqual([])
})

test('J7.4 nobody of the desk can be the person: not by the code, not by a link, and whatever is done they stay who they are', async () => {
  const sanne = await settled(app, () => Date.now())
  const code = await issueCode(app, hanna, sanne.email)
  // Her own sign-in with somebody else's code.
  const own = await halfSignedIn(app, hanna.email)
  await own.visit(own.page.url.replace(/(interaction\/[^/]+).*/, '$1/challenge/temporary'))
  await press(own, 'verify', { code })
  expect(own.page.status).toBe(400)

  await visit(app, hanna, '/admin/people/invite')
  await send(hanna, { email: 'nina@sigma.example', name: 'Nina Nieuw', locale: 'en' })
  const nina = await idOf('nina@sigma.example')
  for (const path of [`/admin/people/${nina}`, '/admin/people?q=nina', `/admin/people/${nina}/resend-activation`]) {
    await visit(app, hanna, path)
    expect(hanna.browser.page.html).not.toMatch(/\/(?:activate|recover)\/[\w-]{43}/)
  }
  for (const act of ['sign-out', 'disable', 'enable']) {
    await visit(app, hanna, `/admin/people/${await idOf(sanne.email)}/${act}`)
    await send(hanna)
  }
  await visit(app, hanna, '/account')
  expect([
    at(hanna.browser),
    hanna.browser.page.html.includes(hanna.email),
    hanna.browser.page.html.includes(sanne.email),
  ]).toEqual(['/account', true, false])
  // What the desk's browser holds opens nothing of the person's elsewhere either.
  const thief = elsewhere(sanne, hanna.browser.copy())
  await thief.browser.visit(`${app.portalOrigin}/login`)
  expect([due(thief.browser), thief.browser.page.html.includes('Sanne de Vries')]).toEqual([undefined, false])
})

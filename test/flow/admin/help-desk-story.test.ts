/**
 * The help-desk story (JOURNEYS J7) through the pages, and what is told of it: in the audit trail every act, by whom, on
 * whom, in order and without a secret; in mails to every known address, in the language of whom it happened to.
 */
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { mailedCode, open, settled } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { atHelp, keptSecrets, readable, TEMPORARY_CODE, tokensFor } from '../../support/people/desk.ts'
import { askForHelp, cancelLink, colleague, send, signIn, sitting, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { enroll, PASSWORD, press, text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const CONTACT = 'at work, in the morning'
const NOTE = 'called the number that HR has'

const names = new Map<string, string>()
/** What may be in no record and no mail. */
const secrets: string[] = [PASSWORD, CONTACT, NOTE]

clockOfAllTests()

const app = forAllTests(startApp)

async function named(name: string, who: Someone): Promise<Someone & { id: string }> {
  const account = await asked(app.core.store.durable.people).findAccountByEmail(who.email)
  if (!account || !who.enrolled) throw new Error(`no ${name}`)
  names.set(account.id, name)
  secrets.push(who.enrolled.key, who.enrolled.backupCode)
  return { ...who, id: account.id }
}

const pages = (verb: string) => `verb: ${verb}, via: pages`

/** Who did what to whom: the system itself and whoever has a link too. */
const STORY = [
  ['Sanne', 'sign-in.password', 'Sanne', 'known: false'],
  ['Sanne', 'recovery.requested', 'Sanne', 'case: A'],
  ['Hanna', 'admin.verb', 'Sanne', pages('case:show')],
  ['Hanna', 'recovery.issued', 'Sanne', 'case: A, check: call-back'],
  ['system', 'sign-out.everywhere', 'Sanne', 'sessions: 2, butOne: false'],
  ['Hanna', 'admin.verb', 'Sanne', pages('case:decide')],
  ['Sanne', 'sign-in.password', 'Sanne', 'known: true'],
  ['Sanne', 'sign-in.second-factor', 'Sanne', 'method: temporary'],
  ['Sanne', 'factor.enrolled', 'Sanne', 'method: totp, replacesAll: true'],
  ['system', 'sign-out.everywhere', 'Sanne', 'sessions: 0, butOne: true'],
  ['Sanne', 'sign-in.completed', 'Sanne', 'acr: urn:sigma:acr:mfa, amr: pwd otp temporary mfa'],
  ['client:portal', 'token.issued', 'Sanne', 'grant: authorization_code'],
  ['Piet', 'sign-in.password', 'Piet', 'known: false'],
  ['Piet', 'recovery.requested', 'Piet', 'case: B'],
  ['system', 'logout.notified', 'Sanne', ''],
  ['unknown', 'recovery.canceled', 'Piet', 'case: B'],
  ['Piet', 'sign-in.password', 'Piet', 'known: false'],
  ['Piet', 'recovery.requested', 'Piet', 'case: C'],
  ['Hugo', 'admin.verb', 'Piet', pages('case:show')],
  ['Hugo', 'recovery.declined', 'Piet', 'case: C, check: video'],
  ['Hugo', 'admin.verb', 'Piet', pages('case:decide')],
  ['Hugo', 'admin.verb', 'Piet', pages('case:show')],
  ['Hugo', 'sign-in.password', 'Hugo', 'known: false'],
  ['Hugo', 'recovery.requested', 'Hugo', 'case: D'],
  ['Hanna', 'sign-in.completed', 'Hanna', 'acr: urn:sigma:acr:mfa, amr: pwd otp mfa'],
  ['Hanna', 'admin.refused refused', 'Hugo', 'verb: case:decide, via: pages, reason: above'],
  ['Hugo', 'sign-in.completed', 'Hugo', 'acr: urn:sigma:acr:mfa, amr: pwd otp mfa'],
  ['Hugo', 'admin.refused refused', 'Hugo', 'verb: case:decide, via: pages, reason: self'],
  ['Hanna', 'admin.verb', 'Piet', pages('person:show')],
  ['Hanna', 'sign-out.everywhere', 'Piet', ''],
  ['system', 'sign-out.everywhere', 'Piet', 'sessions: 3, butOne: false'],
  ['Hanna', 'admin.verb', 'Piet', pages('person:sign-out')],
  ['Hanna', 'admin.verb', 'Piet', pages('person:show')],
  ['Hanna', 'admin.verb', 'Piet', pages('person:show')],
  ['Hanna', 'account.disabled', 'Piet', ''],
  ['system', 'sign-out.everywhere', 'Piet', 'sessions: 0, butOne: false'],
  ['Hanna', 'admin.verb', 'Piet', pages('person:disable')],
  ['Hanna', 'admin.verb', 'Piet', pages('person:show')],
  ['Hanna', 'admin.verb', 'Piet', pages('person:show')],
  ['Hanna', 'account.enabled', 'Piet', ''],
  ['system', 'sign-out.everywhere', 'Piet', 'sessions: 0, butOne: false'],
  ['Hanna', 'admin.verb', 'Piet', pages('person:enable')],
  ['Hanna', 'admin.verb', 'Piet', pages('person:show')],
  ['Olga', 'admin.verb', 'Piet', pages('person:show')],
  ['Olga', 'account.exported', 'Piet', ''],
  ['Olga', 'admin.verb', 'Piet', pages('person:export')],
  ['Olga', 'admin.verb', 'Piet', pages('person:show')],
  ['system', 'sign-out.everywhere', 'Piet', 'sessions: 0, butOne: false'],
  ['Olga', 'account.erased', 'Piet', ''],
  ['Olga', 'admin.verb', 'Piet', pages('person:delete')],
  // Afterwards she is at the list.
  ['Olga', 'admin.verb', '-', pages('person:list')],
  ['Olga', 'admin.verb', 'Piet', pages('audit:list')],
]

const MAILS = [
  ['Sanne', 'Someone asked for help to get into your account'],
  ['Sanne too', 'Someone asked for help to get into your account'],
  ['Sanne', 'A temporary access code was given out for your account'],
  ['Sanne too', 'A temporary access code was given out for your account'],
  ['Sanne', 'Two-step verification is on for Sigma ID'],
  ['Sanne too', 'Two-step verification is on for Sigma ID'],
  ['Piet', 'Iemand vroeg om hulp om in je account te komen'],
  ['Piet', 'De aanvraag om hulp met je account is geannuleerd'],
  ['Piet', 'Iemand vroeg om hulp om in je account te komen'],
  ['Piet', 'De aanvraag om hulp met je account is afgewezen'],
  ['Hugo', 'Someone asked for help to get into your account'],
  ['Piet', 'Je bent overal uitgelogd'],
  ['Piet', 'Je account bij Sigma ID is uitgeschakeld'],
  ['Piet', 'Je account bij Sigma ID werkt weer'],
  ['Piet', 'Je gegevens zijn gedownload'],
  ['Piet', 'Je account bij Sigma ID is verwijderd'],
]

/** The trail since then, the oldest first, as somebody reads it who knows the people and the cases. */
async function trail(since: number, cases: Record<string, string>): Promise<string[][]> {
  const records = (await app.core.admin.trail.listAudit({ limit: 1000 })).reverse().slice(since)
  const name = (id: string | undefined) => (id === undefined ? '-' : (names.get(id) ?? id))
  return records.map(({ type, outcome, actor, subject, details = {} }) => [
    name(actor),
    outcome === 'ok' ? type : `${type} ${outcome}`,
    name(subject),
    Object.entries(details)
      // Which sign-in each belongs to is correlation.test.ts’s.
      .filter(([name]) => name !== 'signIn')
      .map(([key, value]) => `${key}: ${key === 'case' ? cases[String(value)] : value}`)
      .join(', '),
  ])
}

test('J7: the story of three requests, and of what the desk does to an account', async () => {
  const now = () => Date.now()
  const sanne = await named('Sanne', await settled(app, now))
  const second = `second-${sanne.email}`
  await open(app, sanne, '/account/notice-address')
  await sanne.browser.submit({ address: second })
  await press(sanne.browser, 'code', { code: await mailedCode(app, second) })
  const piet = await named('Piet', await settled(app, now))
  await open(app, piet, '/account/language')
  await piet.browser.submit({ locale: 'nl' })
  const hanna = await named('Hanna', await colleague(app, 'help-desk'))
  const hugo = await named('Hugo', await colleague(app, 'help-desk'))
  const olga = await named('Olga', await colleague(app, 'owner'))
  pass(MINUTE)
  const since = (await app.core.admin.trail.listAudit({ limit: 1000 })).length
  const sent = (await app.inbox()).length

  // Sanne lost her phone, reads the number out, and is let in.
  const locked = await atHelp(app, sanne.email)
  const first = await askForHelp(locked, CONTACT)
  await visit(app, hanna, `/admin/cases?number=${first.slice(0, 4)}+${first.slice(4)}`)
  await send(hanna, { step: 'issue', check: 'call-back', note: NOTE })
  const [code = ''] = TEMPORARY_CODE.exec(text(hanna.browser.page)) ?? []
  await signIn(app, locked, sanne.email)
  await locked.visit(sitting(locked, 'challenge/temporary'))
  await press(locked, 'verify', { code })
  const anew = await enroll(locked, now)
  expect(locked.page.url).toBe(`${app.portalOrigin}/`)
  secrets.push(code, anew.key, anew.backupCode)

  // Piet did not ask for anything and cancels; what is asked for again is declined.
  const other = await askForHelp(await atHelp(app, piet.email))
  const reader = new Person()
  await reader.visit(await cancelLink(app, piet.email))
  await reader.submit({ sure: 'yes' })
  const third = await askForHelp(await atHelp(app, piet.email))
  await visit(app, hugo, `/admin/cases/${third}`)
  await send(hugo, { step: 'decline', check: 'video' })

  // A colleague is not for the desk, and his own case is not for himself.
  const fourth = await askForHelp(await atHelp(app, hugo.email))
  for (const who of [hanna, hugo]) {
    const tokens = await tokensFor(app, who)
    await who.browser.post(`${app.origin}/admin/cases/${fourth}`, { ...tokens, step: 'issue', check: 'in-person' })
    expect(who.browser.page.status).toBe(403)
  }

  for (const act of ['sign-out', 'disable', 'enable']) {
    await visit(app, hanna, `/admin/people/${piet.id}/${act}`)
    await send(hanna)
  }
  for (const act of ['data', 'delete']) {
    await visit(app, olga, `/admin/people/${piet.id}/${act}`)
    await send(olga)
  }
  await visit(app, olga, `/admin/audit?person=${piet.id}`)

  const cases = { [first]: 'A', [other]: 'B', [third]: 'C', [fourth]: 'D' }
  const told = await trail(since, cases)
  expect(told).toEqual(STORY)
  expect(await app.core.store.durable.verifyAudit()).toBeUndefined()
  const records = JSON.stringify((await app.core.admin.trail.listAudit({ limit: 1000 })).slice(0, told.length))
  expect(readable(records, [...secrets, ...keptSecrets(app)])).toEqual([])
  expect(records).not.toContain('@')

  const mails = (await app.inbox()).slice(0, -sent).reverse()
  const addresses = { [sanne.email]: 'Sanne', [second]: 'Sanne too', [piet.email]: 'Piet', [hugo.email]: 'Hugo' }
  expect(mails.map(({ to, subject }) => [addresses[to], subject])).toEqual(MAILS)
  for (const { text, html } of mails) expect(readable(`${text}${html}`, secrets)).toEqual([])
})

/** somebody is erased. Nothing of them stays but a tombstone and what the audit trail says of an id. */
import { expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, open } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { atHelp, tables, tokensFor } from '../../support/people/desk.ts'
import { askForHelp, colleague, send, signIn, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, press } from '../../support/people/second-factor.ts'
import { beginNumber, changeEmail } from '../../support/people/settings-changes.ts'
import { everything } from '../../support/people/settings-forms.ts'
import { due, nextCode, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(() => startApp({ settings: { throttle: { perAddress: 1e6, perNetwork: 1e6 } } }))
const olga = forAllTests(() => colleague(app, 'owner'))
const hanna = forAllTests(() => colleague(app, 'help-desk'))

interface Erased {
  id: string
  email: string
  /** Addresses, words and the id: what names the person. */
  traces: string[]
  browser: Person
}

/** Somebody of whom every table has something, that waits, was used or was guessed at. */
async function everywhere(): Promise<Erased> {
  const { who } = await everything(app)
  const before = who.email
  await changeEmail(app, who)
  const id = (await asked(app.core.store.durable.people).findAccountByEmail(who.email))?.id ?? ''
  await askForHelp(await atHelp(app, who.email), 'by pigeon')
  pass(MINUTE)
  await open(app, who, '/account/email')
  await who.browser.submit({ address: `waiting-${who.email}` })
  await press(who.browser, 'code', { code: 'wrong' })
  await open(app, who, '/account/apps/new')
  await who.browser.submit()
  await press(who.browser, 'scanned')
  await press(who.browser, 'code', { code: 'wrong' })
  await beginNumber(app, who)
  await press(who.browser, 'code', { code: 'wrong' })
  const known = new Person()
  await signIn(app, known, who.email)
  await press(known, 'verify', { code: nextCode(who), remember: 'yes' })
  for (const email of [before, who.email]) {
    const forgetful = new Person()
    await forgetful.visit(`${app.origin}/recover`)
    await forgetful.submit({ email })
    const thief = new Person()
    await signIn(app, thief, email)
    if (due(thief) === 'code') for (const code of ['wrong', 'wrong']) await press(thief, 'verify', { code })
  }
  await app.drain()
  const traces = [id, before, who.email, `second-${before}`, `waiting-${who.email}`, 'by pigeon']
  return { id, traces, email: who.email, browser: who.browser }
}

/** Tables and columns in which one of these can be read, also by somebody who has the keys. */
function found(needles: string[]): string[] {
  const places = Object.entries(tables(app)).flatMap(([table, rows]) =>
    rows.flatMap((row) =>
      Object.entries(row).flatMap(([column, value]) => {
        const text = table === 'artifact' && column === 'sealed' ? opened(row) : String(value)
        return needles.some((needle) => text.includes(needle)) ? [`${table}.${column}`] : []
      }),
    ),
  )
  return [...new Set(places)].sort()
}

function opened({ model, key, sealed }: Record<string, unknown>): string {
  return sealed === '' ? '' : app.core.seal.open(String(sealed), `artifact/${model}/${key}`)
}

async function erase(id: string, owner: Someone = olga): Promise<void> {
  await visit(app, owner, `/admin/people/${id}/delete`)
  await send(owner)
}

const eventsOf = async (subject: string) =>
  (await app.core.admin.trail.listAudit({ subject, limit: 1000 })).map(({ type }) => type)

test('Q-05 everything of the person goes: at once what opens something, within a day what only counts', async () => {
  const sanne = await everywhere()
  const tablesBefore = [...new Set(found(sanne.traces).map((place) => place.split('.')[0]))]
  expect(tablesBefore).toEqual(
    'account addressCodes artifact audit authenticators backup browsers cases counter devices links people_key people_searched people_value sentCodes undos wizards'.split(
      ' ',
    ),
  )
  await erase(sanne.id)
  expect(tables(app).parcel?.length).toBeGreaterThan(0)
  await app.drain()
  expect(tables(app).parcel).toEqual([])
  const left = tables(app)
  expect(left.account?.map(({ id }) => id)).not.toContain(sanne.id)
  expect(left.artifact?.filter(({ account_id }) => account_id === sanne.id)).toEqual([])
  expect([left.devices, left.temporaryCodes]).toEqual([[], []])
  // Sign-ins in which the address was only a hint are nobody's, and end by themselves within minutes.
  expect(found(sanne.traces)).toEqual(['artifact.sealed', 'audit.subject', 'counter.key', 'erasedAt.person'])
  const counted = left.counter?.filter(({ key }) => sanne.traces.some((trace) => String(key).includes(trace))) ?? []
  for (const { key } of counted) expect(key).toContain(sanne.id)

  pass(DAY)
  await app.tidy()
  expect(found(sanne.traces)).toEqual(['audit.subject', 'erasedAt.person'])
  // Where they were goes from the trail; where an owner was who erased them is another matter.
  for (const { actor, subject, type, ip_salt } of tables(app).audit ?? [])
    if ([actor, subject].includes(sanne.id) && type !== 'account.erased' && type !== 'admin.verb')
      expect(ip_salt).toBeNull()
  for (const trace of sanne.traces.slice(1)) expect(app.logged.join('')).not.toContain(trace)
  expect(await app.core.store.durable.verifyAudit()).toBeUndefined()
})

test('Q-05 OAU-14 the address can be invited anew, to another id; the old one is never given out again', async () => {
  const sanne = await everywhere()
  const account = await asked(app.core.store.durable.people).findAccount(sanne.id)
  if (!account) throw new Error('no account')
  await erase(sanne.id)
  const invited = await app.core.links.invite({ email: sanne.email, name: 'Sanne de Vries', locale: 'en' })
  if (!invited.ok) throw new Error(invited.reason)
  expect(invited.account.id).not.toBe(sanne.id)
  const link = { digest: 'x', accountId: sanne.id, purpose: 'activation', usedAt: undefined } as const
  const again = { ...account, email: 'other@sigma.example', emailKey: 'other@sigma.example' }
  const kept = await asked(app.core.store.durable.people).insertAccount(
    again,
    { ...link, createdAt: 0, expiresAt: Date.now() + DAY },
    [],
  )
  expect([kept, await asked(app.core.store.durable.people).findAccount(sanne.id)]).toEqual([false, undefined])

  // The browser of before is nobody's, and whoever activates anew begins with nothing.
  await sanne.browser.visit(`${app.origin}/account`)
  expect(due(sanne.browser)).toBe('password')
  const anew = new Person()
  await anew.visit(await app.linkFor(sanne.email))
  await anew.submit({ password: PASSWORD, repeat: PASSWORD })
  await open(app, { email: sanne.email, browser: anew, enrolled: undefined }, '/account')
  expect([at(anew), anew.page.html.includes('/account/apps/')]).toEqual(['/account', false])
  expect(await eventsOf(invited.account.id)).not.toContain('factor.enrolled')
  await visit(app, olga, `/admin/audit?person=${sanne.id}`)
  expect(olga.browser.page.html).toContain(sanne.id)
  expect(olga.browser.page.html).not.toContain(sanne.email)
})

test('Q-04 two owners erase at once: one erasure, one mail to each address, and the other is told', async () => {
  const otto = await colleague(app, 'owner')
  const sanne = await everywhere()
  for (const owner of [olga, otto]) await visit(app, owner, `/admin/people/${sanne.id}/delete`)
  await Promise.all([send(olga), send(otto)])
  expect([olga, otto].map(({ browser }) => browser.page.status).sort()).toEqual([200, 404])
  expect((await eventsOf(sanne.id)).filter((type) => type === 'account.erased')).toHaveLength(1)
  const told = (await app.inbox()).filter(
    ({ to, subject }) => subject?.includes('was deleted') && sanne.traces.includes(to),
  )
  expect(told.map(({ to }) => to).sort()).toEqual([...new Set(told.map(({ to }) => to))].sort())
  expect(told).toHaveLength(3)
})

test('Q-04 nobody erases or exports who may not: not the help desk, not an owner with a code of six minutes ago', async () => {
  const sanne = await everywhere()
  const path = `${app.origin}/admin/people/${sanne.id}`
  for (const act of ['delete', 'data']) {
    await visit(app, olga, `/admin/people/${sanne.id}/${act}`)
    const own = olga.browser.forms().find(({ fields }) => fields.for)?.fields ?? {}
    pass(6 * MINUTE)
    await olga.browser.post(`${path}/${act}`, own)
    expect(due(olga.browser)).toBe('code')
    const tokens = await tokensFor(app, hanna)
    await visit(app, hanna, '/admin/people/invite')
    await hanna.browser.post(`${path}/${act}`, tokens)
    expect(hanna.browser.page.status).toBe(403)
  }
  expect(await eventsOf(sanne.id)).not.toContain('account.erased')
  expect(await eventsOf(sanne.id)).not.toContain('account.exported')
})

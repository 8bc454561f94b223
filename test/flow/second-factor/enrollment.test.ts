/** SECURITY E: setting up. Whoever has the password only gets no factor beside the one that there is. */
import { beforeEach, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { sql } from '../../support/attack/attack.ts'
import { asksPassword } from '../../support/oidc/relying-party.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { activated, backupCodeOn, codeOf, enroll, keyOn, press, text } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  halfSignedIn,
  partsOf,
  startTwoStep,
  type Victim,
  victim,
} from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

let count = 0
let email = ''

clockOfAllTests()

const app = forAllTests(startTwoStep)
beforeEach(() => {
  count += 1
  email = `new${count}@sigma.example`
})

async function enrolled(): Promise<Victim> {
  const sanne = await victim(app, email)
  pass(MINUTE)
  return sanne
}

async function apps(): Promise<string[]> {
  const { durable } = app.core.store
  const account = await asked(durable.people).findAccountByEmail(email)
  return (await asked(durable.people).listAuthenticators(account?.id ?? '')).map(({ id }) => id)
}

/** A browser that has the password, in front of the offer. */
async function atOffer(): Promise<Person> {
  const person = await halfSignedIn(app, email)
  expect(text(person.page)).toContain('Add an extra layer of security')
  return person
}

const code = (person: Person) => codeOf(keyOn(person.page), Date.now())

test('E-01: an offer that was open before its owner set up adds nothing, in any order of pages', async () => {
  await activated(app, email, new Person())
  const thieves = [await atOffer(), await atOffer(), await atOffer()]
  const [atCode, atScan, first] = thieves as [Person, Person, Person]
  for (const thief of [atCode, atScan]) {
    await press(thief, 'enable')
    await press(thief, 'app:other')
  }
  const stolen = keyOn(atCode.page)
  const scanned = code(atScan)
  await press(atCode, 'scanned')
  const owner = await atOffer()
  const { key } = await enroll(owner, Date.now)
  expect(codesOf(owner)).toHaveLength(1)
  const [factor] = await apps()

  await press(atCode, 'code', { code: codeOf(stolen, Date.now()) })
  // Setting up ends every session of before, and with it what was half-way in it: the password is asked for.
  expect(asksPassword(atCode)).toBe(true)
  await press(atScan, 'code', { code: scanned })
  await press(first, 'enable')
  expect(asksPassword(first)).toBe(true)
  for (const thief of thieves)
    for (const step of ['later', 'continue', 'skip', 'saved', 'lost', 'kept', 'send']) {
      if (thief.page.html.includes('<form')) await press(thief, step, { saved: 'yes' })
      expect(codesOf(thief), step).toEqual([])
    }
  expect(await apps()).toEqual([factor])
  pass(MINUTE)
  const again = await halfSignedIn(app, email)
  await press(again, 'verify', { code: codeOf(key, Date.now()) })
  expect(codesOf(again)).toHaveLength(1)
})

test('E-01: an offer left open in the same browser replaces nothing after the session has proven a factor', async () => {
  await activated(app, email, new Person())
  const owner = await atOffer()
  const stale = owner.copy()
  await stale.visit(authorize(app, 'leave'))
  await enroll(owner, Date.now)
  const [factor] = await apps()
  stale.cookies.push(...owner.cookies.filter(({ name }) => name.startsWith('sigma-session')))
  stale.cookies = stale.cookies.filter(
    ({ name }, index, all) => all.findLastIndex((kept) => kept.name === name) === index,
  )
  await press(stale, 'enable')
  expect(stale.page.html).not.toContain('value="app:other"')
  expect(await apps()).toEqual([factor])
})

test('E-01, E-06: a backup code that waits to be saved lets nobody with the session replace the app', async () => {
  await activated(app, email, new Person())
  const owner = await atOffer()
  await press(owner, 'enable')
  await press(owner, 'app:other')
  const key = keyOn(owner.page)
  await press(owner, 'scanned')
  await press(owner, 'code', { code: codeOf(key, Date.now()) })
  const before = await apps()
  pass(MINUTE)
  const thief = await halfSignedIn(app, email)
  await press(thief, 'verify', { code: codeOf(key, Date.now()) })
  const shown = backupCodeOn(thief.page)
  for (const step of [
    'lost',
    'enable',
    'back',
    'app:other',
    'scanned',
    'number',
    'send',
    'skip',
    'kept',
    'continue',
    'later',
  ]) {
    await press(thief, step)
    expect(backupCodeOn(thief.page), step).toBe(shown)
  }
  expect(await apps()).toEqual(before)
})

test('E-04: a form of another site, or without this browser’s token, turns nothing on', async () => {
  await activated(app, email, new Person())
  const sanne = await atOffer()
  await press(sanne, 'enable')
  await press(sanne, 'app:other')
  const right = { step: 'code', code: code(sanne) }
  const action = `${app.origin}${sanne.forms()[0]?.action}`
  const foreign: Array<Record<string, string>> = [
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example' },
    {},
  ]
  for (const headers of foreign) {
    const csrf = Object.keys(headers).length > 0 ? (sanne.forms()[0]?.fields.csrf ?? '') : 'x'
    const answer = await sanne.copy().request('POST', action, new URLSearchParams({ ...right, csrf }), headers)
    expect(answer.status).toBe(403)
  }
  expect(await apps()).toEqual([])
})

test('E-09: what an app is shown is our name and our secret, whatever the address is', async () => {
  for (const [each, local] of ['a+b%26', "o'neill", 'x=y', '_{|}~!#$'].entries()) {
    email = `${local}${count}.${each}@sigma.example`
    await activated(app, email, new Person())
    const sanne = await atOffer()
    await press(sanne, 'enable')
    await press(sanne, 'app:other')
    const href = /href="(otpauth:[^"]+)"/.exec(sanne.page.html)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#39;', "'")
    const uri = new URL(href ?? '')
    const [issuer = '', entry = '', ...more] = uri.pathname.replace(/^\/*totp\/|^\//, '').split(':')
    expect(more).toEqual([])
    expect([decodeURIComponent(issuer), decodeURIComponent(entry)]).toEqual(['Sigma ID', email])
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      secret: keyOn(sanne.page),
      issuer: 'Sigma ID',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
    expect(sanne.page.headers.get('cache-control')).toBe('no-store')
  }
})

test('E-10: without a password there is no wizard, and a wizard is of one session', async () => {
  await activated(app, email, new Person())
  const sanne = await atOffer()
  await press(sanne, 'enable')
  await press(sanne, 'app:other')
  const stranger = new Person()
  await stranger.visit(sanne.page.url)
  expect(stranger.page.status).toBe(400)
  expect(stranger.page.html).not.toContain('otpauth')
  const elsewhere = await atOffer()
  await press(elsewhere, 'enable')
  await press(elsewhere, 'app:other')
  expect(keyOn(elsewhere.page)).not.toBe(keyOn(sanne.page))
  const account = await asked(app.core.store.durable.people).findAccountByEmail(email)
  if (!account) throw new Error('nobody')
  const source = { ip: '192.0.2.1', correlation: 'e' }
  for (const session of ['', 'x', 'null'])
    expect(await partsOf(app).enrollments.find({ account, session, source })).toBeUndefined()
})

test('E-11: with every factor deleted from the database the password alone still sets nothing up', async () => {
  const sanne = await enrolled()
  sql(
    app,
    `UPDATE people SET record = json_remove(json_set(record, '$.authenticators', json('[]')), '$.backup') WHERE id = ?`,
    sanne.id,
  )
  const thief = await halfSignedIn(app, email)
  expect(thief.page.html).not.toContain('value="enable"')
  const csrf = thief.forms()[0]?.fields.csrf ?? ''
  for (const step of ['enable', 'app:other', 'scanned', 'lost', 'kept', 'later', 'continue'])
    for (const prompt of ['enroll', 'challenge']) {
      const uid = /interaction\/([^/?]+)/.exec(thief.page.url)?.[1]
      await thief.post(`${app.origin}/interaction/${uid}/${prompt}`, { csrf, step })
      expect(thief.page.html, step).not.toContain('otpauth')
    }
  expect([codesOf(thief), await apps()]).toEqual([[], []])
})

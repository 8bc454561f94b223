/** SECURITY R-18: a back-up is put back a day later, and nothing that was used or ended since comes to life again. */

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stores, stores } from '../../../src/app/stores.ts'
import { DAY, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { freePorts, type RunningApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { basic, post } from '../../support/oidc/raw-oauth.ts'
import { secretOf } from '../../support/oidc/secret-of.ts'
import { asked } from '../../support/people/asked-people.ts'
import { passkeyOf, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, press } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  halfSignedIn,
  partsOf,
  startTwoStep,
  type Victim,
  victim,
} from '../../support/people/second-factor-attack.ts'
import type { SoftKey } from '../../support/people/soft-key.ts'

const SOURCE = { ip: '192.0.2.1', correlation: 'c' }
/** RFC 7636 appendix B, as `authorize` asks for it. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

/** Each door, and whether something of before the back-up opens it. */
const SHUT = {
  session: false,
  'refresh token': false,
  'remembered device': false,
  'code of the app': false,
  'backup code': false,
  'activation link': false,
  'recovery link': false,
  'waiting mail': false,
}
type Doors = Record<keyof typeof SHUT, boolean>

let app: RunningApp
let folder: string
let ports: [number, number, number]
let backup: string
let sanne: Victim
/** A browser with a session, and one that is remembered. */
let session: Person
let known: Person
let refreshToken: string
let links: Record<'activation' | 'recovery', string>
/** Used a moment before the store was put back. */
let usedCode: string
/** A security key of somebody else, that has counted on since. */
let key: SoftKey

clockOfAllTests()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sigma-id-backup-'))
  ports = await freePorts()
  app = await start()
  sanne = await victim(app, 'sanne@sigma.example')
  session = sanne.browser
  key = await passkeyOf(app, (await victim(app, 'daan@sigma.example')).email, { counts: true, synced: false })
  const { body } = await exchange({ grant_type: 'authorization_code', code: codesOf(session)[0] ?? '', ...PROOF() })
  refreshToken = `${body.refresh_token}`
  pass(MINUTE)
  known = await halfSignedIn(app, sanne.email)
  await press(known, 'verify', { code: codeOf(sanne.key, Date.now()), remember: 'yes' })
  await app.core.links.invite({ email: 'bram@sigma.example', name: 'Bram', locale: 'en' })
  await app.core.links.request(sanne.email, SOURCE)
  links = { activation: await app.linkFor('bram@sigma.example'), recovery: await app.linkFor(sanne.email) }
  const account = await asked(app.core.store.durable.people).findAccount(sanne.id)
  if (account) await app.core.store.durable.enqueue(app.core.notice(account, 'data-downloaded', { at: Date.now() }))
  backup = join(folder, 'of-yesterday.db')
  await commands().backUp(backup)

  pass(DAY)
  const before = await halfSignedIn(app, sanne.email)
  usedCode = codeOf(sanne.key, Date.now())
  await press(before, 'verify', { code: usedCode })
  expect(codesOf(before)).toHaveLength(1)
  expect(await opensWithPasskey()).toBe(true)
  await stop()
})
afterAll(async () => {
  await app.stop().catch(() => undefined)
  rmSync(folder, { recursive: true, force: true })
})

function start(): Promise<RunningApp> {
  // Longer than that day, or much of it would be over anyway.
  const settings = { session: { absolute: '3d', idle: '2d' }, links: { activation: '3d', recovery: '3d' } }
  return startTwoStep({ folder, ports, now: () => Date.now(), settings })
}

/** Until nobody answers any more: connections that were kept open find out when they are used. */
async function stop(): Promise<void> {
  await app.stop()
  const refused = (fault: Error) => (fault.cause as { code?: string } | undefined)?.code === 'ECONNREFUSED'
  while (!(await fetch(app.origin).then(() => false, refused)));
}

function commands(): Stores {
  const { config, log } = app.core
  return stores({ config, now: () => Date.now(), log, operator: 'anna' })
}

function putBack(): string {
  const file = join(folder, 'sigma-id.db')
  for (const name of [file, `${file}-wal`, `${file}-shm`]) rmSync(name, { force: true })
  copyFileSync(backup, file)
  return file
}

const PROOF = () => ({ redirect_uri: `${app.portalOrigin}/payroll`, code_verifier: VERIFIER })

function exchange(fields: Record<string, string>) {
  const secret = secretOf(app, 'payroll')
  return post(`${app.origin}/token`, fields, basic('payroll', secret))
}

async function opensLink(address: string): Promise<boolean> {
  const person = new Person()
  await person.visit(address)
  return person.forms().some(({ fields }) => 'repeat' in fields)
}

/** A browser with the same cookies gets through without a code. */
async function passesAsKnown(): Promise<boolean> {
  const person = known.copy()
  person.cookies = person.cookies.filter(({ name }) => !name.startsWith('sigma-session'))
  await halfSignedIn(app, sanne.email, 'payroll', person)
  return codesOf(person).length > 0
}

async function passesWith(code: string): Promise<boolean> {
  const person = await halfSignedIn(app, sanne.email)
  await press(person, 'verify', { code })
  return codesOf(person).length > 0
}

async function passesWithBackup(): Promise<boolean> {
  const account = await asked(app.core.store.durable.people).findAccount(sanne.id)
  if (!account) throw new Error('nobody')
  const answer = {
    account,
    method: 'backup',
    code: sanne.backupCode,
    sitting: 's',
    session: 's',
    source: SOURCE,
  } as const
  return (await partsOf(app).challenges.answer(answer, ['backup'])).ok
}

async function opensWithPasskey(): Promise<boolean> {
  const person = new Person()
  await person.visit(authorize(app))
  await use(person, key)
  // Whoever has no backup code any more is given a new one on the way.
  if (codesOf(person).length === 0) await press(person, 'saved', { saved: 'yes' })
  return codesOf(person).length > 0
}

async function doors(): Promise<Doors> {
  const { waiting } = await app.core.store.durable.backlog()
  const old = session.copy()
  await old.visit(authorize(app))
  return {
    // A day later it is asked for a code again, and not for the password.
    session: !old.page.html.includes('name="password"'),
    'refresh token': (await exchange({ grant_type: 'refresh_token', refresh_token: refreshToken })).status === 200,
    'remembered device': await passesAsKnown(),
    'code of the app': await passesWith(usedCode),
    'backup code': await passesWithBackup(),
    'activation link': await opensLink(links.activation),
    'recovery link': await opensLink(links.recovery),
    'waiting mail': waiting > 0,
  }
}

test('a back-up that is served from as it is brings all of it back to life', async () => {
  const db = new DatabaseSync(putBack())
  db.exec('DROP TABLE not_servable')
  db.close()
  app = await start()
  const opened = Object.fromEntries(Object.keys(SHUT).map((door) => [door, true]))
  expect(await doors()).toEqual(opened)
  await stop()
})

test('after store:restored none of it opens anything, and people sign in with passkey, or password and app', async () => {
  putBack()
  const restored = await commands().afterRestore()
  expect(restored).toMatchObject({ people: 3, devices: 1, backupCodes: 2, links: 2, parcels: 1 })
  expect(restored.artifacts).toBeGreaterThan(3)
  app = await start()
  expect(await doors()).toEqual(SHUT)
  expect(await app.core.store.durable.verifyAudit()).toBeUndefined()
  const told = await app.core.store.durable.listAudit({ limit: 100 })
  expect(told.find(({ details }) => details?.verb === 'store:restored')).toMatchObject({
    type: 'admin.verb',
    outcome: 'ok',
    details: { operator: 'anna', via: 'command-line' },
  })

  // A key that has counted on since the back-up has counted up.
  expect(await opensWithPasskey()).toBe(true)
  const events = (await app.core.store.durable.listAudit({ limit: 100 })).map(({ type }) => type)
  expect(events).toContain('sign-in.passkey')
  expect(events).not.toContain('passkey.counted-back')
  pass(30 * SECOND)
  const again = await halfSignedIn(app, sanne.email)
  await press(again, 'verify', { code: codeOf(sanne.key, Date.now()) })
  // Whoever has no backup code any more is given a new one on the way.
  await press(again, 'saved', { saved: 'yes' })
  expect(codesOf(again)).toHaveLength(1)
})

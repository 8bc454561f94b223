/**
 * A root key is retired: everything that there was before is sealed anew, the key is taken out of SIGMA_KEYS, and whoever
 * comes through whatever door after that finds it open. On the file, and on MongoDB and Redis.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportSeal } from '../../../src/app/core.ts'
import { type KeyStatus, type RootKeyCommands, rootKeyCommands } from '../../../src/app/root-key-commands.ts'
import { keyFaults } from '../../../src/app/root-keys.ts'
import { checkpointSeal } from '../../../src/audit/checkpoint.ts'
import { prune } from '../../../src/audit/prune.ts'
import { verifyTrail } from '../../../src/audit/verify.ts'
import { DAY, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { newSecret } from '../../../src/mfa/app-code.ts'
import { numberKey } from '../../../src/mfa/number-key.ts'
import { openClusterPortable } from '../../../src/store/cluster-portable.ts'
import { openSqlitePortable } from '../../../src/store/sqlite/portable.ts'
import { contents } from '../../store/inhabited.ts'
import { type AppOptions, freePorts, type RunningApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { clusterEnvironment } from '../../support/app/cluster-environment.ts'
import { open, settled } from '../../support/app/settings.ts'
import { secretOf } from '../../support/oidc/secret-of.ts'
import { askForHelp, lockedOut, sitting } from '../../support/people/help-desk.ts'
import { bringIn, fileOf, line } from '../../support/people/imports.ts'
import { passkeyOf, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, PASSWORD, press } from '../../support/people/second-factor.ts'
import {
  codesOf,
  halfSignedIn,
  smsCode,
  startTwoStep,
  type Victim,
  victim,
} from '../../support/people/second-factor-attack.ts'
import {
  beginApp,
  beginEmail,
  beginNumber,
  confirmApp,
  confirmEmail,
  confirmNumber,
} from '../../support/people/settings-changes.ts'
import type { SoftKey } from '../../support/people/soft-key.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { pruneParts } from '../../support/samples/pruning.ts'

const OLD = `old:${randomBytes(32).toString('base64')}`
const NEW = `new:${randomBytes(32).toString('base64')}`
const SOURCE = { ip: '192.0.2.1', correlation: 'c' }
/** RFC 7636 appendix B, of the challenge that requests here have. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

clockOfAllTests()

const folder = mkdtempSync(join(tmpdir(), 'sigma-id-'))
let options: AppOptions
let app: RunningApp

/** What there was before. */
let phone: Victim
let saved: Victim
let key: { email: string; key: SoftKey }
let halfway: Someone
let moving: Someone
let adding: Someone
let temporary: { email: string; code: string }
let waiting: { number: string; id: string }
let refresh: string
let invited: string
let exported: string
let checkpoints: number
let content: string
let resealed: Awaited<ReturnType<RootKeyCommands['reseal']>>
let status: KeyStatus

async function begin(keys: string): Promise<RunningApp> {
  app = await startTwoStep({ ...options, env: { SIGMA_KEYS: keys } })
  return app
}

const commands = () => rootKeyCommands({ ...app.core, operator: 'chris' })

beforeAll(async () => {
  options = { folder, ports: await freePorts(), now: () => Date.now() }
  await begin(OLD)
  await inhabitants()
  await app.stop()

  await begin(`${NEW},${OLD}`)
  // A node that still has the old key in front could not open what is sealed now, if it did not know the new one.
  if (app.core.store.leases) {
    await expect(commands().reseal(() => undefined)).rejects.toMatchObject({ code: 'in-use-elsewhere' })
    pass(3 * MINUTE)
  }
  await goOn()
  resealed = await commands().reseal(() => undefined)
  await app.stop()
  content = await everythingKept()
  await begin(NEW)
  status = await commands().status()
}, 300_000)

afterAll(async () => {
  await app?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function inhabitants(): Promise<void> {
  phone = await victim(app, 'phone@sigma.example', '06 3333 4444')
  saved = await victim(app, 'saved@sigma.example')
  const { email } = await victim(app, 'key@sigma.example')
  key = { email, key: await passkeyOf(app, email) }
  halfway = await settled(app, () => Date.now())
  await beginApp(app, halfway)
  moving = await settled(app, () => Date.now())
  await beginEmail(app, moving)
  adding = await settled(app, () => Date.now())
  await beginNumber(app, adding)

  const locked = await lockedOut(app, 'locked@sigma.example')
  const number = await askForHelp(locked.browser)
  const decided = await app.core.recovery.decide({
    ...{ number, to: 'issued', check: 'call-back', note: 'by phone', actor: undefined, source: SOURCE },
  })
  if (!decided.ok) throw new Error(decided.reason)
  temporary = { email: locked.email, code: decided.code ?? '' }
  const other = await lockedOut(app, 'waits@sigma.example')
  waiting = { number: await askForHelp(other.browser), id: other.id }

  const password = await bcrypt(PASSWORD, 4)
  const totp = [{ secret: newSecret(), encoding: 'base32' }]
  const file = fileOf(folder, 'people.jsonl', [line(1, { password, locale: 'en' }), line(2, { password, totp })])
  expect(await bringIn(app.core, { file })).toMatchObject({ written: 2 })

  const browser = await halfSignedIn(app, saved.email, 'payroll')
  await press(browser, 'verify', { code: codeOf(saved.key, later()) })
  refresh = String((await redeemed(codesOf(browser).at(-1) ?? '')).refresh_token)
  await app.core.links.invite({ email: 'invited@sigma.example', name: 'Who waits', locale: 'en' })
  const mail = app.core.wrap('email', { to: 'later@sigma.example', subject: 'waits', text: 'until then', html: '' })
  await app.core.store.durable.enqueue([{ ...mail, dueAt: Date.now() + DAY }])
  exported = exportSeal(app.core.ring).make('the trail')
  const { store, ring } = app.core
  const long = Date.now() + 500 * DAY
  expect(await prune(pruneParts(store.durable, { seal: checkpointSeal(ring), at: long }))).toMatchObject({ broken: [] })
  checkpoints = (await store.durable.followCheckpoints(0, 100)).length
}

function later(): number {
  pass(30 * SECOND)
  return Date.now()
}

/** While both keys are there: what was begun goes on, and browsers come by. */
async function goOn(): Promise<void> {
  await confirmNumber(app, adding)
  expect((await recordOf(adding.email))?.authenticators.map(({ kind }) => kind)).toEqual(['totp', 'sms'])
  await confirmEmail(app, moving)
  expect(await recordOf(moving.email)).toBeDefined()
  await open(app, halfway, '/account/apps/code')
  invited = await app.linkFor('invited@sigma.example')
}

async function recordOf(email: string) {
  return (await app.core.store.durable.people.findBy(`email:${email}`))?.record
}

async function token(body: Record<string, string>): Promise<Record<string, unknown>> {
  const basic = Buffer.from(`payroll:${encodeURIComponent(secretOf(app, 'payroll'))}`).toString('base64')
  const response = await fetch(`${app.origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams(body),
  })
  return (await response.json()) as Record<string, unknown>
}

function redeemed(code: string): Promise<Record<string, unknown>> {
  const redirect_uri = `${app.portalOrigin}/payroll`
  return token({ grant_type: 'authorization_code', code, redirect_uri, code_verifier: VERIFIER })
}

/** Whatever lies in the stores, as text. */
async function everythingKept(): Promise<string> {
  const cluster = await clusterEnvironment(folder)
  const store = cluster
    ? await openClusterPortable({
        ...{ mongodb: cluster.SIGMA_MONGODB_URL ?? '', redis: cluster.SIGMA_REDIS_URL ?? '' },
        ...{ now: () => Date.now(), onWarning: () => undefined },
      })
    : await openSqlitePortable(join(folder, 'sigma-id.db'))
  const all = JSON.stringify(await contents(store))
  await store.close()
  return all
}

const old = ({ keys }: KeyStatus) => keys.find(({ id }) => id === 'old')

/** At the second step of a sign-in with the password. */
async function atStep(email: string, step: string): Promise<Person> {
  const person = await halfSignedIn(app, email)
  await person.visit(sitting(person, `challenge/${step}`))
  return person
}

const isIn = (person: Person) => codesOf(person).length === 1

test('says what can go before it goes, and what was kept of it after', () => {
  expect(old(resealed)).toMatchObject({ state: 'removable', canBeRemoved: true, needs: {} })
  expect(resealed.resealed).toMatchObject({ signingKeys: 4, checkpoints })
  expect(checkpoints).toBeGreaterThan(0)
  expect(resealed.broken).toBe(0)
  expect(status.keys.map(({ id, state }) => [id, state])).toEqual([
    ['new', 'newest'],
    ['old', 'gone'],
  ])
  expect(old(status)?.passwords).toBeGreaterThan(5)
  expect(old(status)?.kept.toSorted()).toEqual([
    ...['audit-export', 'foreign-digest', 'imported-secrets', 'pepper', 'phone-numbers', 'temporary-codes'],
  ])
})

test('leaves nothing that is sealed with the key, wherever it lies', () => {
  expect(content.match(/"new\.[\w-]{38,}/g)?.length).toBeGreaterThan(30)
  expect(content.match(/"old\.[\w-]{38,}/g)).toBeNull()
})

test('leaves nothing that the configuration check could find', async () => {
  expect(await keyFaults(app.core.store, app.core.config.keys)).toEqual([])
})

describe('without the key', () => {
  test('a password and the code of an app', async () => {
    const person = await atStep(saved.email, 'totp')
    await press(person, 'verify', { code: codeOf(saved.key, later()) })
    expect(isIn(person)).toBe(true)
    const { account } = (await recordOf(saved.email)) ?? {}
    expect(account?.passwordHash?.split(':')[0]).toBe('new')
  })

  test('a text message, and the number counts as used', async () => {
    const person = await atStep(phone.email, 'sms')
    await press(person, 'send')
    await press(person, 'verify', { code: await smsCode(app, '+31633334444') })
    expect(isIn(person)).toBe(true)
    expect(await app.core.store.durable.people.count('number', numberKey(app.core.ring, '+31633334444'))).toBe(1)
  })

  test('a backup code', async () => {
    const person = await atStep(phone.email, 'backup')
    await press(person, 'verify', { code: phone.backupCode })
    expect(person.page.html).not.toContain('not right')
    expect((await recordOf(phone.email))?.backup?.held).toBeDefined()
  })

  test('a passkey, alone', async () => {
    const person = new Person()
    await person.visit(`${app.origin}/account`)
    await use(person, key.key)
    expect(new URL(person.page.url).pathname).toBe('/account')
  })

  test('a temporary code of the help desk', async () => {
    const person = await atStep(temporary.email, 'temporary')
    await press(person, 'verify', { code: temporary.code })
    expect((await recordOf(temporary.email))?.temporaryCodes[0]?.held).toBeDefined()
  })

  test('a recovery case that waits, with how to be reached', async () => {
    expect((await app.core.recovery.find(waiting.number))?.contact).toContain('06 1234 5678')
  })

  test('a password that was brought along', async () => {
    const person = await halfSignedIn(app, 'mens1@oud.example')
    expect((await recordOf('mens1@oud.example'))?.account?.passwordHash).toMatch(/^new:\$argon2id/)
    expect(person.page.html).not.toContain('name="password"')
  })

  test('a refresh token', async () => {
    const tokens = await token({ grant_type: 'refresh_token', refresh_token: refresh })
    expect(tokens).toHaveProperty('access_token')
  })

  test('a session that was used meanwhile, and the app that is half-way in it', async () => {
    const before = (await recordOf(halfway.email))?.authenticators.length
    await confirmApp(app, halfway)
    expect((await recordOf(halfway.email))?.authenticators).toHaveLength((before ?? 0) + 1)
  })

  test('the link of an invitation', async () => {
    const person = new Person()
    await person.visit(invited)
    await person.submit({ password: PASSWORD, repeat: PASSWORD })
    expect((await recordOf('invited@sigma.example'))?.account?.status).toBe('active')
  })

  test('a file of the audit trail that was sealed with it, and the trail itself', async () => {
    expect(exportSeal(app.core.ring).holds('the trail', exported)).toBe(true)
    expect(exportSeal(app.core.ring).holds('another trail', exported)).toBe(false)
    const { durable } = app.core.store
    expect(await verifyTrail(durable, { seal: checkpointSeal(app.core.ring) })).toBeUndefined()
  })

  test('a mail that waits', async () => {
    pass(DAY + SECOND)
    const mails = await app.inbox()
    expect(mails.find(({ to }) => to === 'later@sigma.example')).toMatchObject({ text: 'until then' })
  })
})

test('what is kept of it is needed: without that a start is refused, with what needs it, and nobody’s password is wrong', async () => {
  const { rootKeys, people } = app.core.store.durable
  const [left] = (await people.counts('hashKey')).filter(({ value }) => value === 'old')
  const { kept = [] } = (await rootKeys.find('old')) ?? {}
  await rootKeys.change('old', (draft) => {
    // By somebody who writes to the store and has no key: of their own, and of another place.
    const [foreign] = draft.kept.filter(({ purpose }) => purpose === 'foreign-digest')
    draft.kept = draft.kept.map((one) =>
      one.purpose === 'pepper' && foreign ? { ...one, sealed: foreign.sealed } : one,
    )
  })
  await app.stop()
  await expect(begin(NEW)).rejects.toMatchObject({
    code: 'unknown-key',
    message: expect.stringContaining(`"old" in the keyring, nor what was kept of it: ${left?.count} passwords need it`),
  })
  await begin(`${NEW},${OLD}`)
  await app.core.store.durable.rootKeys.change('old', (draft) => void Object.assign(draft, { kept }))
  await app.stop()
  await begin(NEW)
})

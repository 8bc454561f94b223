/**
 * People who are brought in sign in with what they have always signed in with: passwords that were hashed, and apps that
 * were set up, by other software. What is kept of it is wrapped, and ours from the first time on.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readHash } from '../../../src/accounts/foreign/spelling.ts'
import { emailKey } from '../../../src/person/account.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { CODES, FIREBASE, foreignPath, HASHES, KEYCLOAK } from '../../support/foreign/foreign.ts'
import { bringIn, fileOf, line, run } from '../../support/people/imports.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD as NEW_PASSWORD, press, text } from '../../support/people/second-factor.ts'

/** When the codes of the other software are good. */
const AT = CODES[0]?.at ?? 0
const PASSWORD = HASHES.find(({ made_by }) => made_by === 'passlib pbkdf2_sha256') ?? { password: '', hash: '' }
/** Each secret once: nobody shares one. */
const APPS = CODES.filter(({ secret }, at) => CODES.findIndex((other) => other.secret === secret) === at)

/** Every one is checked in test/unit/accounts/foreign.test.ts. */
const OF_EACH_SCHEME =
  /^(?:PHP crypt|PHP argon2i$|passlib (?:bcrypt_sha256|pbkdf2_sha1|pbkdf2_sha512|scrypt)|Spring.*2y)/

let app: RunningApp
const mail = (name: string) => `${name}@oud.example`

beforeAll(async () => {
  app = await startApp({ now: () => AT, settings: { brand: { product: 'Sigma' }, imported: { passwords: 'keep' } } })
  const [core] = app.nodes
  if (!core) throw new Error('no node')
  const lines = [
    ...HASHES.map(({ hash }, at) => line(at, { email: mail(`hash${at}`), password: hash })),
    ...APPS.map(({ secret, encoding, algorithm, digits, period }, at) =>
      line(1000 + at, {
        ...{ email: mail(`app${at}`), password: PASSWORD.hash },
        totp: [{ secret, encoding, algorithm, digits, period, label: 'Oud' }],
      }),
    ),
  ]
  const file = fileOf(app.folder, 'people.jsonl', lines)
  const totals = { create: lines.length, refuse: 0 }
  expect(await bringIn(core, { file, acceptWeak: true })).toMatchObject({ totals, written: lines.length, moved: [] })
  const keycloak = { file: foreignPath('keycloak-realm.json'), source: 'keycloak', from: 'keycloak' }
  expect(await bringIn(core, keycloak)).toMatchObject({ totals: { create: 6, refuse: 0 }, written: 6 })
  const users = fileOf(app.folder, 'users.json', [FIREBASE.export])
  const firebase = Buffer.from(JSON.stringify(FIREBASE.parameters)).toString('base64')
  expect(await bringIn(core, { file: users, source: 'firebase', from: 'firebase', firebase })).toMatchObject({
    written: 1,
  })
}, 60_000)

afterAll(() => app.stop())

async function signIn(email: string, password: string): Promise<Person> {
  const person = new Person()
  await person.visit(`${app.portalOrigin}/login`)
  await person.submit({ email, password })
  return person
}

describe('a password', () => {
  const strong = HASHES.flatMap((made, at) =>
    OF_EACH_SCHEME.test(made.made_by) ? [{ ...made, email: mail(`hash${at}`) }] : [],
  )
  const keycloak = Object.entries(KEYCLOAK).map(([name, password]) => ({
    ...{ made_by: `Keycloak, ${name}`, email: `${name}@keycloak.example`, password },
  }))
  const firebase = { made_by: 'Firebase', email: 'user1@firebase.example', password: FIREBASE.password }

  test.each([...strong, ...keycloak.filter(({ email }) => /^(?:dora|eef|frits)/.test(email)), firebase])(
    'of $made_by is right, another is not',
    async ({ email, password }) => {
      const person = await signIn(email, 'another password altogether')
      expect(person.page.url).not.toContain(app.portalOrigin)
      await person.submit({ email, password })
      expect(person.page.url).toContain(app.portalOrigin)
      const kept = await app.nodes[0]?.store.durable.people.findBy(keyOf.email(emailKey(email)))
      expect(kept?.record.account?.passwordHash).toMatch(/^[^:]+:\$argon2id\$/)
    },
  )

  const weak = HASHES.flatMap((made, at) =>
    made.made_by.includes('weak') ? [{ ...made, email: mail(`hash${at}`) }] : [],
  )

  test.each(weak)(
    'of $made_by lets nobody in by itself: the link that is mailed does, with another',
    async ({ email, password }) => {
      const person = await signIn(email, 'another password altogether')
      expect(text(person.page)).not.toContain('another system')
      await person.submit({ email, password })
      expect(person.page.url).not.toContain(app.portalOrigin)
      expect(text(person.page)).toContain('We have sent you a mail')
      await person.visit(await app.linkFor(email))
      await person.submit({ password: NEW_PASSWORD, repeat: NEW_PASSWORD })
      expect((await signIn(email, NEW_PASSWORD)).page.url).toContain(app.portalOrigin)
    },
  )

  test('of somebody who was disabled there opens nothing here', async () => {
    expect((await signIn('cor@keycloak.example', KEYCLOAK.cor ?? '')).page.url).not.toContain(app.portalOrigin)
  })
})

describe('an app', () => {
  test.each(APPS.map((made, at) => ({ ...made, email: mail(`app${at}`) })))(
    'of $made_by, $algorithm, $digits digits, $period seconds: its code is right, another is not',
    async ({ email, code, digits }) => {
      const person = await signIn(email, PASSWORD.password)
      expect(text(person.page)).toContain('Oud')
      await press(person, 'code', { code: '0'.repeat(digits) })
      expect(person.page.url).not.toContain(app.portalOrigin)
      await press(person, 'code', { code })
      // None came along.
      await press(person, 'saved', { saved: 'yes' })
      expect(person.page.url).toContain(app.portalOrigin)
    },
  )
})

test('the database holds no digest and no secret of another system', () => {
  const kept = ['sigma-id.db', 'sigma-id.db-wal'].map((name) => readFileSync(join(app.folder, name), 'latin1')).join('')
  expect(kept).toContain(mail('hash0'))
  for (const { hash, made_by } of HASHES) {
    const read = readHash(hash)
    if (!read.ok) throw new Error(made_by)
    const { digest } = read.hash
    for (const form of ['latin1', 'hex', 'base64', 'base64url'] as const)
      expect(kept.includes(digest.toString(form).slice(0, 15)), `${made_by} as ${form}`).toBe(false)
    expect(kept.includes(hash.slice(-20)), made_by).toBe(false)
  }
  for (const { secret } of CODES) expect(kept.includes(secret)).toBe(false)
})

test('how far they are is told by source, and who never came is taken back as if they had not been brought', async () => {
  const [core] = app.nodes
  if (!core) throw new Error('no node')
  const found = await run<Array<{ source: string; stages: Record<string, number> }>>(core, 'migration:status', {})
  const keycloak = found.find(({ source }) => source === 'keycloak')?.stages
  expect(keycloak).toMatchObject({ waiting: 3, password: 3, code: 0 })
  expect(await run(core, 'people:forget', { source: 'keycloak' })).toEqual({ forgotten: 3, left: 0 })
  expect(await run(core, 'people:forget', { source: 'keycloak' })).toEqual({ forgotten: 0, left: 0 })
  const again = { file: foreignPath('keycloak-realm.json'), source: 'keycloak', from: 'keycloak' }
  expect(await bringIn(core, again)).toMatchObject({ totals: { create: 3, same: 3 }, written: 3 })
})

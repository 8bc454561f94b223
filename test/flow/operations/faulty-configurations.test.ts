/**
 * Configurations and environments with something wrong: each is told at once, by the name of what has to be mended, with
 * exit code 1, and nothing is made. What a start asks of this machine is asked here by the same function; that the process
 * itself asks it is shown at the end, with what only another user meets.
 */

import { hash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { insistStartable } from '../../../src/app/check.ts'
import { readConfig } from '../../../src/config.ts'
import { ConfigurationError } from '../../../src/lib/errors.ts'
import { MIGRATIONS, migrate } from '../../../src/store/sqlite/migrations.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { openSqlitePortable } from '../../../src/store/sqlite/portable.ts'
import { freePort } from '../../support/app/ports.ts'
import { launchNode } from '../../support/app/process.ts'
import { CLIENTS, rootKey, SETTINGS, secrets } from '../../support/app/production.ts'

const root = resolve(import.meta.dirname, '../../..')
const NOBODY = 65_534
/** Of which no message may have anything. */
const CANARY = 'canary7KQ2XNW4tb9'

type Variables = Record<string, string | undefined>

interface Place {
  folder: string
  data: string
  settings: Record<string, unknown>
  /** Instead of the settings. */
  text: string | undefined
  clients: string
  env: Variables
}

/** A production installation in which everything is in order, in a folder of its own. */
function place(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-faulty-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  return {
    folder,
    data: join(folder, 'data'),
    settings: {
      ...SETTINGS,
      listen: { port: 0 },
      operations: { port: 0 },
      data: join(folder, 'data'),
      clients: join(folder, 'clients.yaml'),
      homeClient: 'portal',
    },
    text: undefined,
    clients: CLIENTS,
    env: {
      NODE_ENV: 'production',
      ...secrets(),
      SIGMA_SMTP_URL: `smtps://user:${CANARY}@mail.sigma.example`,
    },
  }
}

function write(where: Place): Record<string, string> {
  const file = join(where.folder, 'sigma-id.yaml')
  writeFileSync(file, where.text ?? JSON.stringify(where.settings))
  writeFileSync(join(where.folder, 'clients.yaml'), where.clients)
  const env = { SIGMA_CONFIG: file, ...where.env }
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** Names, and what is in each file. */
function everythingIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return entry.isFile() ? `${path} ${hash('sha256', readFileSync(path))}` : path
    })
    .sort()
}

/** What a start says, line by line; none if it would go on. Nothing is made either way. */
async function told(where: Place): Promise<string[]> {
  const env = write(where)
  const before = everythingIn(where.folder)
  try {
    await insistStartable(readConfig(root, env))
    return []
  } catch (fault) {
    if (!(fault instanceof ConfigurationError)) throw fault
    expect(fault.message).not.toContain(CANARY)
    return fault.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  } finally {
    expect(everythingIn(where.folder)).toEqual(before)
  }
}

/** A line that begins with the name, and says this. */
function line(name: string, said: RegExp): RegExp {
  return new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}: .*${said.source}`, 's')
}

test('with nothing wrong nothing is told, and nothing is made', async () => {
  const where = place()
  expect(await told(where)).toEqual([])
  mkdirSync(where.data, { mode: 0o700 })
  expect(await told(where)).toEqual([])
})

const set = (name: string, value: unknown) => (where: Place) => {
  where.settings[name] = value
}
const env = (name: string, value: string | undefined) => (where: Place) => {
  where.env[name] = value
}
const text = (given: string) => (where: Place) => {
  where.text = given
}
/** A file named for the variable, and what is in it; without, there is none. */
const inFile = (name: string, content?: string | Buffer) => (where: Place) => {
  const file = join(where.folder, `${name}.secret`)
  if (content !== undefined) writeFileSync(file, content)
  where.env[name] = undefined
  where.env[`${name}_FILE`] = file
}

test.each<[string, (where: Place) => void, string, RegExp]>([
  // The file of settings
  [
    'a file that is not there',
    env('SIGMA_CONFIG', '/nowhere/sigma-id.yaml'),
    '/nowhere/sigma-id.yaml',
    /there is no such file/,
  ],
  ['a folder in the place of the file', env('SIGMA_CONFIG', tmpdir()), tmpdir(), /is a folder, and has to be a file/],
  ['a bracket that nothing closes', text('issuer: [\n'), '{file}', /line 2, column 1: is not YAML/],
  ['a list at the top', text('- issuer\n'), '{file}', /is a list: it has to hold settings by their names/],
  ['an empty file', text(''), '{file}', /is empty/],
  [
    'one name twice',
    text('issuer: a\nissuer: b\n'),
    '{file}',
    /line 2, column 1: is not YAML: Map keys must be unique/,
  ],
  // Settings
  ['a name that there is not', set('nonsense', 1), 'nonsense', /is no setting/],
  ['a misspelled name', set('opperations', { port: 1 }), 'opperations', /is no setting: did you mean `operations`\?/],
  ['nothing to listen on', set('listen', undefined), 'listen', /is missing: .*port: 3000/],
  ['a word for a port', set('listen', { port: 'abc' }), 'listen.port', /is "abc": it has to be a number/],
  [
    'a port that there is not',
    set('operations', { port: 70_000 }),
    'operations.port',
    /is 70000: it has to be at most 65535/,
  ],
  [
    'one port for two',
    (where) => Object.assign(where.settings, { listen: { port: 1 }, operations: { port: 1 } }),
    'operations.port',
    /is 1, which listen\.port is already/,
  ],
  ['an issuer with a path', set('issuer', 'https://id.sigma.example/sso'), 'issuer', /it has to be an origin/],
  ['an issuer with a slash behind it', set('issuer', 'https://id.sigma.example/'), 'issuer', /it has to be an origin/],
  ['an issuer with a query', set('issuer', 'https://id.sigma.example?a=b'), 'issuer', /it has to be an origin/],
  ['an issuer without TLS', set('issuer', 'http://id.sigma.example'), 'issuer', /must be https in production/],
  ['no issuer', set('issuer', undefined), 'issuer', /is missing: the public origin, such as https/],
  ['no sender', set('mail', undefined), 'mail.from', /is missing: the address that mail is sent from/],
  [
    'a sender that is no address',
    set('mail', { from: 'nobody' }),
    'mail.from',
    /is "nobody": it has to be an address such as/,
  ],
  ['a duration in words', set('session', { idle: '1 hour' }), 'session.idle', /it has to be a duration such as 30s/],
  ['a color by its name', set('brand', { color: 'red' }), 'brand.color', /it has to be a color such as #1f3a5f/],
  [
    'a time zone of nowhere',
    set('brand', { timeZone: 'Mars/Olympus' }),
    'brand.timeZone',
    /it has to be a time zone such as/,
  ],
  [
    'passkeys of another host',
    set('passkeys', { rpId: 'example.org' }),
    'passkeys.rpId',
    /is neither id\.sigma\.example nor/,
  ],
  [
    'administration where everybody is',
    set('admin', { origin: 'https://id.sigma.example', listen: { port: 0 } }),
    'admin.origin',
    /is the issuer itself/,
  ],
  ['people of development', set('people', []), 'people', /is for development only/],
  ['the portal of development', set('portal', { port: 0 }), 'portal', /is for development only/],
  ['a level that the log has not', set('log', { level: 'loud' }), 'log.level', /it has to be one of debug, info/],
  ['fewer than no tries', set('throttle', { perAddress: -1 }), 'throttle.perAddress', /is -1: it has to be at least 1/],
  [
    'a campaign that ends before it begins',
    set('twoStep', { campaign: { everyone: { start: '2026-12-01', deadline: '2026-11-01' } } }),
    'twoStep.campaign.everyone',
    /the deadline is before the start/,
  ],
  [
    'a carrier without its credential',
    set('twoStep', { sms: { carriers: [{ kind: 'http', url: 'https://sms.sigma.example', token: 'SMS_TOKEN' }] } }),
    'twoStep.sms.carriers[0].token',
    /SMS_TOKEN is not set in the environment/,
  ],
  // The environment
  ['no keys', env('SIGMA_KEYS', undefined), 'SIGMA_KEYS', /is missing: id:base64/],
  ['a key that is too short', env('SIGMA_KEYS', 'a:c2hvcnQ='), 'SIGMA_KEYS[0]', /needs at least 32 bytes/],
  ['a key that is no base64', env('SIGMA_KEYS', `a:${CANARY.repeat(3)}!§$`), 'SIGMA_KEYS[0]', /is not base64/],
  ['a key of zeros', env('SIGMA_KEYS', `a:${Buffer.alloc(32).toString('base64')}`), 'SIGMA_KEYS[0]', /is not random/],
  ['a key without an id', env('SIGMA_KEYS', randomBytes(32).toString('base64')), 'SIGMA_KEYS[0]', /needs an id/],
  ['two keys with one id', env('SIGMA_KEYS', `${rootKey()},${rootKey()}`), 'SIGMA_KEYS', /has an id twice/],
  [
    'keys both ways',
    (where) => {
      const { SIGMA_KEYS: keys } = where.env
      inFile('SIGMA_KEYS', 'x')(where)
      where.env.SIGMA_KEYS = keys
    },
    'SIGMA_KEYS',
    /is given twice: leave out SIGMA_KEYS or SIGMA_KEYS_FILE/,
  ],
  ['keys in a file that is not there', inFile('SIGMA_KEYS'), 'SIGMA_KEYS_FILE', /there is no such file/],
  ['keys in an empty file', inFile('SIGMA_KEYS', '\n'), 'SIGMA_KEYS_FILE', /is empty/],
  ['keys as bytes', inFile('SIGMA_KEYS', randomBytes(32)), 'SIGMA_KEYS_FILE', /is not UTF-8 text/],
  ['no mail server', env('SIGMA_SMTP_URL', undefined), 'SIGMA_SMTP_URL', /is missing: smtps/],
  [
    'a mail server that is a page',
    env('SIGMA_SMTP_URL', `https://user:${CANARY}@mail.sigma.example`),
    'SIGMA_SMTP_URL',
    /must be smtp:\/\/… or smtps:\/\/…/,
  ],
  ['a misspelled environment', env('NODE_ENV', 'prodution'), 'NODE_ENV', /is neither production nor development/],
  ['a cluster without its stores', set('store', { kind: 'cluster' }), 'SIGMA_MONGODB_URL', /must be mongodb:\/\/…/],
  [
    'a MongoDB without a database',
    (where) => {
      where.settings.store = { kind: 'cluster' }
      Object.assign(where.env, {
        SIGMA_MONGODB_URL: `mongodb://u:${CANARY}@a.example`,
        SIGMA_REDIS_URL: 'redis://a.example',
      })
    },
    'SIGMA_MONGODB_URL',
    /with the database in it/,
  ],
  [
    'a Redis that is a page',
    (where) => {
      where.settings.store = { kind: 'cluster' }
      Object.assign(where.env, {
        SIGMA_MONGODB_URL: 'mongodb://a.example/sigma',
        SIGMA_REDIS_URL: `http://:${CANARY}@a.example`,
      })
    },
    'SIGMA_REDIS_URL',
    /must be redis:\/\/…/,
  ],
  // Applications
  [
    'a home that nobody is',
    set('homeClient', 'nobody'),
    'homeClient',
    /is "nobody", and there is no such application: it has to be one of portal/,
  ],
  [
    'no file of applications',
    set('clients', '/nowhere/clients.yaml'),
    '/nowhere/clients.yaml (line 1)',
    /there is no such file/,
  ],
  [
    'an application without its secret',
    env('PORTAL_CLIENT_SECRET', undefined),
    'clients[0].client_secret (line 7)',
    /PORTAL_CLIENT_SECRET is not set/,
  ],
  [
    'a secret that is short',
    env('PORTAL_CLIENT_SECRET', CANARY),
    'clients[0].client_secret (line 7)',
    /is shorter than 32 characters/,
  ],
  [
    'a secret in a file that is not there',
    inFile('PORTAL_CLIENT_SECRET'),
    'clients[0].client_secret (line 7)',
    /PORTAL_CLIENT_SECRET_FILE: .* there is no such file/,
  ],
  // The data folder
  [
    'a file in the place of the data folder',
    (where) => writeFileSync(where.data, ''),
    'data',
    /is a file: it has to be a folder/,
  ],
  [
    'a data folder in which others may write',
    (where) => {
      mkdirSync(where.data)
      chmodSync(where.data, 0o777)
    },
    'data',
    /others may put files into it: .* has the mode 777.*chmod 700/,
  ],
  [
    'a link that leads around in a circle',
    (where) => symlinkSync(where.data, where.data),
    'data',
    /is a link that leads around/,
  ],
  [
    'a database that others may read',
    (where) => database(where, 0o644),
    '{data}/sigma-id.db',
    /others may open it: it has the mode 644.*chmod 600/,
  ],
  [
    'a database that has another name',
    (where) => {
      database(where, 0o600)
      linkSync(join(where.data, 'sigma-id.db'), join(where.folder, 'linked.db'))
    },
    '{data}/sigma-id.db',
    /has 2 names \(hard links\): it has to be a file with one name.* -samefile/,
  ],
  [
    'a folder in the place of the database',
    (where) => mkdirSync(join(where.data, 'sigma-id.db'), { recursive: true, mode: 0o700 }),
    '{data}/sigma-id.db',
    /is no plain file/,
  ],
  [
    'a database that is a text',
    (where) => database(where, 0o600, () => 'not a database at all'.repeat(20)),
    '{data}/sigma-id.db',
    /is no SQLite database.*docs\/backup-and-restore\.md/,
  ],
  [
    'a database that is a few bytes',
    (where) => database(where, 0o600, () => 'SQLite format 3\0'),
    '{data}/sigma-id.db',
    /is no SQLite database/,
  ],
  [
    'a database that was cut off',
    (where) => database(where, 0o600, (whole) => whole.subarray(0, 8192)),
    '{data}/sigma-id.db',
    /is cut off: it has 8192 bytes/,
  ],
  [
    'a database of a later release',
    (where) => {
      database(where, 0o600)
      const db = new DatabaseSync(join(where.data, 'sigma-id.db'))
      db.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 99')
      db.close()
    },
    '{data}/sigma-id.db',
    /has schema version 99, which a later release made/,
  ],
  [
    'a back-up that was just put back',
    (where) => {
      mkdirSync(where.data, { mode: 0o700 })
      cpSync(marked, join(where.data, 'sigma-id.db'))
    },
    '{data}/sigma-id.db',
    /is a back-up as it was made: run store:restored first/,
  ],
])('%s', async (_what, wrong, name, said) => {
  const where = place()
  wrong(where)
  const lines = await told(where)
  const named = name.replace('{file}', join(where.folder, 'sigma-id.yaml')).replace('{data}', where.data)
  expect(lines).toContainEqual(expect.stringMatching(line(named, said)))
})

test('a home that is no more keeps nobody from starting again: somebody may have deleted it in an emergency', async () => {
  const where = place()
  database(where, 0o600)
  where.settings.homeClient = 'nobody'
  expect(await told(where)).toEqual([])
})

let whole: Buffer
let marked: string
const made = mkdtempSync(join(tmpdir(), 'sigma-id-made-'))
afterAll(() => rmSync(made, { recursive: true, force: true }))

beforeAll(async () => {
  const path = join(made, 'whole.db')
  await openSqliteStore(path).close()
  whole = readFileSync(path)
  marked = join(made, 'marked.db')
  const portable = await openSqlitePortable(marked)
  await portable.marks.put({ kind: 'backup', at: 1 })
  await portable.close()
  chmodSync(marked, 0o600)
})

function database(where: Place, mode: number, change: (whole: Buffer) => string | Buffer = (kept) => kept): void {
  mkdirSync(where.data, { mode: 0o700 })
  const path = join(where.data, 'sigma-id.db')
  writeFileSync(path, change(whole))
  chmodSync(path, mode)
}

test('a port that another process has', async () => {
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const where = place()
  where.settings.listen = { port }
  expect(await told(where)).toEqual([
    expect.stringMatching(/^listen\.port: Cannot listen on 127\.0\.0\.1:\d+: the port is in use already/),
  ])
})

test('everything that is wrong is told at once: settings, environment, applications, folder', async () => {
  const where = place()
  Object.assign(where.settings, { log: { level: 'loud' }, nonsense: 1, homeClient: 'nobody' })
  where.env.SIGMA_KEYS = 'a:b'
  where.clients = `${CLIENTS}    minimum_acr: phrh\n    first: true\n`
  mkdirSync(where.data)
  chmodSync(where.data, 0o777)
  const names = (await told(where)).map((said) => said.slice(0, said.indexOf(': ')))
  for (const name of [
    'log.level',
    'nonsense',
    'SIGMA_KEYS[0]',
    'clients[0].minimum_acr (line 9)',
    'clients[0].first (line 10)',
    'data',
  ])
    expect(names).toContain(name)
})

/** The process itself, as this user or another. */
function start(env: Record<string, string>, user?: number) {
  return launchNode({ PATH: process.env.PATH ?? '', ...env }, ['src/start.js'], user).ended
}

test('the process says the same, with exit code 1, no stack trace and nothing made', async () => {
  const where = place()
  Object.assign(where.settings, { opperations: 1, homeClient: 'nobody' })
  const env = write(where)
  const before = everythingIn(where.folder)
  const { code, out, err } = await start(env)
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/^ {2}opperations: is no setting: did you mean `operations`\?$/m)
  expect(err).toMatch(/^ {2}homeClient: is "nobody"/m)
  expect(err).not.toMatch(/^\s+at |canary/m)
  expect(everythingIn(where.folder)).toEqual(before)
})

const asRoot = test.runIf(process.getuid?.() === 0)

asRoot.each<[string, (where: Place) => void, RegExp]>([
  [
    'a file of settings that it may not read',
    (where) => {
      where.env.SIGMA_CONFIG = join(where.folder, 'closed.yaml')
      writeFileSync(where.env.SIGMA_CONFIG, JSON.stringify(where.settings), { mode: 0o600 })
    },
    /closed\.yaml: the user \S+ may not open it/,
  ],
  [
    'a data folder that it may not write to',
    (where) => mkdirSync(where.data, { mode: 0o755 }),
    /^ {2}data: \S+data: the user \S+ may not write to it: it has to be .*chown/m,
  ],
  [
    'a data folder that it may not make',
    (where) => void where,
    /^ {2}data: there is no \S+data, and it cannot be made: \S+: the user \S+ may not write to it/m,
  ],
  [
    'a port below 1024',
    (where) => {
      where.settings.listen = { port: 81 }
    },
    /^ {2}listen\.port: Cannot listen on 127\.0\.0\.1:81: this user may not open ports below 1024/m,
  ],
])('another user, and %s: one sentence, and no stack trace', async (_what, wrong, said) => {
  const where = place()
  wrong(where)
  const { code, err } = await start(write(where), NOBODY)
  expect(err).toMatch(said)
  expect(err).not.toMatch(/^\s+at /m)
  expect(code).toBe(1)
  expect(existsSync(join(where.data, 'sigma-id.db'))).toBe(false)
})

test.each([
  ['of this release', MIGRATIONS.length],
  ['of the release before, which could not have a changed one back', MIGRATIONS.length - 1],
])('a slip in the file of applications changes nothing in a store %s', async (_which, steps) => {
  const where = place()
  mkdirSync(where.data, { mode: 0o700 })
  const db = new DatabaseSync(join(where.data, 'sigma-id.db'))
  migrate(db, MIGRATIONS.slice(0, steps))
  db.close()
  chmodSync(join(where.data, 'sigma-id.db'), 0o600)
  where.clients = `${CLIENTS}    nonsense: 1\n`
  const env = write(where)
  const before = everythingIn(where.folder)
  const { code, err } = await start(env)
  expect([code, err]).toEqual([1, expect.stringMatching(/clients\[0\]\.nonsense \(line 9\): /)])
  expect(everythingIn(where.folder)).toEqual(before)
})

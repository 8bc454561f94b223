/** `config:check`: everything that stands in the way, before a start and beside a running server. */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Finding } from '../../../src/check/finding.ts'
import { DAY } from '../../../src/lib/time.ts'
import { nameAt, ownerOf } from '../../../src/store/sqlite/backup-folder.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { freePort } from '../../support/app/ports.ts'
import { commandLine, type Installation, installation, startServer } from '../../support/app/process.ts'
import { type SmtpServer, smtpServer } from '../../support/delivery/smtp-server.ts'
import { passkey } from '../../support/samples/factors.ts'
import { account } from '../../support/samples/records.ts'
import { describeWith, redisServer } from '../../support/services/services.ts'

async function checked(where: Installation): Promise<{ code: number | null; err: string; found: Finding[] }> {
  const { code, out, err } = await commandLine(where, 'config:check')
  expect(err).not.toMatch(/^\s+at /m)
  return { code, err, found: JSON.parse(out) as Finding[] }
}

const faults = (found: Finding[]) => found.filter(({ level }) => level === 'fault').map(({ name }) => name)

test('before the first start all is in order, and nothing is made', async () => {
  const where = await installation()
  const before = readdirSync(where.folder)
  const { code, found } = await checked(where)
  expect({ code, faults: faults(found) }).toEqual({ code: 0, faults: [] })
  expect(found).toContainEqual({ level: 'ok', name: 'homeClient', found: 'is portal' })
  expect(readdirSync(where.folder)).toEqual(before)
})

test('beside a running server its ports are no fault, and what the store knows counts', async () => {
  const where = await installation()
  await startServer(where)
  const { code, err, found } = await checked(where)
  expect(faults(found)).toEqual([])
  expect(code).toBe(0)
  expect(err).toMatch(/^warning listen\.port: \S+ is in use by a Sigma ID that runs/m)
})

test('folders that a group may write to: told by the check, and by the log of a start', async () => {
  const backups = mkdtempSync(join(tmpdir(), 'sigma-id-backups-'))
  onTestFinished(() => rmSync(backups, { recursive: true }))
  const where = await installation({ settings: { backup: { folder: backups } } })
  mkdirSync(where.data)
  for (const folder of [where.data, backups]) chmodSync(folder, 0o770)
  const { code, err } = await checked(where)
  expect(code).toBe(0)
  expect(err).toMatch(/^warning data: its group may put files into it/m)
  expect(err).toMatch(/^warning backup.folder: its group may remove back-ups/m)
  const server = await startServer(where)
  const told = server.printed().err
  expect(told).toMatch(/"setting":"data".*its group may put files into it: .*chmod 700/)
  expect(told).toMatch(/"setting":"backup.folder".*its group may remove back-ups/)
})

test('a key that something needs is a fault while it is missing', async () => {
  const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`
  const where = await installation({ env: { SIGMA_KEYS: key('old') } })
  const server = await startServer(where)
  server.signal('SIGTERM')
  await server.ended
  expect((await checked(where)).found).toContainEqual({
    level: 'ok',
    name: 'SIGMA_KEYS',
    found: 'has every key that servers have had',
  })
  const other = { ...where, env: { ...where.env, SIGMA_KEYS: key('new') } }
  const lacks = (what: string) =>
    expect.objectContaining({ level: 'fault', name: 'SIGMA_KEYS', found: `lacks old, which kept ${what} need` })
  expect((await checked(other)).found).toContainEqual(lacks('signing keys'))
  const store = openSqliteStore(join(where.data, 'sigma-id.db'))
  await store.durable.people.change('sanne', (draft) =>
    Object.assign(draft, { account: account({ passwordHash: 'old:$argon2id$x' }) }),
  )
  await store.close()
  const { code, found } = await checked(other)
  expect(code).toBe(1)
  // A start says the same, before it touches the store.
  expect(await startServer(other).catch(String)).toMatch(/SIGMA_KEYS: lacks old, which kept passwords need/)
  expect(found).toContainEqual(lacks('passwords'))
})

test('passkeys for another name, and a clock that stands before the last record, are warnings', async () => {
  const where = await installation()
  const store = openSqliteStore(join(where.data, 'sigma-id.db'))
  await store.durable.people.change('sanne', (draft) =>
    Object.assign(draft, { account: account(), authenticators: [passkey({}, { rpId: 'old.example' })] }),
  )
  const last = { id: 'r1', type: 'fault', outcome: 'failed', at: Date.now() } as const
  await store.durable.appendAudit(last)
  const clock = ({ found }: { found: Finding[] }) => found.find(({ name }) => name === 'clock')
  expect(clock(await checked(where))?.level).toBe('ok')
  await store.durable.appendAudit({ ...last, id: 'r2', at: last.at + DAY })
  await store.close()
  const { code, found } = await checked(where)
  expect(code).toBe(0)
  expect(clock({ found })?.level).toBe('warning')
  expect(found).toContainEqual(
    expect.objectContaining({
      level: 'warning',
      name: 'passkeys.rpId',
      found: 'is localhost, and 1 person has passkeys for old.example',
    }),
  )
})

test('a clock that is far from what the store knows is told, removes no back-up, and counts once an operator says so', async () => {
  const where = await installation()
  const server = await startServer(where)
  server.signal('SIGTERM')
  await server.ended
  const today = new Date().toISOString().slice(0, 10)
  const backups = mkdtempSync(join(where.folder, 'backups-'))
  const old = join(backups, nameAt(ownerOf(where.origin), Date.now() - 70 * DAY))
  writeFileSync(old, 'a back-up')
  const later = join(backups, nameAt(ownerOf(where.origin), Date.now() + 70 * DAY))
  writeFileSync(later, 'a back-up')
  const put = async (known: number) => {
    const store = openSqliteStore(join(where.data, 'sigma-id.db'))
    await store.durable.putKnownTime(known).finally(() => store.close())
  }
  await put(Date.now() - 60 * DAY)
  const clock = async () => (await checked(where)).found.find(({ name }) => name === 'clock')
  expect(await clock()).toMatchObject({
    level: 'warning',
    found: 'stands 60 days after what the store knows, so nothing old is removed',
  })
  await put(Date.now() + 1500 * DAY)
  expect(await clock()).toMatchObject({
    level: 'warning',
    found: 'stands 1500 days before what the store knows, so nothing old is removed',
  })
  await put(Date.now() - 60 * DAY)
  const make = () => commandLine(where, 'store:backup', '--folder', backups, '--keep', '1')
  const { code, out, err } = await make()
  expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, removed: [], held: [old], later: [later] })
  expect(err).toContain('no back-up is removed: the clock of this machine is far from')
  expect(err).toContain('back-ups that are named after a later moment neither count nor go')
  expect(await commandLine(where, 'clock:confirm', '--today', '2020-02-29')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^--today: is not what the clock of this machine says: .*Set the clock first\n$/),
  })
  expect(await commandLine(where, 'clock:confirm', '--today', today)).toMatchObject({ code: 0 })
  expect((await clock())?.level).toBe('ok')
  expect(JSON.parse((await make()).out)).toMatchObject({ removed: { length: 2 }, held: [] })
})

test('a mail server that is not there, and a home that nobody is, are faults at once', async () => {
  const SIGMA_SMTP_URL = `smtp://user:canary7KQ2@127.0.0.1:${await freePort()}`
  const where = await installation({ settings: { homeClient: 'nobody', opperations: 1 }, env: { SIGMA_SMTP_URL } })
  const { code, err, found } = await checked(where)
  expect(code).toBe(1)
  expect(faults(found).sort()).toEqual(['SIGMA_SMTP_URL', 'homeClient', 'opperations'])
  for (const { found: what, expected, remedy } of found.filter(({ level }) => level === 'fault'))
    expect([what, expected ?? '', remedy ?? ''].join()).not.toMatch(/undefined|canary7KQ2/)
  expect(err).toMatch(/^fault {3}SIGMA_SMTP_URL: 127\.0\.0\.1:\d+ refused the connection/m)
  expect(err).not.toContain('canary7KQ2')
})

test('an application that is wrong in the file is told as that, and not as a home that nobody is', async () => {
  const clients = 'clients:\n  - client_id: portal\n    client_name: Portal\n    redirect_uris: [nowhere]\n'
  const { found } = await checked(await installation({ clients, settings: { homeClient: 'portal' } }))
  expect(faults(found)).toContainEqual(expect.stringMatching(/^clients\[0\]/))
  expect(found.map(({ name }) => name)).not.toContain('homeClient')
})

test('a mail server that takes us is in order, and gets no mail', async () => {
  const server = await smtpServer()
  onTestFinished(() => server.close())
  const { found } = await checked(await installation({ env: { SIGMA_SMTP_URL: server.url } }))
  expect(found.find(({ name }) => name === 'SIGMA_SMTP_URL')?.level).toBe('ok')
  expect(server.messages).toEqual([])
})

test('mail:test sends one mail in the brand that people know, and tells what the server answered', async () => {
  const server = await smtpServer()
  onTestFinished(() => server.close())
  const where = await installation({
    env: { SIGMA_SMTP_URL: server.url },
    settings: { brand: { product: 'Loonpoort' } },
  })
  const before = readdirSync(where.folder)
  const { code, out } = await commandLine(where, 'mail:test', '--to', 'bea@sigma.example', '--locale', 'nl')
  expect([code, JSON.parse(out)]).toEqual([
    0,
    { to: 'bea@sigma.example', by: new URL(server.url).host, answer: expect.stringMatching(/^250 /) },
  ])
  expect(server.messages).toMatchObject([{ to: ['bea@sigma.example'], headers: { subject: 'Testmail van Loonpoort' } }])
  expect(readdirSync(where.folder)).toEqual(before)
})

test.each<[string, string[], (server: SmtpServer) => void, RegExp]>([
  ['an address that is none', ['--to', 'bea'], () => undefined, /^--to: is no mail address/],
  [
    'a language that we do not speak',
    ['--to', 'bea@sigma.example', '--locale', 'fr'],
    () => undefined,
    /^--locale: has to be one of en, nl/,
  ],
  [
    'an address that the server refuses',
    ['--to', 'bea@sigma.example'],
    (server) => server.fail('RCPT', '550 canary7KQ2'),
    /^SIGMA_SMTP_URL: 127\.0\.0\.1:\d+ does not take the sender or the address: it answered 550$/,
  ],
])('mail:test, %s: one sentence and exit code 1', async (_what, args, fail, said) => {
  const server = await smtpServer()
  onTestFinished(() => server.close())
  fail(server)
  const { code, out, err } = await commandLine(
    await installation({ env: { SIGMA_SMTP_URL: server.url } }),
    'mail:test',
    ...args,
  )
  expect([code, out, err.trimEnd()]).toEqual([1, '', expect.stringMatching(said)])
})

test('mail:test makes no outbox where no server has been', async () => {
  const where = await installation()
  const { code, err } = await commandLine(where, 'mail:test', '--to', 'bea@sigma.example')
  expect(code).toBe(1)
  expect(err).not.toMatch(/^\s+at /m)
  expect(readdirSync(where.folder)).not.toContain('data')
})

describeWith(['redis'], 'stores of a cluster', () => {
  test('a Redis that evicts and a MongoDB that is not there are told in one answer, without their passwords', async () => {
    const redis = await redisServer('--maxmemory-policy', 'allkeys-lru')
    onTestFinished(() => redis.remove())
    const where = await installation({
      settings: { store: { kind: 'cluster' } },
      env: {
        SIGMA_KEYS: `a:${randomBytes(32).toString('base64')}`,
        SIGMA_MONGODB_URL: `mongodb://user:canary7KQ2@127.0.0.1:${await freePort()}/sigma`,
        SIGMA_REDIS_URL: redis.uri,
      },
    })
    const { code, err, found } = await checked(where)
    expect({ code, faults: faults(found) }).toEqual({ code: 1, faults: ['SIGMA_MONGODB_URL', 'SIGMA_REDIS_URL'] })
    expect(err).toMatch(/SIGMA_MONGODB_URL: refused the connection/)
    expect(err).toMatch(/SIGMA_REDIS_URL: maxmemory-policy is allkeys-lru/)
    expect(err).not.toContain('canary7KQ2')
  })
})

/** Start, listeners and stop, seen from outside the process. */
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { hostname } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RELEASE } from '../../../src/lib/release.ts'
import { slowRequest } from '../../support/app/connection.ts'
import {
  commandLine,
  type Installation,
  installation,
  isReady,
  launch,
  launchByNpm,
  ready,
  startServer,
} from '../../support/app/process.ts'

/** For what comes at once on a machine that has nothing else to do. */
const PATIENT = { timeout: 20_000 }
const PEOPLE = [
  { email: 'sanne@sigma.example', name: 'Sanne de Vries', locale: 'nl' },
  { email: 'beheer@sigma.example', name: 'Bea Beheer', locale: 'nl' },
]

test('in development the terminal says in four lines where to click, and the links are in the outbox', async () => {
  const where = await installation({ settings: { people: PEOPLE } })
  const server = await startServer(where)
  await expect.poll(() => server.printed().out.trimEnd().split('\n'), PATIENT).toHaveLength(4)
  const [issuer, portal, outbox, stop] = server.printed().out.split('\n')
  expect(issuer).toBe(`Sigma ID   ${where.origin}`)
  expect(portal).toContain(where.portalOrigin)
  expect(outbox).toContain(`${where.origin}/dev/outbox`)
  expect(outbox).toContain('sanne@sigma.example')
  expect(outbox).toContain('beheer@sigma.example')
  expect(stop).toContain('Ctrl+C')
  await expect.poll(() => addressees(where), PATIENT).toEqual(PEOPLE.map(({ email }) => email).sort())

  server.signal('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0, err: '' })

  // The next start invites nobody a second time.
  const again = await startServer(where)
  await expect.poll(() => again.printed().out.split('\n').length, PATIENT).toBe(5)
  expect(await addressees(where)).toHaveLength(2)
})

async function addressees({ origin }: Installation): Promise<string[]> {
  const messages = (await (await fetch(`${origin}/dev/outbox.json`)).json()) as Array<{ to: string }>
  return messages.map(({ to }) => to).sort()
}

test('health, readiness and metrics are on their own listener only', async () => {
  const where = await installation()
  await startServer(where)
  for (const [path, content] of [
    ['/healthz', /^ok/],
    ['/readyz', /^ready/],
    ['/metrics', /^# HELP/],
  ] as const) {
    const own = await fetch(where.operationsOrigin + path)
    expect([path, own.status]).toEqual([path, 200])
    expect(await own.text()).toMatch(content)
    expect([path, (await fetch(where.origin + path)).status]).toEqual([path, 404])
    expect([path, (await fetch(where.portalOrigin + path)).status]).toEqual([path, 404])
  }
  for (const path of ['/', '/.well-known/openid-configuration', '/dev/outbox.json', '/auth', '/healthz/..%2fmetrics']) {
    expect([path, (await fetch(where.operationsOrigin + path)).status]).toEqual([path, 404])
  }
})

test('a second server on the same data is refused with who has it, and the first goes on', async () => {
  const where = await installation({ settings: { log: { level: 'silent' } } })
  const server = await startServer(where)
  const { code, out, err } = await launch(where).ended
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(/^another server has the store \S+: process \d+ on \S+, Sigma ID \S+, since \S+\. .*\n$/)
  expect(err).toContain(`process ${server.pid} on ${hostname()}, Sigma ID ${RELEASE}`)
  expect(await isReady(where)).toBe(true)
  server.signal('SIGKILL')
  await server.ended
  await startServer(where)
})

test('a port that is in use ends the start with one sentence, under its setting, and exit code 1', async () => {
  const where = await installation()
  const squatter = createServer().listen(Number(new URL(where.origin).port), '127.0.0.1')
  onTestFinished(() => void squatter.close())
  const { code, out, err } = await launch(where).ended
  expect(code).toBe(1)
  expect(out).toBe('')
  expect(err).toMatch(/^Sigma ID cannot start with \S+:\n {2}listen\.port: .*127\.0\.0\.1:\d+.* in use.*\n$/)
})

test.each([
  ['a file that is not there', '/nowhere/sigma-id.yaml', /nowhere/],
  ['a file that is no YAML', import.meta.filename, /not usable/],
])('%s ends the start with exit code 1 and without a stack trace', async (_what, file, said) => {
  const where = await installation()
  const { code, err } = await launch(where, { SIGMA_CONFIG: file }).ended
  expect(code).toBe(1)
  expect(err).toMatch(said)
  expect(err).not.toMatch(/^\s+at /m)
})

test.each(['SIGTERM', 'SIGINT'] as const)('after %s requests under way finish, then it ends with 0', async (signal) => {
  const where = await installation()
  const server = await startServer(where)
  const slow = Array.from({ length: 20 }, () => slowRequest(where.origin))
  await Promise.all(slow.map(({ underWay }) => underWay))
  server.signal(signal)
  await expect.poll(() => isReady(where), PATIENT).toBe(false)
  for (const { finish } of slow) finish()
  for (const { answer } of slow) expect(await answer).toMatch(/^HTTP\/1\.1 40[01] [\s\S]*"invalid_/)
  expect(await server.ended).toMatchObject({ code: 0, err: '' })
})

test('connections that are kept open without a request do not hold the end up', async () => {
  const where = await installation()
  const server = await startServer(where)
  await (await fetch(`${where.origin}/jwks`)).text()
  const idle = connect(Number(new URL(where.origin).port), '127.0.0.1')
  onTestFinished(() => void idle.destroy())
  await new Promise((done) => idle.once('connect', done))
  const asked = performance.now()
  server.signal('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0 })
  // Less than the five seconds for which an idle connection is kept.
  expect(performance.now() - asked).toBeLessThan(4500)
})

test('a second SIGTERM ends it at once, with 1', async () => {
  const where = await installation()
  const server = await startServer(where)
  const slow = slowRequest(where.origin)
  await slow.underWay
  server.signal('SIGTERM')
  await expect.poll(() => isReady(where), PATIENT).toBe(false)
  let over = false
  server.ended.then(() => {
    over = true
  })
  // One that comes right after the first is its echo.
  const endsAtOnce = () => {
    server.signal('SIGTERM')
    return over
  }
  await expect.poll(endsAtOnce, PATIENT).toBe(true)
  expect(await server.ended).toMatchObject({ code: 1 })
})

test('a signal that is told twice at once is one', async () => {
  const where = await installation()
  const server = await startServer(where)
  const slow = slowRequest(where.origin)
  await slow.underWay
  // Two of one name might become one on the way.
  server.signal('SIGINT')
  server.signal('SIGTERM')
  await expect.poll(() => isReady(where), PATIENT).toBe(false)
  slow.finish()
  expect(await server.ended).toMatchObject({ code: 0, err: '' })
})

const WITHOUT_FAULT = { code: 0, signal: null }

describe.each(['sh', 'bash'])('npm start by %s', (shell) => {
  test.each<[string, 'signal' | 'group', NodeJS.Signals, object]>([
    ['SIGTERM to npm alone', 'signal', 'SIGTERM', WITHOUT_FAULT],
    ['SIGTERM to all of them', 'group', 'SIGTERM', WITHOUT_FAULT],
    ['Ctrl+C', 'group', 'SIGINT', WITHOUT_FAULT],
    // npm hands this one on to nobody, and a server reads its configuration anew by it.
    ['a terminal that goes away', 'group', 'SIGHUP', { code: null, signal: 'SIGHUP' }],
  ])('%s ends the server in good order, and leaves nothing', async (_what, to, signal, ended) => {
    const where = await installation({ settings: { log: { level: 'info' } } })
    const npm = launchByNpm(where, shell)
    await ready(where, npm)
    const slow = slowRequest(where.origin)
    await slow.underWay
    npm[to](signal)
    await expect.poll(() => isReady(where), PATIENT).toBe(false)
    slow.finish()
    expect(await slow.answer).toMatch(/^HTTP\/1\.1 40[01] [\s\S]*"invalid_/)
    // The outputs that all of them share are closed by then.
    const { err, ...how } = await npm.ended
    expect(how).toMatchObject(ended)
    const said = signal === 'SIGHUP' ? { reason: 'whoever started this process has ended' } : { signal }
    expect(lines(err).filter(({ msg }) => String(msg).startsWith('stop'))).toMatchObject([
      { msg: 'stopping', requests: 1, ...said },
      { msg: 'stopped', left: 0, milliseconds: expect.any(Number) },
    ])
  })
})

test('the log begins with what is started: which Node, and which store', async () => {
  const where = await installation({ settings: { log: { level: 'info' } } })
  const server = await startServer(where)
  server.signal('SIGTERM')
  const { err } = await server.ended
  const [first, ...rest] = lines(err)
  expect(first).toMatchObject({ level: 'info', msg: 'starting', runtime: process.version, store: 'embedded' })
  expect(rest.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['started', 'stopping', 'stopped']))
})

function lines(log: string): Array<Record<string, unknown>> {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
}

test.each([
  ['--version', { code: 0, out: `${RELEASE}\n`, err: '' }],
  ['--port=4000', { code: 1, out: '', err: expect.stringMatching(/^.*takes no argument but --version.*\n$/) }],
])('src/start.js %s starts nothing', async (argument, said) => {
  const where = await installation()
  expect(await launch(where, {}, argument).ended).toMatchObject(said)
  expect(existsSync(where.data)).toBe(false)
  if (argument === '--version') expect(await commandLine(where, argument)).toMatchObject(said)
})

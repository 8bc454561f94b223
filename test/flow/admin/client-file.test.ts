/**
 * The file of applications at the command line: a plan, exactly that plan and nothing else, and moving one application
 * across. In the cluster's run of these flows on MongoDB and Redis.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clusterEnvironment } from '../../support/app/cluster-environment.ts'
import { commandLine, type Installation, installation, startServer } from '../../support/app/process.ts'

/** A process of its own for every command, on a machine that has other things to do. */
const PATIENCE = 240_000

const PORTAL = {
  client_id: 'portal',
  client_name: 'Sigma Portal',
  redirect_uris: ['https://portal.sigma.example/callback'],
  client_secret: { env: 'PORTAL_CLIENT_SECRET' },
  first_party: true,
}
const ROSTER = {
  client_id: 'roster',
  client_name: 'Roster',
  redirect_uris: ['https://roster.example.org/callback'],
  client_secret: { env: 'ROSTER_CLIENT_SECRET' },
}
const API = { indicator: 'https://payroll.example.org/api', scopes: ['payroll:read'] }

interface Steps {
  digest: string
  created: Array<{ id: string }>
  changed: Array<{ id: string; changes: Array<Record<string, unknown>> }>
  disabled: Array<{ id: string }>
  untouched: Array<{ id: string }>
}

/** An installation that applies no file by itself. */
async function place(): Promise<Installation> {
  const cluster = process.env.SIGMA_TEST_MONGODB !== undefined
  const where = await installation({ settings: { portal: undefined, ...(cluster && { store: { kind: 'cluster' } }) } })
  Object.assign(where.env, await clusterEnvironment(where.folder))
  configure(where, { clients: { file: fileOf(where), applyAtStart: false } })
  return where
}

function configure({ env: { SIGMA_CONFIG: path = '' } }: Installation, changes: Record<string, unknown>): void {
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }))
}

function fileOf({ folder }: Installation): string {
  return join(folder, 'clients.yaml')
}

function write(where: Installation, clients: object[], resources: object[] = []): void {
  writeFileSync(fileOf(where), JSON.stringify({ clients, resources }, null, 1))
}

async function done<T = Steps>(where: Installation, ...args: string[]): Promise<T> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out) as T
}

async function printed(where: Installation, ...args: string[]): Promise<string> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

async function refused(where: Installation, ...args: string[]): Promise<string> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  return err
}

async function applyAll(where: Installation): Promise<Steps> {
  const { digest } = await done(where, 'clients:plan')
  return done(where, 'clients:apply', '--digest', digest)
}

const ids = (steps: Array<{ id: string }>) => steps.map(({ id }) => id)
const NOTHING = { created: [], changed: [], disabled: [] }

test(
  'a plan is exactly what is applied: twice changes nothing, a stale digest changes nothing, an export applies to nothing',
  async () => {
    const where = await place()
    write(where, [PORTAL, ROSTER], [API])
    const first = await done(where, 'clients:plan')
    expect([ids(first.created), first.changed, first.disabled]).toEqual([['portal', 'roster', API.indicator], [], []])
    expect(await done(where, 'clients:plan')).toEqual(first)
    expect(await done(where, 'clients:apply', '--digest', first.digest)).toEqual(first)

    // Twice.
    const second = await done(where, 'clients:plan')
    expect(second).toMatchObject({ ...NOTHING, untouched: [{ id: 'portal' }, { id: 'roster' }, { id: API.indicator }] })
    expect(await done(where, 'clients:apply', '--digest', second.digest)).toMatchObject(NOTHING)
    expect(await refused(where, 'clients:apply', '--digest', first.digest)).toMatch(
      /not the plan any more.*nothing to do/,
    )

    // What changed after the plan was looked at is not applied with it.
    write(where, [{ ...PORTAL, minimum_acr: 'mfa' }], [API])
    const third = await done(where, 'clients:plan')
    expect(third.changed).toMatchObject([
      { id: 'portal', changes: [{ field: 'minimum_acr', from: 'password', to: 'mfa' }] },
    ])
    expect(ids(third.disabled)).toEqual(['roster'])
    write(where, [{ ...PORTAL, minimum_acr: 'mfa', redirect_uris: ['https://elsewhere.example/'] }], [API])
    const told = await refused(where, 'clients:apply', '--digest', third.digest)
    expect(told).toMatch(/portal changed \(redirect_uris, minimum_acr\); roster disabled/)
    write(where, [{ ...PORTAL, minimum_acr: 'mfa' }], [API])
    expect(await done(where, 'clients:apply', '--digest', third.digest)).toEqual(third)

    // What left comes back.
    write(where, [{ ...PORTAL, minimum_acr: 'mfa' }, ROSTER], [API])
    expect((await applyAll(where)).changed).toMatchObject([
      { id: 'roster', changes: [{ field: 'status', from: 'disabled', to: 'active' }] },
    ])

    writeFileSync(fileOf(where), await printed(where, 'clients:export'))
    expect(readFileSync(fileOf(where), 'utf8')).toContain('client_secret: { env: ROSTER_CLIENT_SECRET }')
    expect(await done(where, 'clients:plan')).toMatchObject(NOTHING)
    expect(await done(where, 'audit:verify')).toMatchObject({ intact: true })
  },
  PATIENCE,
)

test(
  'everything wrong in a file is told at once, with field, reason, line and code, and nothing of it is applied',
  async () => {
    const where = await place()
    writeFileSync(
      fileOf(where),
      [
        'clients:',
        '  - client_id: roster',
        '    client_name: Roster',
        '    client_secret: { env: ROSTER_CLIENT_SECRET }',
        '    redirect_uris: [http://roster.example.org/]',
        '    first_party: yes',
        '  - client_id: good',
        '    client_name: Good',
        '    client_name: Good',
        '    redirect_uris: [https://good.example.org/]',
        '    client_secret: { env: GOOD_CLIENT_SECRET }',
        '    callback: https://good.example.org/',
      ].join('\n'),
    )
    const told = await refused(where, 'clients:plan')
    expect(told.trim().split('\n').sort()).toEqual([
      expect.stringMatching(/^clients\[0\]\.first_party \(line 6\): .*quotes.* \[two-readings\]$/),
      expect.stringMatching(/^clients\[0\]\.redirect_uris\[0\] \(line 5\): .* \[not-https\]$/),
      expect.stringMatching(/^clients\[1\]\.callback \(line 12\): .* \[unknown-field\]$/),
      expect.stringMatching(/^clients\[1\]\.client_name \(line 9\): is there twice \[duplicate-key\]$/),
    ])
    expect(await refused(where, 'clients:apply', '--digest', '0'.repeat(32))).toEqual(told)
    write(where, [])
    expect(await done(where, 'clients:plan')).toMatchObject({ ...NOTHING, untouched: [] })
  },
  PATIENCE,
)

test(
  'one moves from the file to the pages and back, and the file never touches what is theirs',
  async () => {
    const where = await place()
    write(where, [PORTAL, ROSTER])
    await applyAll(where)

    expect(await done(where, 'clients:release', '--client', 'roster')).toEqual({ id: 'roster', owner: 'store' })
    const advice = await refused(where, 'clients:plan')
    expect(advice).toMatch(/^client roster \(line \d+\): .*clients:adopt --client roster \[owned-by-store\]/)
    write(where, [PORTAL])
    expect(await done(where, 'clients:plan')).toMatchObject({
      ...NOTHING,
      untouched: [{ id: 'portal' }, { id: 'roster' }],
    })
    expect(await printed(where, 'clients:export')).not.toContain('roster')
    expect(await printed(where, 'clients:export', '--all')).toContain('roster')

    const lines = await printed(where, 'clients:adopt', '--client', 'roster')
    // Until it is pasted, a plan leaves it alone.
    expect(await done(where, 'clients:plan')).toMatchObject({
      ...NOTHING,
      untouched: [{ id: 'portal' }, { id: 'roster' }],
    })
    writeFileSync(
      fileOf(where),
      `clients:\n${JSON.stringify([PORTAL]).replace(/^\[(.*)\]$/, '  - $1\n')}${lines.replace(/^/gm, '  ')}`,
    )
    expect(await applyAll(where)).toMatchObject(NOTHING)
    write(where, [PORTAL])
    expect(ids((await applyAll(where)).disabled)).toEqual(['roster'])

    // An API likewise.
    write(where, [PORTAL], [API])
    await applyAll(where)
    const released = await done(where, 'clients:release', '--resource', API.indicator)
    expect(released).toEqual({ id: API.indicator, owner: 'store' })
    const how = await refused(where, 'clients:plan')
    expect(how).toContain(`clients:adopt --resource ${API.indicator} [owned-by-store]`)
    write(where, [PORTAL])
    const changed = await done(where, 'resource:change', '--resource', API.indicator, '--scopes', 'payroll:all')
    expect(changed).toMatchObject({ version: 3, changes: [{ field: 'scopes' }] })
    const pasted = await printed(where, 'clients:adopt', '--resource', API.indicator)
    expect(pasted).toMatch(/^- indicator: .*payroll:all/s)
    const change = ['resource:change', '--resource', API.indicator, '--scopes', 'payroll:none']
    expect(await refused(where, ...change)).toMatch(/owned by .*clients\.yaml/)
    writeFileSync(
      fileOf(where),
      `clients:\n${JSON.stringify([PORTAL]).replace(/^\[(.*)\]$/, '  - $1\n')}resources:\n${pasted.replace(/^/gm, '  ')}`,
    )
    expect(await applyAll(where)).toMatchObject(NOTHING)
    write(where, [PORTAL])
    expect(ids((await applyAll(where)).disabled)).toEqual([API.indicator])

    expect(await refused(where, 'clients:adopt', '--client', 'nobody')).toMatch(/nobody: there is none/)
    expect(await refused(where, 'clients:release')).toMatch(/one of them/)
  },
  PATIENCE,
)

test(
  'of two that apply at once one wins, and the other hears what changed',
  async () => {
    const where = await place()
    write(where, [PORTAL, ROSTER])
    const { digest } = await done(where, 'clients:plan')
    const both = await Promise.all([1, 2].map(() => commandLine(where, 'clients:apply', '--digest', digest)))
    expect(both.map(({ code }) => code).sort()).toEqual([0, 1])
    expect(both.find(({ code }) => code === 1)?.err).toMatch(/not the plan any more: now it is nothing to do/)
    expect(await done(where, 'clients:plan')).toMatchObject(NOTHING)
  },
  PATIENCE,
)

test(
  'a server whose file says something else goes on with the store, and says what its file would change',
  async () => {
    const where = await place()
    write(where, [PORTAL, ROSTER])
    await applyAll(where)
    write(where, [{ ...PORTAL, client_name: 'Another Portal' }])
    const server = await startServer(where)
    expect(server.printed().err).toMatch(/portal changed \(client_name\); roster disabled/)
    expect((await done(where, 'clients:plan')).changed).toMatchObject([{ changes: [{ from: 'Sigma Portal' }] }])
  },
  PATIENCE,
)

test(
  'the first start takes the file, also where a start applies none',
  async () => {
    const where = await place()
    write(where, [PORTAL])
    await startServer(where)
    expect(await done(where, 'clients:plan')).toMatchObject({ ...NOTHING, untouched: [{ id: 'portal' }] })
  },
  PATIENCE,
)

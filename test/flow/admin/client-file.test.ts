/**
 * The file of applications at the command line: a plan, exactly that plan and nothing else, and moving one application
 * across.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  API,
  applyAll,
  done,
  fileOf,
  ids,
  NOTHING,
  PATIENCE,
  PORTAL,
  place,
  printed,
  ROSTER,
  refused,
  write,
} from '../../support/app/client-file.ts'

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

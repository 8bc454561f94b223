/** The unit for systemd (systemd.service(5), systemd.exec(5)). */
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { read, temporaryFolder } from '../../support/app/deployment.ts'
import { unitHere, unitText, valuesOf } from '../../support/app/systemd-unit.ts'

function analyze(...args: string[]) {
  // Said here, rather than by a test that fails for another reason.
  if (!existsSync('/usr/bin/systemd-analyze')) throw new Error('systemd-analyze is missing: Debian has it in systemd')
  const file = join(temporaryFolder(), 'sigma-id.service')
  writeFileSync(file, unitHere())
  const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

test('systemd takes it as it is', () => {
  expect(analyze('verify', '--man=no')).toEqual({ status: 0, said: '' })
})

test('whoever gets into the process gets no further: exposure 1.5 of 10 at most', () => {
  const { status, said } = analyze('security', '--offline=yes', '--threshold=15')
  expect({ status, said }).toMatchObject({
    status: 0,
    said: expect.stringMatching(/Overall exposure level .*: 1\.\d OK/),
  })
})

test('it starts what npm start and the image start, without npm', () => {
  const [, start = ''] = / \|\| (.+)$/.exec(JSON.parse(read('package.json')).scripts.start) ?? []
  expect(valuesOf('ExecStart')).toEqual([`/opt/sigma-id/node_modules/.bin/${start}`])
})

test('it waits for the drain, starts again what failed, and gives a faulty configuration up', () => {
  const [, patience] = /^const PATIENCE = (\d+) \* SECOND$/m.exec(read('src/stop.ts')) ?? []
  expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(Number(patience))
  expect(valuesOf('Restart')).toEqual(['on-failure'])
  const [pause, tries, within] = ['RestartSec', 'StartLimitBurst', 'StartLimitIntervalSec'].map((name) =>
    Number(valuesOf(name)[0]),
  )
  // A start that is refused takes a second or two; one that waits for a store a minute, and goes on for ever.
  const START = 60
  expect((2 + Number(pause)) * Number(tries)).toBeLessThan(Number(within))
  expect((START + Number(pause)) * Number(tries)).toBeGreaterThan(Number(within))
})

test('secrets are credentials: each that is named is read from where it is put, and none is in the environment', () => {
  const loaded = valuesOf('LoadCredential').map((value) => value.split(':')[0])
  const named = valuesOf('Environment').flatMap((pair) => /_FILE=%d\/(.+)$/.exec(pair)?.[1] ?? [])
  expect(named).toEqual(loaded)
  expect(unitText).not.toMatch(/^Environment=\w*(KEYS|URL|SECRET|PASSWORD)=/m)
})

test('it may write where the settings of production keep their data', () => {
  expect(valuesOf('StateDirectory').map((name) => `/var/lib/${name}`)).toEqual([
    parse(read('config/production.yaml')).data,
  ])
  expect(valuesOf('ProtectSystem')).toEqual(['strict'])
})

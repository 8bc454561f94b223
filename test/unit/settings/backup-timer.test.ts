/** The timer of systemd that makes back-ups from outside: what it starts, as whom, and that systemd takes it. */
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read, root, temporaryFolder } from '../../support/app/deployment.ts'
import { describeUnless } from '../../support/services/services.ts'

const [SERVICE, TIMER] = ['sigma-id-backup.service', 'sigma-id-backup.timer']
const service = read(`config/systemd/${SERVICE}`)
const values = (name: string) =>
  [...service.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value)

test('it makes one in the folder that the page names, and may write there and to the store alone', () => {
  const [command = ''] = values('ExecStart')
  expect(command.slice(command.indexOf('store:backup'))).toBe(
    'store:backup --folder /var/backups/sigma-id --keep 14 --keep-days 35',
  )
  expect(read('docs/backup-and-restore.md')).toContain(`npx sigma-id ${command.slice(command.indexOf('store:backup'))}`)
  expect([values('ReadWritePaths'), values('StateDirectory')]).toEqual([['/var/backups/sigma-id'], ['sigma-id']])
  expect([values('User'), values('ProtectSystem')]).toEqual([['sigma-id'], ['strict']])
})

test('no secret is in a variable', () => {
  const secret = values('Environment').filter((value) => /^SIGMA_(?!CONFIG)/.test(value))
  for (const value of secret) expect(value).toMatch(/^SIGMA_\w+_FILE=%d\/[a-z-]+$/)
  const credentials = values('LoadCredential').map((value) => value.split(':')[0])
  expect(secret.map((value) => value.split('%d/')[1])).toEqual(credentials)
})

const known = spawnSync('systemd-analyze', ['--version']).status === 0
describeUnless(known ? [] : ['systemd-analyze'], 'systemd', () => {
  test('takes both', () => {
    const units = temporaryFolder()
    for (const name of [SERVICE, TIMER]) copyFileSync(join(root, 'config/systemd', name), join(units, name))
    const command = ['verify', '--man=no', '--generators=no', join(units, SERVICE), join(units, TIMER)]
    const checked = spawnSync('systemd-analyze', command, { encoding: 'utf8' })
    // The program of an installation is not on this machine; everything else would be told of.
    const told = checked.stderr
      .split('\n')
      .filter((line) => line !== '' && !/is not executable: No such file/.test(line))
    expect(told.filter((line) => line.includes('sigma-id'))).toEqual([])
  })
})

/** config/mongo-backup, with a stand-in for mongodump: what stays in the folder, and what of the address is seen. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, temporaryFolder } from '../../support/app/deployment.ts'

const DAY = 24 * 60 * 60
const URL = 'mongodb://sigma-backup:f5@mongo-1:27017/?replicaSet=sigma&authSource=admin'
const NAME = /^sigma-id-\d{8}T\d{6}Z\.archive\.gz$/

/** Runs it once; `script` is what mongodump does. */
function run(script: string, files: Record<string, number> = {}) {
  const folder = temporaryFolder()
  const [backups, bin] = [join(folder, 'backups'), join(folder, 'bin')]
  for (const one of [backups, bin]) mkdirSync(one)
  for (const [name, age] of Object.entries(files)) {
    writeFileSync(join(backups, name), 'x')
    const at = Date.now() / 1000 - age
    utimesSync(join(backups, name), at, at)
  }
  writeFileSync(join(folder, 'url'), `${URL}\n`)
  writeFileSync(
    join(bin, 'mongodump'),
    `#!/bin/sh\necho "$@" > ${folder}/arguments\nfor each; do case $each in\n${script}\nesac; done\n`,
  )
  chmodSync(join(bin, 'mongodump'), 0o755)
  const env = {
    ...{ PATH: `${bin}:${process.env.PATH}`, TMPDIR: folder },
    ...{ SIGMA_BACKUP_FOLDER: backups, SIGMA_MONGODB_BACKUP_URL_FILE: join(folder, 'url') },
  }
  const done = spawnSync('bash', [join(root, 'config/mongo-backup'), 'once'], { env, encoding: 'utf8' })
  const left = readdirSync(folder).filter((name) => name.startsWith('tmp.'))
  return { ...done, left, names: readdirSync(backups).sort(), folder, backups }
}

const WRITES = `--archive=*) echo dumped | gzip > "\${each#--archive=}";; --config=*) cp "\${each#--config=}" "$SIGMA_BACKUP_FOLDER/../config";;`

test('makes one for its owner only, of one moment, and takes away what is too old: of its own name, and nothing else', () => {
  const old = {
    'sigma-id-20200101T000000Z.archive.gz': 40 * DAY,
    'sigma-id-20200102T000000Z.archive.gz.unfinished': 3 * DAY,
  }
  const kept = { 'sigma-id-20261101T000000Z.archive.gz': 20 * DAY, 'other.archive.gz': 400 * DAY }
  const { status, stderr, names, folder, backups, left } = run(WRITES, { ...old, ...kept })
  expect({ status, stderr, left }).toEqual({ status: 0, stderr: '', left: [] })
  const made = names.filter((name) => !(name in kept))
  expect(made).toEqual([expect.stringMatching(NAME)])
  expect(names).toHaveLength(3)
  expect(statSync(join(backups, made[0] ?? '')).mode & 0o777).toBe(0o600)
  const told = readFileSync(join(folder, 'arguments'), 'utf8')
  expect(told).toContain(' --oplog ')
  // Whoever lists processes sees no password.
  expect(told).not.toContain('f5')
  expect(readFileSync(join(folder, 'config'), 'utf8')).toBe(`uri: "${URL}"\n`)
})

test.each([
  ['fails', `--archive=*) echo half > "\${each#--archive=}"; exit 3;;`],
  ['says that all is well, and makes half a file', `--archive=*) echo half > "\${each#--archive=}";;`],
])('a dump that %s leaves nothing, and removes nothing', (_how, script) => {
  const { status, names, left } = run(script, { 'sigma-id-20200101T000000Z.archive.gz': 40 * DAY })
  expect(status).not.toBe(0)
  expect({ names, left }).toEqual({ names: ['sigma-id-20200101T000000Z.archive.gz'], left: [] })
})

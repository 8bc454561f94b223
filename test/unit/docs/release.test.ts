/** One number of this release, wherever it has to stand. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { RELEASE } from '../../../src/lib/release.ts'

const read = (file: string) => readFileSync(resolve(import.meta.dirname, '../../..', file), 'utf8')
const lock = JSON.parse(read('package-lock.json'))
const headings = [...read('CHANGELOG.md').matchAll(/^## \[(.+?)\](?: - (\S+))?$/gm)].map(([, name, date]) => ({
  name,
  date,
}))

test('what is not released yet stands on top of the changelog, and the release below it with its date', () => {
  expect(headings[0]).toEqual({ name: 'Unreleased', date: undefined })
  expect(headings[1]).toEqual({ name: RELEASE, date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) })
  expect(headings.slice(1).every(({ date }) => date)).toBe(true)
})

test.each<[string, unknown]>([
  ['package.json', JSON.parse(read('package.json')).version],
  ['the lock file', lock.version],
  ['the lock file, of the package', lock.packages[''].version],
  [
    'the image of docker-compose.yml',
    /^ {2}image: sigma-id:\$\{SIGMA_VERSION:-(.+)\}$/m.exec(read('docker-compose.yml'))?.[1],
  ],
  ['the chart', parse(read('config/helm/sigma-id/Chart.yaml')).version],
  ['what the chart starts', parse(read('config/helm/sigma-id/Chart.yaml')).appVersion],
  ['the label of the image', /org\.opencontainers\.image\.version="(.+?)"/.exec(read('Dockerfile'))?.[1]],
])('%s has it', (_where, version) => expect(version).toBe(RELEASE))

test('the chart has the alerts that Prometheus has elsewhere', () =>
  expect(read('config/helm/sigma-id/files/alerts.yaml')).toBe(read('config/monitoring/alerts.yaml')))

test('the number is one of semver, and the image names what it is made of', () => {
  expect(RELEASE).toMatch(/^\d+\.\d+\.\d+$/)
  for (const label of ['title', 'version', 'revision', 'source'])
    expect(read('Dockerfile')).toContain(`org.opencontainers.image.${label}="`)
})

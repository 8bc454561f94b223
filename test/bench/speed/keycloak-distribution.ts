/** Keycloak as it is published: brought by Maven into a cache of the person who runs the bench, and built there once. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const VERSION = '26.7.5'
const ARTIFACT = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack'
/** Milliseconds, for 170 MB to come, or for a build. */
const PATIENCE = 600_000

/**
 * What is decided before the start. One node needs no cluster of caches, which would listen for others beyond the
 * loopback.
 */
const BUILD = ['build', '--db=dev-file', '--cache=local']

/** Its folder. Throws in CI, and where there is no Maven or no Java. */
export function keycloakHome(): string {
  if (process.env.CI) throw new Error('another product is not fetched in CI')
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sigma-id-bench')
  const home = join(cache, `keycloak-${VERSION}`)
  const built = join(home, 'built-for-the-bench')
  if (existsSync(built)) return home
  // What was broken off begins anew.
  rmSync(home, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  console.log(`Keycloak ${VERSION} is fetched and built in ${cache}: once, some minutes`)
  run('mvn', ['-q', '-B', UNPACK, `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${cache}`], cache)
  run(join(home, 'bin/kc.sh'), BUILD, home)
  writeFileSync(built, BUILD.join(' '))
  return home
}

/** Throws with what it printed if it fails. */
export function run(command: string, words: string[], cwd: string): void {
  const { status, error, stdout, stderr } = spawnSync(command, words, { cwd, timeout: PATIENCE, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${words[0]}: ${error?.message ?? `${stdout}${stderr}`.slice(-2000)}`)
}

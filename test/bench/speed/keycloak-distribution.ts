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

/** Its folder, and the environment in which what is there runs. */
export interface Keycloak {
  home: string
  env: NodeJS.ProcessEnv
}

/** Throws in CI, and where there is no Maven or no Java. */
export function keycloakHere(): Keycloak {
  if (process.env.CI) throw new Error('another product is not fetched in CI')
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sigma-id-bench')
  const home = join(cache, `keycloak-${VERSION}`)
  mkdirSync(cache, { recursive: true })
  const here = { home, env: { ...process.env, JAVA: boundJava(cache) } }
  const built = join(home, 'built-for-the-bench')
  if (existsSync(built)) return here
  // What was broken off begins anew.
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home)
  console.log(`Keycloak ${VERSION} is fetched and built in ${cache}: once, some minutes`)
  run(here, 'mvn', ['-q', '-B', UNPACK, `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${cache}`])
  run(here, script(here), BUILD)
  writeFileSync(built, BUILD.join(' '))
  return here
}

export function script({ home }: Keycloak): string {
  return join(home, 'bin/kc.sh')
}

/** In its folder, where Maven notes what it has unpacked. Throws with what it printed if it fails. */
export function run({ home, env }: Keycloak, command: string, words: string[]): void {
  const bound = ['--pdeathsig', 'KILL', command, ...words]
  const { status, error, stdout, stderr } = spawnSync('setpriv', bound, {
    cwd: home,
    env,
    timeout: PATIENCE,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${command} ${words[0]}: ${error?.message ?? `${stdout}${stderr}`.slice(-2000)}`)
}

/** Java that ends with kc.sh, which starts it as a child and ends with us (prctl(2)). */
function boundJava(folder: string): string {
  const { JAVA_HOME } = process.env
  const file = join(folder, 'java')
  const program = JAVA_HOME ? join(JAVA_HOME, 'bin/java') : 'java'
  writeFileSync(file, `#!/bin/sh\nexec setpriv --pdeathsig KILL '${program}' "$@"\n`, { mode: 0o755 })
  return file
}

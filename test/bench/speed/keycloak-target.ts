/** Keycloak as a target: optimized, on its own H2 in a file, with the hash of the product, behind a proxy that ends TLS. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/app/ports.ts'
import { keycloakHere, run, script } from './keycloak-distribution.ts'
import { HASH, REALM, writeRealm } from './keycloak-realm.ts'
import { type Launched, launch } from './launch.ts'
import { PASSWORD, shownTo } from './people.ts'
import { spentInAll } from './processor.ts'
import { ACR, forwarded, ISSUER, type Target } from './target.ts'

/** Of the realm; those of OpenID Connect are under one folder. */
const BASE = `/realms/${REALM}`
const PATHS: Target['paths'] = {
  authorize: `${BASE}/protocol/openid-connect/auth`,
  token: `${BASE}/protocol/openid-connect/token`,
  userinfo: `${BASE}/protocol/openid-connect/userinfo`,
  introspect: `${BASE}/protocol/openid-connect/token/introspect`,
  discovery: `${BASE}/.well-known/openid-configuration`,
  jwks: `${BASE}/protocol/openid-connect/certs`,
}
/** The import takes a minute with 10,000, in which the JVM does 5 ms for each. */
const MOST_PEOPLE = 20_000

export async function keycloak(people: number): Promise<Target> {
  if (people > MOST_PEOPLE) throw new Error(`Keycloak is given ${MOST_PEOPLE} accounts at most: --people`)
  const here = keycloakHere()
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-keycloak-'))
  // As Keycloak's own address of it is, in another folder.
  const store = `--db-url=jdbc:h2:file:${join(folder, 'h2/keycloakdb')};NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=0`
  await putIn(people, folder, (from) => run(here, script(here), ['import', '--optimized', store, '--dir', from]))
  const port = await freePort()
  let running: Launched | undefined
  return {
    name: 'Keycloak',
    issuer: ISSUER,
    ports: () => [port],
    paths: PATHS,
    acr: ACR,
    password: ({ email }) => ({ username: email, password: PASSWORD }),
    code: (person) => ({ otp: shownTo(person) }),
    stepUp: { before: 'password', asks: {} },
    service: {},
    threadsLast: false,
    warmRounds: 20,
    async start() {
      running = await launch({
        command: [
          script(here),
          'start',
          '--optimized',
          store,
          '--http-enabled=true',
          '--http-host=127.0.0.1',
          `--http-port=${port}`,
          `--hostname=${ISSUER}`,
          '--proxy-headers=xforwarded',
          `--spi-password-hashing--argon2--memory=${HASH.memory}`,
          `--spi-password-hashing--argon2--iterations=${HASH.iterations}`,
          `--spi-password-hashing--argon2--parallelism=${HASH.parallelism}`,
          `--spi-password-hashing--argon2--hash-length=${HASH.hashLength}`,
        ],
        cwd: here.home,
        env: here.env,
        log: join(folder, 'log'),
        answer: { port, path: PATHS.discovery, headers: forwarded(ISSUER, '198.19.0.1') },
      })
      return { took: running.took, spent: spentInAll([running.pid]) }
    },
    stop: async () => running?.stop(),
    pids: () => (running ? [running.pid] : []),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function putIn(people: number, folder: string, read: (from: string) => void): Promise<void> {
  const from = join(folder, 'import')
  mkdirSync(from)
  await writeRealm(from, people)
  const began = performance.now()
  read(from)
  console.log(`Keycloak took ${people} people in, in ${Math.round((performance.now() - began) / 1000)} s`)
  rmSync(from, { recursive: true })
}

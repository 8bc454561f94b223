/** The floor (../floor.ts) as a target. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { defaultGate, hasher } from '../../../src/accounts/password.ts'
import { keyring } from '../../../src/lib/crypto.ts'
import { freePort } from '../../support/app/ports.ts'
import { COMPILED } from '../../support/runner/machine.ts'
import { type Launched, launch } from './launch.ts'
import { PASSWORD, shownTo } from './people.ts'
import { spentBy } from './processor.ts'
import { ACR, API, forwarded, ISSUER, PATHS, type Target } from './target.ts'

export interface FloorSettings {
  port: number
  issuer: string
  people: number
  /** Of the pepper and the cookies, in base64. */
  key: string
  /** Of everybody's password. */
  hash: string
  jwks: { keys: unknown[] }
}

const ROOT = resolve(import.meta.dirname, '../../..')

export async function floor(people: number): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-floor-'))
  const file = join(folder, 'floor.json')
  const key = randomBytes(32)
  const pepper = keyring([{ id: 'bench', key }])
  const hash = await hasher({ pepper, gate: defaultGate() }).hash(PASSWORD)
  const port = await freePort()
  const written: FloorSettings = {
    port,
    issuer: ISSUER,
    people,
    key: key.toString('base64'),
    hash,
    jwks: signingKeys(),
  }
  writeFileSync(file, JSON.stringify(written))
  let running: Launched | undefined
  return {
    name: 'floor',
    issuer: ISSUER,
    ports: () => [port],
    paths: PATHS,
    acr: ACR,
    password: ({ email }) => ({ email, password: PASSWORD }),
    code: (person) => ({ code: shownTo(person) }),
    stepUp: { before: 'password', asks: {} },
    service: { scope: API.scope },
    threadsLast: true,
    warmRounds: 1,
    async start() {
      running = await launch({
        command: [process.execPath, 'test/bench/floor.ts', file],
        cwd: ROOT,
        // libuv's threads as src/main.ts has them on one processor.
        env: {
          PATH: process.env.PATH ?? '',
          NODE_ENV: 'production',
          NODE_COMPILE_CACHE: COMPILED,
          UV_THREADPOOL_SIZE: '5',
        },
        log: join(folder, 'log'),
        answer: { port, path: PATHS.discovery, headers: forwarded(ISSUER, '198.19.0.1') },
      })
      return { took: running.took, spent: spentBy([running.pid]) }
    },
    stop: async () => running?.stop(),
    pids: () => (running ? [running.pid] : []),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Of the kinds that the product has. */
function signingKeys(): { keys: unknown[] } {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  return {
    keys: [
      { ...rsa, use: 'sig', alg: 'RS256' },
      { ...curve, use: 'sig', alg: 'ES256' },
    ],
  }
}

/** Sigma ID as a target, as operators run it: production, a proxy that ends TLS said to be in front, mail by SMTP. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from '../../support/app/ports.ts'
import type { Stores } from '../../support/nodes/nodes.ts'
import { type Launched, launch } from './launch.ts'
import { assertedBy } from './passkey.ts'
import { KEYED, PASSWORD, shownTo } from './people.ts'
import { spentBy } from './processor.ts'
import { ACR, API, APPLICATION, forwarded, ISSUER, PATHS, REDIRECT, SERVICE, type Target } from './target.ts'

export interface SigmaOptions {
  name: string
  /** The checkout. */
  root: string
  people: number
  nodes: number
  /** Of a server that takes mail. */
  smtpUrl: string
  /** MongoDB and Redis, instead of the embedded store. */
  stores?: Stores | undefined
}

interface Node {
  port: number
  config: string
  running?: Launched
}

let installations = 0

export async function sigma({ name, root, people, nodes: size, smtpUrl, stores }: SigmaOptions): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-speed-'))
  installations += 1
  const env = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    SIGMA_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    SIGMA_SMTP_URL: smtpUrl,
    BENCH_SECRET: APPLICATION.secret,
    SERVICE_SECRET: SERVICE.secret,
    ...(stores && {
      SIGMA_MONGODB_URL: `mongodb://127.0.0.1:${stores.mongo.port}/speed-${installations}`,
      SIGMA_REDIS_URL: `redis://127.0.0.1:${stores.redis.port}/${installations}`,
    }),
  }
  const clients = join(folder, 'clients.yaml')
  // JSON is YAML too (YAML 1.2.2 section 1.3).
  writeFileSync(clients, JSON.stringify(APPLICATIONS))
  const nodes: Node[] = []
  for (let n = 0; n < size; n += 1) nodes.push(await nodeIn(folder, n, { clients, cluster: stores !== undefined }))
  const [first] = nodes
  const knowsPasskeys = existsSync(join(root, 'src/mfa/passkeys.ts'))
  await seed(root, [people, knowsPasskeys ? KEYED : 0], { ...env, SIGMA_CONFIG: first?.config ?? '' })

  async function start(node: Node): Promise<Launched> {
    const { port, config } = node
    node.running = await launch({
      command: startOf(root),
      cwd: root,
      env: { ...env, SIGMA_CONFIG: config },
      log: `${config}.log`,
      answer: { port, path: PATHS.discovery, headers: forwarded(ISSUER, '198.19.0.1') },
    })
    return node.running
  }

  const pids = () => nodes.flatMap(({ running }) => running?.pid ?? [])
  return {
    name,
    issuer: ISSUER,
    ports: () => nodes.map(({ port }) => port),
    paths: PATHS,
    acr: ACR,
    password: ({ email }) => ({ email, password: PASSWORD }),
    code: (person) => ({ code: shownTo(person), step: 'verify' }),
    passkey: knowsPasskeys ? assertedBy : undefined,
    // Whoever has an app types its code at each sign-in. An application can ask for one that is not old.
    stepUp: { before: 'code', asks: { mfa_max_age: '1' } },
    service: { scope: API.scope },
    threadsLast: true,
    warmRounds: 1,
    async start() {
      let took = 0
      for (const node of nodes) took += (await start(node)).took
      return { took: took / nodes.length, spent: spentBy(pids()) }
    },
    stop: async () => void (await Promise.all(nodes.map(({ running }) => running?.stop()))),
    pids,
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

const APPLICATIONS = {
  clients: [
    {
      client_id: APPLICATION.id,
      client_name: 'Bench',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      client_secret: { env: 'BENCH_SECRET' },
      first_party: true,
    },
    {
      client_id: SERVICE.id,
      client_name: 'Service',
      redirect_uris: [],
      grant_types: ['client_credentials'],
      scope: API.scope,
      client_secret: { env: 'SERVICE_SECRET' },
    },
  ],
  resources: [{ indicator: API.indicator, scopes: [API.scope], format: 'opaque' }],
}

/** What `npm start` runs there, by the Node that is locked there. */
function startOf(root: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } }
  // By the shell where it can be replaced (`exec node … || node …`), by node alone in releases before.
  const [command = ''] = scripts.start.replace(/^exec /, '').split(' || ')
  const [node, ...words] = command.split(' ')
  if (node !== 'node') throw new Error(`${root} starts by ${scripts.start}`)
  return [nodeOf(root), ...words]
}

function nodeOf(root: string): string {
  const locked = join(root, 'node_modules/.bin/node')
  return existsSync(locked) ? locked : process.execPath
}

async function nodeIn(
  folder: string,
  n: number,
  { clients, cluster }: { clients: string; cluster: boolean },
): Promise<Node> {
  const config = join(folder, `node-${n}.yaml`)
  const port = await freePort()
  const settings = {
    issuer: ISSUER,
    trustedProxies: 1,
    listen: { host: '127.0.0.1', port },
    operations: { host: '127.0.0.1', port: await freePort() },
    ...(cluster ? { store: { kind: 'cluster' } } : { data: join(folder, 'data') }),
    clients,
    homeClient: APPLICATION.id,
    mail: { from: 'Sigma ID <no-reply@sigma.example>' },
  }
  writeFileSync(config, JSON.stringify(settings))
  return { port, config }
}

async function seed(root: string, people: [number, keyed: number], env: Record<string, string>): Promise<void> {
  const script = resolve(import.meta.dirname, 'seed.ts')
  const child = spawn(nodeOf(root), [script, root, ...people.map(String)], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`nobody was put in: ${code}`)
}

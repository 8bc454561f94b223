/** The product as operators run it: a process of its own, with a configuration file, an environment, and signals. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import { storeFile } from '../../../src/data-folder.ts'
import type { OutboxMessage } from '../../../src/delivery/outbox.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { COMPILED } from '../runner/machine.ts'
import { freePorts, PORTAL_ONLY } from './app.ts'

export interface Installation {
  folder: string
  data: string
  origin: string
  portalOrigin: string
  operationsOrigin: string
  /** What the process gets; nothing of ours but what is in here. */
  env: Record<string, string>
}

export interface InstallationOptions {
  /** Over the settings of a development installation; undefined takes one out. */
  settings?: Record<string, unknown>
  env?: Record<string, string>
  /** The clients file with other text. */
  clients?: string
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  out: string
  err: string
}

export interface Running {
  pid: number
  signal(name: NodeJS.Signals): void
  /** All that it printed so far. */
  printed(): { out: string; err: string }
  ended: Promise<Ended>
}

const root = resolve(import.meta.dirname, '../../..')

/** Files and free ports for one installation; its folder goes when the test is over. */
export async function installation({
  settings = {},
  env = {},
  clients: text = PORTAL_ONLY,
}: InstallationOptions = {}): Promise<Installation> {
  const [port, portalPort, operationsPort] = await freePorts()
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const origin = `http://localhost:${port}`
  const portalOrigin = `http://localhost:${portalPort}`
  const clients = join(folder, 'clients.yaml')
  const data = join(folder, 'data')
  writeFileSync(clients, text.replaceAll('{portal}', portalOrigin))
  const config = join(folder, 'sigma-id.yaml')
  // JSON is YAML too (YAML 1.2.2 section 1.3).
  writeFileSync(
    config,
    JSON.stringify({
      issuer: origin,
      listen: { host: '127.0.0.1', port },
      operations: { host: '127.0.0.1', port: operationsPort },
      portal: { host: '127.0.0.1', port: portalPort },
      egress: [portalOrigin],
      data,
      clients,
      log: { level: 'warn' },
      ...settings,
    }),
  )
  return {
    folder,
    data,
    origin,
    portalOrigin,
    operationsOrigin: `http://localhost:${operationsPort}`,
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: COMPILED, SIGMA_CONFIG: config, ...env },
  }
}

/** With an empty store, for commands that run before any server: they make none. */
export async function prepared(where: Installation): Promise<Installation> {
  const config = loadConfig(root, where.env)
  if (config.store.kind === 'embedded') await openSqliteStore(storeFile(config)).close()
  return where
}

/** `node src/start.js`, not waited for. */
export function launch(where: Installation, env: Record<string, string> = {}, ...args: string[]): Running {
  return follow(spawnNode('src/start.js', args, { ...where.env, ...env }))
}

/** The same by another command, with nothing else in its environment; as another user, where root runs the tests. */
export function launchNode(env: Record<string, string>, args: string[], user?: number): Running {
  const [script = '', ...rest] = args
  return follow(spawnNode(script, rest, env, user))
}

/** `npm start`, of which `group` is everything that it started. */
export function launchByNpm(where: Installation, shell: string): Running & { group(name: NodeJS.Signals): void } {
  const npm = { HOME: where.folder, npm_config_script_shell: shell, npm_config_update_notifier: 'false' }
  const env = { ...where.env, ...npm }
  const child = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const group = (name: NodeJS.Signals) => void process.kill(-(child.pid ?? 0), name)
  onTestFinished(() => {
    try {
      group('SIGKILL')
    } catch {
      // All of them are gone, as they should be.
    }
  })
  return { ...follow(child), group }
}

/** Its standard error goes where the shell is told: `2>/dev/full`. */
export function launchRedirected(where: Installation, redirection: string): Running {
  const script = `exec "${process.execPath}" src/start.js ${redirection}`
  return follow(spawn('bash', ['-c', script], { cwd: root, env: where.env, stdio: ['ignore', 'pipe', 'pipe'] }))
}

/** Starts the server and waits until it says that it is ready. */
export async function startServer(where: Installation, env: Record<string, string> = {}): Promise<Running> {
  return ready(where, launch(where, env))
}

export async function ready(where: Installation, server: Running): Promise<Running> {
  let over = false
  server.ended.then(() => {
    over = true
  })
  while (!(await isReady(where))) {
    if (over) throw new Error(`the server ended: ${server.printed().err}`)
    await new Promise((done) => setTimeout(done, 10))
  }
  return server
}

export async function isReady(where: Installation): Promise<boolean> {
  return fetch(`${where.operationsOrigin}/readyz`).then(
    (response) => response.ok,
    () => false,
  )
}

/** The link in the newest mail to this address, once it is there. */
export async function linkFrom(where: Installation, email: string): Promise<string> {
  for (;;) {
    const response = await fetch(`${where.origin}/dev/outbox.json`)
    const mail = ((await response.json()) as OutboxMessage[]).find(({ to }) => to === email)
    const link = /https?:\/\/\S+\/(?:activate|recover)\/\S+/.exec(mail?.text ?? '')?.[0]
    if (link) return link
    await new Promise((done) => setTimeout(done, 50))
  }
}

/** `sigma-id <arguments>` beside a running server, to its end. */
export function commandLine(where: Installation, ...args: string[]): Promise<Ended> {
  return launchCommand(where, ...args).ended
}

/** The same, not waited for. */
export function launchCommand(where: Installation, ...args: string[]): Running {
  return follow(spawnNode('src/cli.js', args, where.env))
}

function spawnNode(script: string, args: string[], env: Record<string, string>, user?: number): ChildProcess {
  const as = user === undefined ? {} : { uid: user, gid: user }
  return spawn(process.execPath, [script, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], ...as })
}

function follow(child: ChildProcess): Running {
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, out, err }))
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    printed: () => ({ out, err }),
    ended,
  }
}

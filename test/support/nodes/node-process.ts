/** One node as operators run it: a process of its own that can be killed, stopped, hung, and given another clock. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { COMPILED } from '../runner/machine.ts'

export interface NodeProcess {
  pid: number
  signal(name: NodeJS.Signals): void
  /** What it logged so far. */
  logged(): string
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; logged: string }>
}

/** Runs in the process before anything of ours. */
export type Preload = string

/** The machine's clock is this many milliseconds ahead. */
export function clockAhead(by: number): Preload {
  return `const Real = Date
    const now = () => Real.now() + ${by}
    globalThis.Date = new Proxy(Real, {
      construct: (target, given, as) => Reflect.construct(target, given.length === 0 ? [now()] : given, as),
      get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    })`
}

/** At SIGUSR2 the event loop stands still for this many milliseconds. */
export function blocking(milliseconds: number): Preload {
  return `process.on('SIGUSR2', () => {
    const end = performance.now() + ${milliseconds}
    while (performance.now() < end);
  })`
}

const root = resolve(import.meta.dirname, '../../..')

export function startNodeProcess(env: Record<string, string>, preloads: Preload[] = []): NodeProcess {
  const imports = preloads.flatMap((code) => ['--import', `data:text/javascript,${encodeURIComponent(code)}`])
  // The kernel kills it when we end, even if it is stopped and we had no moment to say goodbye (prctl(2)).
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, ...imports, 'src/start.js'], {
    cwd: root,
    env: { NODE_COMPILE_CACHE: COMPILED, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let logged = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    logged += chunk
  })
  return {
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    logged: () => logged,
    ended: once(child, 'close').then(([code, signal]) => ({ code, signal, logged })),
  }
}

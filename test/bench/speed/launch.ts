/** A server that is measured: a process of its own on the first processor; whoever drives it is on the others. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { availableParallelism } from 'node:os'

/** Where there is one processor only, everybody shares it. */
const SERVER = '0'
const PATIENCE = 120_000
/** Milliseconds after which a server that was asked to end is ended. */
const FAREWELL = 20_000

export interface Launched {
  pid: number
  /** Milliseconds from the start of the process to its first answer. */
  took: number
  stop(): Promise<void>
}

export interface Launch {
  command: string[]
  cwd: string
  env: NodeJS.ProcessEnv
  /** What it prints goes there. */
  log: string
  /** Asked again and again until it answers with 200. */
  answer: { port: number; path: string; headers: Record<string, string> }
}

/** From now on this process, and what it starts, leaves the first processor to the servers. */
export function stepAside(): void {
  const last = availableParallelism() - 1
  if (last > 0) spawnSync('taskset', ['-a', '-p', '-c', `1-${last}`, `${process.pid}`])
}

export async function launch({ command, cwd, env, log, answer }: Launch): Promise<Launched> {
  const out = openSync(log, 'a')
  const began = performance.now()
  // The kernel kills it when we end, whichever way that is (prctl(2)).
  const bound = ['--pdeathsig', 'KILL', 'taskset', '-c', SERVER, ...command]
  const child = spawn('setpriv', bound, { cwd, env, stdio: ['ignore', out, out] })
  closeSync(out)
  const ended = once(child, 'exit')
  while (!(await answers(answer))) {
    if (child.exitCode !== null) throw new Error(`it did not start: ${readFileSync(log, 'utf8').slice(-2000)}`)
    if (performance.now() - began > PATIENCE) throw new Error(`no answer: ${readFileSync(log, 'utf8').slice(-2000)}`)
    await new Promise((done) => setTimeout(done, 2))
  }
  const took = performance.now() - began
  return {
    pid: child.pid ?? 0,
    took,
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), FAREWELL)
      await ended
      clearTimeout(late)
    },
  }
}

function answers({ port, path, headers }: Launch['answer']): Promise<boolean> {
  return new Promise((done) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
      answer.resume().on('end', () => done(answer.statusCode === 200))
    })
    asked.on('error', () => done(false)).end()
  })
}

/** What running processes have cost so far, and hold, as Linux tells it in /proc (proc_pid_schedstat(5)). */
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds of processor time. */
export interface Spent {
  /** Of every thread. */
  all: number
  /** Of the threads on which libuv runs what Node does aside: Argon2id, and waits for the disk. */
  pool: number
  /** Of each process's first thread, on which the event loop runs. */
  loop: number
}

/** Of these processes and whatever they have started. */
export function spentBy(pids: readonly number[]): Spent {
  const sum: Spent = { all: 0, pool: 0, loop: 0 }
  for (const pid of pids.flatMap(withChildren)) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const at = `/proc/${pid}/task/${thread}`
      const time = Number(read(`${at}/schedstat`).split(' ')[0]) / 1e6
      sum.all += time
      if (thread === String(pid)) sum.loop += time
      if (read(`${at}/comm`).startsWith('libuv-worker')) sum.pool += time
    }
  }
  return sum
}

export function since(before: Spent, after: Spent): Spent {
  return { all: after.all - before.all, pool: after.pool - before.pool, loop: after.loop - before.loop }
}

/** Resident memory of all of them, in MB (10⁶ bytes). */
export function megabytesOf(pids: readonly number[]): number {
  const kib = pids.flatMap(withChildren).map((pid) => Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1]))
  return (kib.reduce((sum, each) => sum + each, 0) * 1024) / 1e6
}

function withChildren(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(withChildren)]
}

/** Nothing of a thread that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** What running processes have cost so far, and hold, as Linux tells it in /proc (proc_pid_schedstat(5)). */
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds: a hundredth of a second, whatever the kernel's own clock does (USER_HZ, time(7)). */
const TICK = 10

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

/** Of these processes and their children, threads that have ended included; in steps of 10 ms (proc_pid_stat(5)). */
export function spentInAll(pids: readonly number[]): Spent {
  const ticks = pids.flatMap(withChildren).map((pid) => {
    // What comes after the name of the program, which may have spaces in it: the state is the first.
    const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  })
  return { all: ticks.reduce((sum, each) => sum + each, 0) * TICK, pool: 0, loop: 0 }
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

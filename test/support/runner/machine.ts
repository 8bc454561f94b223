/** What test runs make of the machine that they are on. */
import { accessSync, constants, readFileSync, statfsSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * What Node compiles is kept from one process of ours to the next: a command is there in a third of the time.
 * Hundreds of processes are started in a run.
 */
export const COMPILED = resolve(import.meta.dirname, '../../../node_modules/.cache/compiled')

const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 2 ** 31

/**
 * A folder in memory, for data that lives as long as a test: a disk waits some milliseconds at each of the hundred
 * thousand commits of a run. What a process that is killed has written is there as on a disk; power cuts no test makes.
 * Undefined where there is none, it is small (as in containers), or programs in it may not run.
 */
export function memoryFolder(): string | undefined {
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === MEMORY)
    return mount && !mount.includes('noexec') && bavail * bsize > ENOUGH_BYTES ? MEMORY : undefined
  } catch {
    return undefined
  }
}

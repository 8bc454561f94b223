/**
 * Writes to a place that may be full, or gone: a disk, a pipe whose reader ended. Nobody is kept waiting for it, and nothing
 * is thrown. A little waits until there is room again; the rest is lost, and is counted.
 */
import { SECOND } from './time.ts'

/** Bytes that may wait for room, and of one text as many as it has. */
const MOST = 64 * 1024
/** Milliseconds until what waits is tried again, where nobody writes meanwhile. */
const AGAIN = SECOND

export interface LosingWriter {
  write(text: string): void
  /** Tries what waits once more. */
  flush(): void
}

/** `put` writes some bytes, or throws, and returns how many; `notice` makes the line that says how many lines were lost. */
export function losingWriter(put: (bytes: Buffer) => number, notice: (lost: number) => string): LosingWriter {
  let waiting: Buffer = Buffer.alloc(0)
  let lost = 0
  let timer: NodeJS.Timeout | undefined

  /** A line that was begun is gone on with where it was left. */
  function drain(): boolean {
    try {
      while (waiting.length > 0) waiting = waiting.subarray(put(waiting))
    } catch {
      return false
    }
    return true
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (drain() && lost > 0) {
      waiting = Buffer.from(notice(lost))
      lost = 0
      drain()
    }
    if (waiting.length > 0) timer = setTimeout(flush, AGAIN).unref()
  }

  return {
    flush,
    write(text) {
      if (waiting.length > 0) flush()
      const bytes = Buffer.from(text)
      if (lost > 0 || (waiting.length > 0 && waiting.length + bytes.length > MOST)) {
        lost += text.split('\n').length - 1
        return
      }
      // A copy: a part of what was written would hold on to all of it.
      waiting = waiting.length > 0 ? Buffer.concat([waiting, bytes]) : bytes
      flush()
    },
  }
}

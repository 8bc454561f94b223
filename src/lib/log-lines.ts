/**
 * Lines of the log are written some at a time, for each write costs as much as making the line. From a warning on they are
 * written at once, with whatever waits before them, and so is what waits when the process ends. Of one that is killed the
 * last moment may be missing; what has to last is in the trail.
 */
import { writeSync } from 'node:fs'
import { type DestinationStream, pino } from 'pino'
import { losingWriter } from './lost-lines.ts'
import { thisProcess } from './this-process.ts'
import { SECOND, systemClock } from './time.ts'

/** Milliseconds that a line may wait for others. */
const PATIENCE = SECOND / 10
/** Characters that may wait. */
const MOST = 16 * 1024
/** Of pino. */
const WARN = 40

/** What pino tells a stream before each line. */
interface Told {
  lastLevel: number
}

export interface LogLines extends DestinationStream {
  /** Writes what waits. */
  flush(): void
}

export function logLines(write: (text: string) => void): LogLines {
  let waiting = ''
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (waiting === '') return
    const text = waiting
    waiting = ''
    write(text)
  }

  const lines: LogLines & Told = {
    lastLevel: 0,
    write(line) {
      waiting += line
      if (lines.lastLevel >= WARN || waiting.length >= MOST) flush()
      else timer ??= setTimeout(flush, PATIENCE).unref()
    },
    flush,
  }
  return Object.assign(lines, { [pino.symbols.needsMetadataGsym]: true })
}

/** Of this process, which goes on where its log cannot be written. */
export function standardError(): DestinationStream {
  const out = losingWriter((bytes) => writeSync(2, bytes), noticeOf)
  const lines = logLines(out.write)
  process.on('exit', () => {
    lines.flush()
    out.flush()
  })
  return lines
}

/** The line in the place of so many that were lost. */
export function noticeOf(lost: number): string {
  const line = {
    level: 'error',
    time: new Date(systemClock()).toISOString(),
    ...thisProcess(),
    lost,
    msg: 'lines of the log could not be written',
  }
  return `${JSON.stringify(line)}\n`
}

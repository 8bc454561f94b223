/** Structured logs (one JSON object a line). Codes and ids go in; secrets, tokens, codes and passwords never do. */
import { type DestinationStream, type Logger, pino } from 'pino'
import { standardError } from './log-lines.ts'
import { thisProcess } from './this-process.ts'
import { activeTrace, detectTracing } from './tracing.ts'

export type Log = Logger

/** Names under which a secret might be handed to the log by mistake, wherever in the object it stands. */
const SECRET = ['password', 'token', 'code', 'secret', 'cookie', 'authorization', 'link', 'text', 'html']

/** What an operator needs of an error; its own fields stay out, for nobody knows what they hold. */
function describe(fault: unknown): unknown {
  if (!(fault instanceof Error)) return String(fault)
  return { reason: 'code' in fault ? String(fault.code) : fault.name, stack: stackOf(fault) }
}

function stackOf({ stack, cause }: Error): string {
  return cause instanceof Error ? `${stack}\ncaused by: ${stackOf(cause)}` : (stack ?? '')
}

/**
 * For lines whose fields are all our own words, numbers and references, and no more than those: nothing is looked for in
 * them, which costs more than all the rest of a line.
 */
export function knownLines(log: Log): (line: KnownLine, message: string) => void {
  const lines = unsearched(log)
  return (line, message) => {
    // The level of the log may change while it runs; that of its children does not follow.
    if (log.isLevelEnabled('info')) lines.info(line, message)
  }
}

/** The same of lines that somebody asked for by themselves: they are written at every level but `silent`. */
export function askedLines(log: Log): (line: KnownLine, message: string) => void {
  const lines = unsearched(log)
  return (line, message) => {
    if (log.level !== 'silent') lines.info(line, message)
  }
}

type Value = string | number | boolean | undefined
type KnownLine = Record<string, Value | Record<string, Value>>

function unsearched(log: Log): Log {
  return log.child({}, { redact: [], level: 'info' })
}

export function logger(level: string, destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: thisProcess(),
      // Only where somebody keeps spans: it is asked for every line.
      ...(detectTracing() && { mixin: activeTrace }),
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { fault: describe },
      redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    },
    destination ?? standardError(),
  )
}

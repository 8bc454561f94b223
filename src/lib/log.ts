/** Structured logs (one JSON object a line). Codes and ids go in; secrets, tokens, codes and passwords never do. */
import { type DestinationStream, type Logger, pino } from 'pino'

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

export function logger(level: string, destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { fault: describe },
      redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  )
}

/** The header by which systems say that their work belongs together: W3C Trace Context, section 3.2. Labels, and no more. */
import { fresh } from './crypto.ts'

export interface TraceContext {
  /** 32 hexadecimal digits. */
  trace: string
  /** 16 of them: the piece of work that asked. */
  parent: string
  /** Whoever asked keeps what it did. */
  sampled: boolean
}

const HEADER = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/s
const MOST = 256
const NONE = /^0+$/

/** Undefined for what is no such header. Of a version that is not known yet the part is read that every version has. */
export function readTraceparent(header: unknown): TraceContext | undefined {
  if (typeof header !== 'string' || header.length > MOST) return undefined
  const [, version, trace = '', parent = '', flags = '', more] = HEADER.exec(header) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (NONE.test(trace) || NONE.test(parent)) return undefined
  return { trace, parent, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** The header for a call of ours within this trace. */
export function traceparentOf({ trace, parent = fresh(8).toString('hex'), sampled }: Partial<TraceContext>): string {
  return `00-${trace}-${parent}-${sampled ? '01' : '00'}`
}

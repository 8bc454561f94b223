/**
 * Faults: what the caller could not have been expected to handle. One catch per entry point (page, API, command line)
 * turns them into an answer. Expected refusals are not faults: they are values, `{ ok: false, reason }`.
 */

export interface FaultDetails {
  /** HTTP status that a web entry point answers with. */
  status?: number
  /** Seconds after which another try may succeed (RFC 9110 section 10.2.3). */
  retryAfter?: number
  cause?: unknown
}

/** A fault with a stable code. `code` is for machines and language files; the message is for the operator's log only. */
export class AppError extends Error {
  readonly code: string
  readonly status: number
  readonly retryAfter: number | undefined

  constructor(code: string, message: string, details: FaultDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'AppError'
    this.code = code
    this.status = details.status ?? 500
    this.retryAfter = details.retryAfter
  }

  /** The name under which oidc-provider looks for it. */
  get statusCode(): number {
    return this.status
  }
}

/** Another server has our store, or it is no longer where it was. */
export function isStoreLost(fault: unknown): fault is AppError {
  return fault instanceof AppError && fault.code === 'store-lost'
}

/** Several faults found in one go, each with the path of the field it is about. */
export class InputError extends AppError {
  readonly faults: Fault[]

  constructor(subject: string, faults: Fault[]) {
    super('invalid-input', `${subject}\n${faults.map((fault) => `  ${sentence(fault)}`).join('\n')}`, { status: 400 })
    this.name = 'InputError'
    this.faults = faults
  }
}

/** Of what an operator configured: settings, the environment, files. */
export class ConfigurationError extends InputError {}

export interface Fault {
  /** Where: `issuer`, `clients[2].redirect_uris[0]`, … Empty for all of it. */
  path: string
  /** The same, part by part, where it is a field of what was given. */
  at?: PropertyKey[]
  reason: string
  /** The parts of the reason, where it has them: what stands there, and what should. */
  found?: string
  expected?: string
  /** For machines: the same wherever the same is wrong. */
  code?: string
  /** In a file. */
  line?: number
}

/** For whoever has to mend it. */
export function sentence({ path, reason, line }: Fault): string {
  if (line === undefined) return `${path}: ${reason}`
  return path === '' ? `line ${line}: ${reason}` : `${path} (line ${line}): ${reason}`
}

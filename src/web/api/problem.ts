/** What is wrong with a request to the API, as RFC 9457 has it: one form for everything, with the codes of every door. */
import { STATUS_CODES } from 'node:http'
import type { ParameterizedContext } from 'koa'
import { CaseWaits } from '../../admin/cases.ts'
import { ChangedMeanwhile } from '../../admin/definition-input.ts'
import { NotFetched } from '../../admin/keys.ts'
import { NotAllowed } from '../../admin/verb.ts'
import { AppError, type Fault, InputError } from '../../lib/errors.ts'
import { secondsUntil } from '../../lib/time.ts'
import { factsOf } from '../request.ts'
import { BodyError } from './json-body.ts'

export interface Problem {
  status: number
  code: string
  /** For whoever has to mend it. */
  detail: string
  errors?: ProblemError[]
  /** Seconds. */
  retryAfter?: number | undefined
  /** Members of this kind of problem. */
  more?: Record<string, unknown>
}

/** One field: of the body by a pointer (RFC 6901), or a parameter of the address. */
export interface ProblemError {
  pointer?: string
  parameter?: string
  code: string
  detail: string
}

export function answerProblem(ctx: ParameterizedContext, { status, code, detail, ...rest }: Problem): void {
  const { retryAfter, errors, more } = rest
  ctx.status = status
  ctx.set('Content-Type', 'application/problem+json')
  if (retryAfter !== undefined) ctx.set('Retry-After', String(retryAfter))
  ctx.body = JSON.stringify({
    type: `urn:sigma-id:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(errors && { errors }),
    ...more,
    reference: factsOf(ctx.req).correlation,
  })
}

/** Where a field was given. */
export type PlaceOf = (at: readonly PropertyKey[]) => Pick<ProblemError, 'pointer' | 'parameter'>

const inBody: PlaceOf = (at) => ({ pointer: pointerTo(at) })

/** As a fragment of an address (RFC 6901 section 6). */
export function pointerTo(at: readonly PropertyKey[]): string {
  const parts = at.map((part) => encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1')))
  return ['#', ...parts].join('/')
}

/** Undefined for what is no refusal but a fault of ours: that goes on to where all of those are told. */
export function problemOf(fault: unknown, placeOf: PlaceOf, now: number): Problem | undefined {
  if (fault instanceof InputError) {
    const errors = fault.faults.map((one) => errorOf(one, fault instanceof BodyError ? inBody : placeOf))
    return { status: 400, code: fault.code, detail: 'the input is not in order: errors says where', errors }
  }
  if (fault instanceof NotAllowed)
    return { status: 403, code: fault.code, detail: fault.message, more: { reason: fault.reason } }
  if (fault instanceof ChangedMeanwhile)
    return { status: 412, code: fault.code, detail: fault.message, more: changedSince(fault) }
  if (fault instanceof NotFetched)
    return {
      status: 409,
      code: fault.code,
      detail: fault.message,
      more: { applications: fault.applications.map(told) },
    }
  if (!(fault instanceof AppError) || fault.status >= 500) return undefined
  const { status, code, message: detail } = fault
  const retryAfter = fault instanceof CaseWaits ? secondsUntil(fault.retryAt, now) : fault.retryAfter
  const field = FIELDS[code]
  return { status, code, detail, retryAfter, ...(field && { errors: [{ ...placeOf([field]), code, detail }] }) }
}

function told({ fetchedAt, ...rest }: NotFetched['applications'][number]): Record<string, unknown> {
  return { ...rest, ...(fetchedAt !== undefined && { fetchedAt: new Date(fetchedAt).toISOString() }) }
}

/** Refusals that are about one field. */
const FIELDS: Record<string, string> = { 'id-taken': 'client_id' }

function errorOf({ path, at, reason, code = 'value' }: Fault, placeOf: PlaceOf): ProblemError {
  return { ...placeOf(at ?? path.split('.').filter(Boolean)), code, detail: reason }
}

function changedSince({ version, since }: ChangedMeanwhile): Record<string, unknown> {
  return {
    version,
    since: since.map(({ version: which, at, actor, via, changes }) => ({
      version: which,
      at: new Date(at).toISOString(),
      actor,
      via,
      fields: changes.map(({ field }) => field),
    })),
  }
}

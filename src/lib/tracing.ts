/**
 * Spans for whoever runs an OpenTelemetry SDK beside us (docs/logs.md), and the only file that knows its API. No SDK comes
 * along. Whether one is there is decided once, as a process starts; where none is, nothing is made, and work runs as it is.
 *
 * Nothing in a span is a secret, an address of a person or a text of somebody: names of ours, codes, numbers, references.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { RELEASE } from './release.ts'
import { readTraceparent, type TraceContext, traceparentOf } from './trace-context.ts'

/** Under which SDKs of the API's first version register themselves, whichever copy of the API they have. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

type Attributes = Record<string, string | number | undefined>

let tracer: Tracer | undefined
/** The trace of a proxy, where no SDK keeps one. */
const upstream = new AsyncLocalStorage<TraceContext>()

/** Looks once more whether somebody keeps spans. To be asked as a process starts, after what was loaded before it. */
export function detectTracing(): boolean {
  const registered = (globalThis as Record<symbol, { trace?: unknown } | undefined>)[REGISTERED]
  tracer = registered?.trace === undefined ? undefined : trace.getTracer('sigma-id', RELEASE)
  return tracer !== undefined
}

/** For lines of the log. */
export function activeTrace(): { trace?: string } {
  const span = tracer && trace.getActiveSpan()
  return span ? { trace: span.spanContext().traceId } : {}
}

/** The header for a call to others. Undefined where nobody traces. */
export function currentTraceparent(): string | undefined {
  if (tracer) {
    const span = trace.getActiveSpan()?.spanContext()
    return span && traceparentOf({ trace: span.traceId, parent: span.spanId, sampled: (span.traceFlags & 1) === 1 })
  }
  const from = upstream.getStore()
  return from && traceparentOf({ trace: from.trace, sampled: from.sampled })
}

/** Runs `work` in a span of this name. */
export function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  return tracer ? kept(tracer, { name, kind: SpanKind.INTERNAL }, work) : work()
}

/** Runs `work` in the trace that this header names: what somebody else caused, earlier or elsewhere. */
export function continued<T>(name: string, traceparent: string | undefined, work: () => Promise<T>): Promise<T> {
  const from = readTraceparent(traceparent)
  if (tracer) return kept(tracer, { name, kind: SpanKind.CLIENT, from }, work)
  return from ? upstream.run(from, work) : work()
}

/** A span for something that is over, and took this long, within another one; what nobody asked for has none. `fault` is a code. */
export function spanOver(name: string, milliseconds: number, fault?: string): void {
  if (!tracer || !trace.getActiveSpan()) return
  const end = performance.timeOrigin + performance.now()
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: end - milliseconds })
  if (fault !== undefined) failed(span, fault)
  span.end(end)
}

/** A request that is under way. */
export interface RequestSpan {
  /** Of 32 digits. */
  trace: string
  run<T>(work: () => T): T
  end(request: { method: string; route: string; status: number }, attributes: Attributes): void
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * By the semantic conventions for HTTP servers, or a step within the span that an instrumentation of Node's own server has
 * begun. Undefined where nobody keeps spans.
 */
export function requestSpan(traceparent: string | undefined): RequestSpan | undefined {
  if (!tracer) return undefined
  const begun = trace.getActiveSpan() !== undefined
  const parent = begun ? context.active() : parentOf(readTraceparent(traceparent))
  const span = tracer.startSpan('HTTP', { kind: begun ? SpanKind.INTERNAL : SpanKind.SERVER }, parent)
  const within = trace.setSpan(parent, span)
  return {
    trace: span.spanContext().traceId,
    run: (work) => context.with(within, work),
    end({ method, route, status }, attributes) {
      const known = METHODS.has(method) ? method : '_OTHER'
      span.updateName(`${known === '_OTHER' ? 'HTTP' : known} ${route}`)
      span.setAttributes({
        'http.request.method': known,
        'http.route': route,
        'http.response.status_code': status,
        ...Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)),
      })
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}

/** The same for a request of which nobody keeps a span, in the trace of its proxy, so that calls of ours name it. */
export function inUpstream<T>(traceparent: string | undefined, work: () => T): T {
  const from = readTraceparent(traceparent)
  return from ? upstream.run(from, work) : work()
}

interface Kept {
  name: string
  kind: SpanKind
  from?: TraceContext | undefined
}

async function kept<T>(by: Tracer, { name, kind, from }: Kept, work: () => Promise<T>): Promise<T> {
  const run = async (span: Span) => {
    try {
      return await work()
    } catch (fault) {
      failed(span, codeOf(fault))
      throw fault
    } finally {
      span.end()
    }
  }
  return from ? by.startActiveSpan(name, { kind }, parentOf(from), run) : by.startActiveSpan(name, { kind }, run)
}

/** A code and no message: nobody knows what stands in those. */
function failed(span: Span, code: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.setAttribute('error.type', code)
}

function codeOf(fault: unknown): string {
  if (!(fault instanceof Error)) return 'unknown'
  return 'code' in fault ? String(fault.code).slice(0, 60) : fault.name
}

function parentOf(from: TraceContext | undefined) {
  if (!from) return ROOT_CONTEXT
  const { trace: traceId, parent: spanId, sampled } = from
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true })
}

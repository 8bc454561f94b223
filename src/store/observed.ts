/**
 * Tells of every call to the store: what was asked of which part of it, how long that took, and what came of it. It stands
 * right before the store, so what a request remembers (request-memory.ts) is not told of again.
 *
 * It changes nothing: what a method returns is handed on as it is. A sign-in makes some 25 calls, so what is to be told of
 * one is looked up once for each method, and a call costs two looks at the clock.
 */
import { AppError } from '../lib/errors.ts'
import { detectTracing, spanOver } from '../lib/tracing.ts'
import { KeyTaken } from '../record/records.ts'
import type { Store, StoreName } from './store.ts'

/** `refused`: by a rule, or because a key is taken. `unavailable`: waiting may help. `failed`: a mistake of ours. */
export type StoreOutcome = 'ok' | 'refused' | 'unavailable' | 'failed'

/** Told at the end of each call, in the context of whoever called. In a unit of work a write of SQLite ends when it is decided. */
export type OnCall = (milliseconds: number, outcome: StoreOutcome) => void

/** Asked once for each method. `call` is its name; of a kind of record the kind comes first: `people.change`. */
export type StoreObserver = (store: StoreName, call: string) => OnCall

/** A span of each call, where somebody keeps them. */
export function storeSpans(): StoreObserver[] {
  if (!detectTracing()) return []
  const observer: StoreObserver = (store, call) => (milliseconds, outcome) =>
    spanOver(`store ${store} ${call}`, milliseconds, outcome === 'ok' || outcome === 'refused' ? undefined : outcome)
  return [observer]
}

type Method = (...given: never[]) => unknown

export function observed(store: Store, onCall: StoreObserver): Store {
  const { durable, expiring } = store.names
  const { leases, time } = store
  const watch = <Port extends object>(name: StoreName, port: Port) => observedPort(port, (call) => onCall(name, call))
  const pings = Object.entries(store.pings) as Array<[StoreName, () => Promise<void>]>

  return {
    ...store,
    durable: watch(durable, store.durable),
    expiring: watch(expiring, store.expiring),
    ...(leases && { leases: watch(expiring, leases) }),
    ...(time && { time: observedCall(time, onCall(expiring, 'time')) }),
    pings: Object.fromEntries(pings.map(([name, ping]) => [name, observedCall(ping, onCall(name, 'ping'))])),
  }
}

/** Several at once. */
export function together(...observers: StoreObserver[]): StoreObserver {
  return (store, call) => {
    const told = observers.map((observer) => observer(store, call))
    return (milliseconds, outcome) => {
      for (const tell of told) tell(milliseconds, outcome)
    }
  }
}

/** Ports within the port, too. */
function observedPort<Port extends object>(port: Port, onCall: (call: string) => OnCall, of = ''): Port {
  const parts = Object.entries(port).map(([name, part]: [string, Method | object]) => [
    name,
    typeof part === 'function'
      ? observedCall(part as Method, onCall(of + name))
      : observedPort(part, onCall, `${of}${name}.`),
  ])
  return Object.fromEntries(parts)
}

function observedCall<M extends Method>(method: M, tell: OnCall): M {
  const call = (...given: Parameters<M>) => {
    const began = performance.now()
    const answer = method(...given)
    if (answer instanceof Promise) {
      answer.then(
        () => tell(performance.now() - began, 'ok'),
        (fault: unknown) => tell(performance.now() - began, outcomeOf(fault)),
      )
    } else tell(performance.now() - began, 'ok')
    return answer
  }
  return call as M
}

export function outcomeOf(fault: unknown): StoreOutcome {
  if (fault instanceof KeyTaken) return 'refused'
  if (!(fault instanceof AppError)) return 'failed'
  return fault.code === 'store-unavailable' ? 'unavailable' : 'refused'
}

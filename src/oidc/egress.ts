/**
 * What the provider may fetch: logout endpoints and key sets of applications. Addresses come from client records, so
 * they are treated as hostile: https only, and no private address. That is seen to as the name is looked up, before
 * anything connects, of the very addresses that are then connected to: a name that changes its address in between gets
 * nowhere, and nobody learns from how it fails what is behind our walls. The operator's allow-list is the only exception.
 */
import { lookup as resolve } from 'node:dns'
import { AppError } from '../lib/errors.ts'
import { isPrivateAddress } from '../lib/private-address.ts'
import { currentTraceparent } from '../lib/tracing.ts'

type Fetch = (input: string | URL | Request, options?: RequestInit) => Promise<Response>
type Dispatched = RequestInit & { dispatcher?: unknown }

export function egress(allowed: string[]): Fetch {
  const exceptions = new Set(allowed)
  let guard: unknown
  return async (input, options = {}) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const { dispatcher, ...given } = options as Dispatched
    const open = inTrace(given)
    // On the list: the guard against private addresses is not applied to it.
    if (exceptions.has(url.origin)) return fetch(url, { ...open, redirect: 'manual' })
    if (url.protocol !== 'https:' || (url.port !== '' && url.port !== '443' && url.port !== '8443')) {
      throw new AppError('egress-refused', `${url.origin} is not https on 443 or 8443, and not on the egress list`)
    }
    // The library's own guard connects first and looks then, so it only shows what a dispatcher is.
    if (!dispatcher) throw new AppError('egress-refused', 'the guard against private addresses is missing')
    // An address is connected to without a look-up.
    if (isPrivateAddress(url.hostname.replace(/^\[|\]$/g, ''))) throw new PrivateAddress()
    guard ??= guardedLike(dispatcher)
    return fetch(url, { ...open, redirect: 'manual', dispatcher: guard } as RequestInit)
  }
}

/** Within the trace of the request that caused it, for whoever looks for what belongs together. */
function inTrace(options: RequestInit): RequestInit {
  const traceparent = currentTraceparent()
  if (traceparent === undefined) return options
  const headers = new Headers(options.headers)
  headers.set('traceparent', traceparent)
  return { ...options, headers }
}

/** What leads to a private network. */
export class PrivateAddress extends AppError {
  constructor() {
    super('private-address', 'the address is on a private network')
    this.name = 'PrivateAddress'
  }
}

/** Of the same class, which is not to be had otherwise: fetch is Node's own. */
function guardedLike(dispatcher: object): unknown {
  const Agent = dispatcher.constructor as new (options: { connect: { lookup: typeof publicOnly } }) => unknown
  return new Agent({ connect: { lookup: publicOnly } })
}

type Answer = (
  fault: Error | null,
  found?: string | Array<{ address: string; family: number }>,
  family?: number,
) => void

/** dns.lookup for net.connect, which may ask for all addresses or for one. Refuses a name that has any private one. */
function publicOnly(name: string, options: { all?: boolean }, answer: Answer): void {
  resolve(name, { ...options, all: true }, (fault, found) => {
    if (fault) return answer(fault)
    const [first] = found
    if (!first || found.some(({ address }) => isPrivateAddress(address))) return answer(new PrivateAddress())
    return options.all ? answer(null, found) : answer(null, first.address, first.family)
  })
}

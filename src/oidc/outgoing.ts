/**
 * A look at an address of an application, by the same way as logout tokens go (egress.ts): https only, no private address, but
 * for the operator's list. Nothing of the answer is read but its status and its headers.
 */
import type { Provider } from 'oidc-provider'
// @ts-expect-error: the library describes its front only, and how it fetches is behind it.
import fetchRequest from 'oidc-provider/lib/helpers/fetch_request.js'

export interface Looked {
  status: number
  headers: Headers
}

export type LookAt = (address: string) => Promise<Looked>

type Fetch = (provider: Provider, url: string, options: RequestInit) => Promise<Response>

export function lookingAt(provider: () => Provider): LookAt {
  return async (address) => {
    const options = { method: 'GET', redirect: 'manual' } as const
    const response = await (fetchRequest as Fetch)(provider(), new URL(address).href, options)
    await response.body?.cancel()
    return { status: response.status, headers: response.headers }
  }
}

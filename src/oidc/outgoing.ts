/**
 * A look at an address of an application, by the same way as logout tokens go (egress.ts): https only, no private address, but
 * for the operator's list. Nothing of the answer is read but its status and its headers.
 *
 * Whoever asks for it hears what became of it. So a private address is known for one before anybody goes there: how it fails
 * would tell what is behind our network's walls.
 */
import { lookup } from 'node:dns/promises'
import type { Provider } from 'oidc-provider'
// @ts-expect-error: the library describes its front only, and its guard against private addresses is behind it.
import fetchRequest from 'oidc-provider/lib/helpers/fetch_request.js'
import { AppError } from '../lib/errors.ts'
import { isPrivateAddress } from '../lib/private-address.ts'

export interface Looked {
  status: number
  headers: Headers
}

export interface Outgoing {
  lookAt(address: string): Promise<Looked>
  /** Rejects with `private-address` for one that is not on the operator's list. */
  insistPublic(address: string): Promise<void>
}

type Fetch = (provider: Provider, url: string, options: RequestInit) => Promise<Response>

export function outgoing(provider: () => Provider, allowed: readonly string[]): Outgoing {
  async function insistPublic(address: string): Promise<void> {
    const { origin, hostname } = new URL(address)
    if (allowed.includes(origin)) return
    const found = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true })
    if (found.some((one) => isPrivateAddress(one.address)))
      throw new AppError('private-address', 'the address is on a private network')
  }

  return {
    insistPublic,
    async lookAt(address) {
      await insistPublic(address)
      const options = { method: 'GET', redirect: 'manual' } as const
      const response = await (fetchRequest as Fetch)(provider(), new URL(address).href, options)
      await response.body?.cancel()
      return { status: response.status, headers: response.headers }
    },
  }
}

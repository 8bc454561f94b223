/**
 * What the provider may fetch: logout endpoints and key sets of applications. Addresses come from client records, so
 * they are treated as hostile: https only, and oidc-provider's own dispatcher refuses private addresses at connect
 * time, which also defeats DNS rebinding. The operator's allow-list is the only exception.
 */
import { AppError } from '../lib/errors.ts'

type Fetch = (input: string | URL | Request, options?: RequestInit) => Promise<Response>

export function egress(allowed: string[]): Fetch {
  const exceptions = new Set(allowed)
  return async (input, options = {}) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (exceptions.has(url.origin)) {
      // On the list: the guard against private addresses is not applied to it.
      const { dispatcher: _guard, ...open } = options as RequestInit & { dispatcher?: unknown }
      return fetch(url, { ...open, redirect: 'manual' })
    }
    if (url.protocol !== 'https:' || (url.port !== '' && url.port !== '443' && url.port !== '8443')) {
      throw new AppError('egress-refused', `${url.origin} is not https on 443 or 8443, and not on the egress list`)
    }
    if (!('dispatcher' in options))
      throw new AppError('egress-refused', 'the guard against private addresses is missing')
    return fetch(url, { ...options, redirect: 'manual' })
  }
}

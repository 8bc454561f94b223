/** Where oidc-provider's own classes are changed, so that an application says who it is as client-auth.ts wants it. */
import type { IncomingMessage } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { Clients } from '../client/client.ts'
import { sameSecret } from '../lib/crypto.ts'
import { assertRegisteredMethod, publicClientOf } from './client-auth.ts'

export function overrideClientAuth(provider: Provider, clients: Clients): void {
  acceptPreviousSecret(provider, clients)
  insistOnRegisteredMethod(provider)
  acceptEmptySecretOfPublicClients(provider, clients)
}

/** Two secrets are valid while an application moves from one to the next. */
function acceptPreviousSecret(provider: Provider, clients: Clients): void {
  const prototype = provider.Client.prototype as unknown as {
    clientId: string
    compareClientSecret(actual: string): boolean
  }
  const compare = prototype.compareClientSecret
  prototype.compareClientSecret = function (actual) {
    const previous = clients.find(this.clientId)?.previousSecret
    const matches = compare.call(this, actual)
    return matches || (previous !== undefined && sameSecret(previous, actual))
  }
}

/** Endpoints at which an application says who it is. */
const AUTHENTICATED = new Set(['token', 'introspection', 'revocation', 'pushed_authorization_request'])

interface ContextInternals {
  ctx: { req: IncomingMessage }
  route: string
  params: Record<string, unknown>
  entity(key: string, value: { clientAuthMethod?: string }): void
}

/** The library takes a secret in the header and in the body alike. When it knows who it is about, it is asked first. */
function insistOnRegisteredMethod(provider: Provider): void {
  const prototype = provider.OIDCContext.prototype as unknown as ContextInternals
  const entity = prototype.entity
  prototype.entity = function (key, value) {
    entity.call(this, key, value)
    if (key !== 'Client' || !AUTHENTICATED.has(this.route)) return
    const { authorization } = this.ctx.req.headers
    assertRegisteredMethod(value.clientAuthMethod, { authorization, params: this.params })
  }
}

/** The library refuses Basic without a secret. Such a request becomes one of a public client as its body comes in. */
function acceptEmptySecretOfPublicClients(provider: Provider, clients: Clients): void {
  Object.defineProperty(provider.OIDCContext.prototype, 'body', {
    configurable: true,
    set(this: ContextInternals, body: Record<string, unknown>) {
      const { headers } = this.ctx.req
      const id = AUTHENTICATED.has(this.route) ? publicClientOf(headers.authorization, body, clients) : undefined
      if (id !== undefined) delete headers.authorization
      const value = id === undefined ? body : { ...body, client_id: id }
      Object.defineProperty(this, 'body', { configurable: true, enumerable: true, writable: true, value })
    },
  })
}

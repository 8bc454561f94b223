/** Where oidc-provider's own classes are changed, so that an application says who it is as client-auth.ts wants it. */
import type { IncomingMessage } from 'node:http'
import type { Provider } from 'oidc-provider'
import { type Clients, secretMatching } from '../client/client.ts'
import { assertRegisteredMethod, publicClientOf } from './client-auth.ts'

/** Told of every secret that was used. */
export type NoteUse = (clientId: string, secretId: string) => void

export function overrideClientAuth(provider: Provider, clients: Clients, noteUse: NoteUse): void {
  compareDigests(provider, clients, noteUse)
  insistOnRegisteredMethod(provider)
  acceptEmptySecretOfPublicClients(provider, clients)
}

/**
 * We keep digests, and two secrets are valid while an application moves from one to the next. What the library has for a
 * secret is nobody's.
 */
function compareDigests(provider: Provider, clients: Clients, noteUse: NoteUse): void {
  const prototype = provider.Client.prototype as unknown as {
    clientId: string
    compareClientSecret(actual: string): boolean
  }
  prototype.compareClientSecret = function (actual) {
    const matching = secretMatching(clients.find(this.clientId)?.secrets ?? [], actual)
    if (matching) noteUse(this.clientId, matching.id)
    return matching !== undefined
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

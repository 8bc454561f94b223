/** What is driven: an OpenID Connect provider, whichever it is. */

import type { Member } from './people.ts'
import type { Spent } from './processor.ts'

export const ISSUER = 'https://id.sigma.example'
export const REDIRECT = 'https://application.sigma.example/callback'
export const ACR = { password: 'urn:sigma:acr:password', mfa: 'urn:sigma:acr:mfa', phishingResistant: 'phr' }

export interface Client {
  id: string
  secret: string
}

export const APPLICATION: Client = { id: 'bench', secret: 'a-secret-of-the-bench-of-256-bits-and-more' }
export const SERVICE: Client = { id: 'service', secret: 'another-secret-of-the-bench-of-256-bits-and-more' }
/** What the service's tokens are for. */
export const API = { indicator: 'https://api.sigma.example/', scope: 'api:read' }

export interface Target {
  name: string
  issuer: string
  /** Of each node, on the loopback. */
  ports(): number[]
  paths: Record<'authorize' | 'token' | 'userinfo' | 'introspect' | 'discovery' | 'jwks', string>
  /** What an `acr` is called here. */
  acr: typeof ACR
  /** What a person types on the page that asks for a password, and on the one that asks for a code. */
  password(person: Member): Record<string, string>
  code(person: Member): Record<string, string>
  /** What a person's browser puts into the form of the sign-in page, for one who has a passkey; only where it knows any. */
  passkey?: ((person: Member, page: { html: string; at: string }) => Record<string, string>) | undefined
  /** How somebody comes to be asked for the code alone: what they signed in with, and what the application asks for. */
  stepUp: { before: 'password' | 'code'; asks: Record<string, string> }
  /** What a service asks for with its own credentials. */
  service: Record<string, string>
  /**
   * Whether it is Node, whose threads last: the hash runs on those of libuv, so that its time can be left out. Threads of a
   * JVM end, and take with them what they have spent (processor.ts).
   */
  threadsLast: boolean
  /** Rounds of each row that are not counted, before those that are. */
  warmRounds: number
  start(): Promise<{ took: number; spent: Spent }>
  stop(): Promise<void>
  pids(): number[]
  remove(): Promise<void>
}

/** As oidc-provider names them. */
export const PATHS: Target['paths'] = {
  authorize: '/auth',
  token: '/token',
  userinfo: '/me',
  introspect: '/token/introspection',
  discovery: '/.well-known/openid-configuration',
  jwks: '/jwks',
}

/** What the proxy in front of a server says, which ends TLS. */
export function forwarded(issuer: string, address: string): Record<string, string> {
  const { host, protocol } = new URL(issuer)
  return { host, 'x-forwarded-proto': protocol.slice(0, -1), 'x-forwarded-for': address }
}

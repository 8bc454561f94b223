/** An installation as production wants it: what it needs of settings, applications and secrets, each written once. */
import { randomBytes } from 'node:crypto'
import { type Installation, installation } from './process.ts'

export const ISSUER = 'https://id.sigma.example'
export const CALLBACK = 'https://portal.sigma.example/callback'

export const CLIENTS = `
clients:
  - client_id: portal
    client_name: Sigma Portal
    initiate_login_uri: https://portal.sigma.example/login
    redirect_uris: [${CALLBACK}]
    client_secret: { env: PORTAL_CLIENT_SECRET }
    first_party: true
`

/** A root key as SIGMA_KEYS has it. */
export const rootKey = (): string => `2026a:${randomBytes(32).toString('base64')}`

/** Anew at each call. Nobody takes mail there: the port is `discard`. */
export function secrets() {
  return {
    SIGMA_KEYS: rootKey(),
    SIGMA_SMTP_URL: 'smtp://127.0.0.1:9',
    PORTAL_CLIENT_SECRET: randomBytes(32).toString('base64url'),
  }
}

/** Over those of a development installation: it has no portal, and a proxy in front. */
export const SETTINGS = {
  issuer: ISSUER,
  mail: { from: 'Sigma ID <no-reply@sigma.example>' },
  portal: undefined,
  egress: [],
  trustedProxies: 1,
}

export interface Otherwise {
  /** Over what production needs. */
  settings?: Record<string, unknown>
  env?: Record<string, string>
  clients?: string
}

/** One that starts, but for what is otherwise. */
export function production({ settings, env, clients = CLIENTS }: Otherwise = {}): Promise<Installation> {
  return installation({
    settings: { ...SETTINGS, ...settings },
    clients,
    env: { NODE_ENV: 'production', ...secrets(), ...env },
  })
}

/** The address at which the portal begins a sign-in with this origin. */
export function signInAt(origin: string, parameters: Record<string, string> = {}): string {
  const asked = new URLSearchParams({
    client_id: 'portal',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: CALLBACK,
    code_challenge: randomBytes(32).toString('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  })
  return `${origin}/auth?${asked}`
}

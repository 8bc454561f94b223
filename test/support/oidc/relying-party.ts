/**
 * Applications as outsiders write them: openid-client against a running app, and one small server that stands for all
 * of them, where people come back to and where logout tokens arrive.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import * as oidc from 'openid-client'
import type { Invitation } from '../../../src/accounts/links.ts'
import { type AppOptions, type RunningApp, startApp } from '../app/app.ts'
import { invite } from '../people/organizations.ts'
import { Person } from '../people/person.ts'
import { clientRecords, RESOURCES } from './client-records.ts'
import { secretOf } from './secret-of.ts'

export const EMAIL = 'sanne@sigma.example'
export const PASSWORD = 'vier losse woorden samen'

export const ACR = {
  password: 'urn:sigma:acr:password',
  mfa: 'urn:sigma:acr:mfa',
  refedsSfa: 'https://refeds.org/profile/sfa',
  refedsMfa: 'https://refeds.org/profile/mfa',
} as const

/** Where the applications are: what is posted is kept, and answered with the next of `answers`, with 200 after those. */
export interface Applications {
  origin: string
  received: Array<{ path: string; type: string | undefined; body: URLSearchParams }>
  answers: number[]
  close(): Promise<void>
}

async function applications(): Promise<Applications> {
  const received: Applications['received'] = []
  const answers: number[] = []
  const server = createServer(async (request, response) => {
    const { url: path = '', method, headers } = request
    const posted = method === 'POST'
    if (posted) received.push({ path, type: headers['content-type'], body: new URLSearchParams(await text(request)) })
    response.writeHead((posted ? answers.shift() : undefined) ?? 200).end('an application')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface World {
  app: RunningApp
  apps: Applications
  stop(): Promise<void>
}

export interface WorldOptions extends AppOptions {
  /** Clients besides those of client-records.ts; `{apps}` in them is where the applications are. */
  more?: Array<Record<string, unknown>>
}

/** The product with the clients of client-records.ts, and one person who has a password. */
export async function world(options: WorldOptions = {}): Promise<World> {
  const apps = await applications()
  const app = await serve(apps, options)
  await activate(app, EMAIL, 'Sanne de Vries')
  return {
    app,
    apps,
    async stop() {
      await app.stop()
      await apps.close()
    },
  }
}

/** The product alone, for applications that are there. */
export function serve(apps: Applications, { more = [], ...options }: WorldOptions): Promise<RunningApp> {
  const clients = JSON.stringify({ clients: [...clientRecords(apps.origin), ...more], resources: RESOURCES })
  return startApp({
    // Asked anew every time, so that vitest's clock moves it.
    now: () => Date.now(),
    ...options,
    clients: clients.replaceAll('{apps}', apps.origin),
    settings: { egress: [apps.origin], portal: undefined, homeClient: 'house', ...options.settings },
  })
}

export async function activate(
  app: RunningApp,
  email: string,
  name: string,
  more: Partial<Invitation> = {},
): Promise<void> {
  await invite(app, { email, name, locale: 'en', organization: 'Bakkerij', ...more })
  const person = new Person()
  await person.visit(await app.linkFor(email))
  await person.submit({ password: PASSWORD, repeat: PASSWORD })
}

export type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>

/** An authorization request under way: its address, and what its answer is checked against. */
export interface Request {
  url: URL
  verifier: string
  nonce: string
  state: string
}

export interface RelyingParty {
  config: oidc.Configuration
  clientId: string
  secret: string
  redirectUri: string
  /** With PKCE, `state` and `nonce`; `parameters` add to these or replace them. */
  request(parameters?: Record<string, string>): Promise<Request>
  /** The same through a pushed authorization request (RFC 9126). */
  push(parameters?: Record<string, string>): Promise<Request>
  /** Opens a request in the person's browser and answers the password page, if there is one. */
  open(person: Person, parameters?: Record<string, string>, email?: string): Promise<Request>
  /** Redeems what came back; openid-client checks `iss`, `state`, `nonce`, `aud`, times and signature. */
  redeem(address: string, request: Request, parameters?: Record<string, string>): Promise<Tokens>
  signIn(person: Person, parameters?: Record<string, string>): Promise<Tokens>
  refresh(token: string | undefined, parameters?: Record<string, string>): Promise<Tokens>
}

export interface RelyingPartyOptions {
  /** Instead of the secret on record. */
  auth?: oidc.ClientAuth
  dpop?: oidc.CryptoKeyPair
}

export async function relyingParty(
  { app, apps }: World,
  clientId: string,
  options: RelyingPartyOptions = {},
): Promise<RelyingParty> {
  const metadata = app.core.clients.find(clientId)?.metadata
  const secret = secretOf(app, clientId)
  const config = await oidc.discovery(
    new URL(app.origin),
    clientId,
    { id_token_signed_response_alg: metadata?.id_token_signed_response_alg ?? 'RS256' },
    options.auth ?? authentication(metadata?.token_endpoint_auth_method, secret),
    { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  )
  const redirectUri = `${apps.origin}/${clientId}/callback`
  const proof = options.dpop && { DPoP: oidc.getDPoPHandle(config, options.dpop) }

  async function begin(
    build: (parameters: Record<string, string>) => URL | Promise<URL>,
    parameters: Record<string, string> = {},
  ): Promise<Request> {
    const checks = { verifier: oidc.randomPKCECodeVerifier(), nonce: oidc.randomNonce(), state: oidc.randomState() }
    const url = await build({
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(checks.verifier),
      code_challenge_method: 'S256',
      nonce: checks.nonce,
      state: checks.state,
      ...parameters,
    })
    return { url, ...checks }
  }

  async function open(person: Person, parameters?: Record<string, string>, email = EMAIL): Promise<Request> {
    const request = await party.request(parameters)
    await person.visit(request.url.href)
    if (asksPassword(person)) await person.submit({ email, password: PASSWORD })
    return request
  }

  const party: RelyingParty = {
    config,
    clientId,
    secret,
    redirectUri,
    open,
    request: (parameters) => begin((all) => oidc.buildAuthorizationUrl(config, all), parameters),
    push: (parameters) => begin((all) => oidc.buildAuthorizationUrlWithPAR(config, all, proof), parameters),
    redeem: (address, { verifier, nonce, state }, parameters) =>
      oidc.authorizationCodeGrant(
        config,
        new URL(address),
        { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state, idTokenExpected: true },
        parameters,
        proof,
      ),
    async signIn(person, parameters) {
      const request = await open(person, parameters)
      return party.redeem(person.page.url, request)
    },
    refresh: (token = '', parameters) => oidc.refreshTokenGrant(config, token, parameters, proof),
  }
  return party
}

function authentication(method: string | undefined, secret: string): oidc.ClientAuth {
  // Without a secret it can ask and come back; to redeem, `keyed` is given a key by the test.
  if (secret === '') return oidc.None()
  return method === 'client_secret_post' ? oidc.ClientSecretPost(secret) : oidc.ClientSecretBasic(secret)
}

export function asksPassword(person: Person): boolean {
  return person.page.html.includes('name="password"')
}

/** The answer of the provider in the address that the browser ended at. */
export function answer(person: Person): URLSearchParams {
  return new URL(person.page.url).searchParams
}

/** The `error` of a refused token request; anything else is thrown on. */
export async function errorOf(request: Promise<unknown>): Promise<string> {
  const outcome = await request.then(
    () => 'no error',
    (error: unknown) => error,
  )
  if (outcome instanceof oidc.ResponseBodyError || outcome instanceof oidc.AuthorizationResponseError)
    return outcome.error
  if (outcome instanceof oidc.WWWAuthenticateChallengeError)
    return outcome.cause[0]?.parameters.error ?? outcome.cause[0]?.scheme ?? 'challenge'
  if (typeof outcome === 'string') return outcome
  throw outcome
}

/** Requests that no honest client sends: every parameter and header as the test says. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, type JWTPayload, SignJWT } from 'jose'
import type { Person } from '../people/person.ts'
import { KEYED } from './client-records.ts'
import type { RelyingParty, Request, World } from './relying-party.ts'
import { secretOf } from './secret-of.ts'

export interface RawAnswer {
  status: number
  body: Record<string, unknown>
}

export type Fields = Record<string, string>

export function basic(id: string, secret: string): Fields {
  return { authorization: `Basic ${btoa(`${id}:${secret}`)}` }
}

/** How a client with a secret, or without one, says who it is by its record. */
export function credentials({ app }: World, id: string): { fields: Fields; headers: Fields } {
  const { token_endpoint_auth_method } = app.core.clients.find(id)?.metadata ?? {}
  const client_secret = secretOf(app, id)
  if (token_endpoint_auth_method === 'client_secret_basic') return { fields: {}, headers: basic(id, client_secret) }
  return { fields: { client_id: id, ...(client_secret && { client_secret }) }, headers: {} }
}

export async function post(url: string, fields: Fields | URLSearchParams, headers: Fields = {}): Promise<RawAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json', ...headers },
    body: new URLSearchParams(fields),
  })
  const text = await response.text()
  return { status: response.status, body: text ? JSON.parse(text) : {} }
}

/** A code for a person who is signed in, and the request it answers. Follows nothing, so it is quick. */
export async function mint(
  party: RelyingParty,
  person: Person,
  parameters: Fields = {},
): Promise<{ code: string; request: Request }> {
  const request = await party.request(parameters)
  const response = await person.request('GET', request.url.href)
  await response.body?.cancel()
  const location = response.headers.get('location') ?? ''
  const code = URL.canParse(location) ? new URL(location).searchParams.get('code') : undefined
  if (!code) throw new Error(`no code: ${response.status} ${location}`)
  return { code, request }
}

export function codeFields(party: RelyingParty, { code, request }: { code: string; request: Request }): Fields {
  return {
    grant_type: 'authorization_code',
    code,
    redirect_uri: party.redirectUri,
    code_verifier: request.verifier,
  }
}

/** What the client `keyed` signs to authenticate (RFC 7523 section 2.2). */
export function assertion({ app }: World, claims: JWTPayload = {}, header: Fields = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({
    iss: 'keyed',
    sub: 'keyed',
    aud: app.origin,
    jti: randomUUID(),
    iat: now,
    exp: now + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'keyed', ...header })
    .sign(KEYED.privateKey)
}

export function asserted(client_assertion: string): Fields {
  return {
    client_id: 'keyed',
    client_assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }
}

/** One DPoP proof (RFC 9449 section 4.2). */
export async function dpopProof(htu: string, claims: JWTPayload = {}): Promise<{ proof: string; jkt: string }> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = await exportJWK(pair.publicKey)
  const proof = await new SignJWT({
    htm: 'POST',
    htu,
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .sign(pair.privateKey)
  return { proof, jkt: await calculateJwkThumbprint(jwk) }
}

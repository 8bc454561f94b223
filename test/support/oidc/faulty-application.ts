/** A small application of its own that can do everything wrong, one thing at a time, by what it really sends. */
import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { examineClient, type Told } from '../../../src/admin/doctor.ts'
import type { Actor } from '../../../src/admin/role.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { VERBS } from '../../../src/admin/verbs.ts'
import type { Person } from '../people/person.ts'
import { record } from './client-records.ts'
import { basic, type Fields, post, type RawAnswer } from './raw-oauth.ts'
import type { World } from './relying-party.ts'
import { secretOf } from './secret-of.ts'

const CHRIS: Actor = { id: 'chris', roles: ['client-admin'], via: 'pages', source: undefined }
const WHO = { actor: 'chris', via: 'pages' }

export interface Asked {
  verifier: string
  redirectUri: string
  status: number
  /** What came back to the application, if anything did. */
  back: URLSearchParams | undefined
}

export interface FaultyApplication {
  id: string
  callback: string
  secret(): string
  /** An authorization request; undefined leaves a parameter out. */
  ask(person: Person, parameters?: Record<string, string | undefined>): Promise<Asked>
  /** Redeems what came back, in the right way unless something else is said. */
  redeem(asked: Asked, fields?: Fields, headers?: Fields): Promise<RawAnswer>
  token(fields: Fields, headers?: Fields): Promise<RawAnswer>
  get(path: string, headers?: Fields): Promise<{ status: number; body: string }>
  doctor(live?: boolean): Promise<Told>
  /** Does what the doctor offers. */
  mend(told: Told): Promise<{ secret?: { value: string } }>
}

/** Registered with these fields; what it does is told by its name of an agent. */
export async function faulty(
  here: World,
  id: string,
  fields: Record<string, unknown> = {},
): Promise<FaultyApplication> {
  const { core, origin } = here.app
  const definition = record(id, { scope: 'openid', grant_types: ['authorization_code'], ...fields }, here.apps.origin)
  const added = await core.admin.clients.add(definition, WHO)
  if (!added.ok) throw new Error(JSON.stringify(added))
  await here.app.followClients()
  const callback = `${here.apps.origin}/${id}/callback`
  const agent = { 'user-agent': `${id}/1.0` }
  const method = String(fields.token_endpoint_auth_method ?? 'client_secret_basic')
  const secret = () => secretOf(here.app, id)

  const app: FaultyApplication = {
    id,
    callback,
    secret,
    async ask(person, parameters = {}) {
      const verifier = randomBytes(32).toString('base64url')
      const all: Record<string, string | undefined> = {
        client_id: id,
        redirect_uri: callback,
        response_type: 'code',
        scope: 'openid',
        state: 'state',
        nonce: 'nonce',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...parameters,
      }
      const given = Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined)
      const response = await person.request('GET', `${origin}/auth?${new URLSearchParams(given)}`)
      await response.body?.cancel()
      const location = response.headers.get('location') ?? ''
      const { redirect_uri: redirectUri = '' } = all
      const back = location.startsWith(redirectUri) && URL.canParse(location) ? new URL(location) : undefined
      return { verifier, redirectUri, status: response.status, back: back?.searchParams }
    },
    redeem({ verifier, redirectUri, back }, more = {}, headers) {
      const code = back?.get('code') ?? ''
      const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
      return app.token({ ...grant, ...more }, headers)
    },
    token(given, headers) {
      const proof = method === 'none' ? {} : basic(id, encodeURIComponent(secret()))
      const name: Fields = method === 'none' ? { client_id: id } : {}
      return post(`${origin}/token`, { ...name, ...given }, { ...agent, ...(headers ?? proof) })
    },
    get: (path, headers = {}) => plainGet(`${origin}${path}`, { ...agent, ...headers }),
    async doctor(live = false) {
      await here.app.writeNotes()
      return runVerb(core.admin, examineClient, { client: id, live }, CHRIS)
    },
    async mend({ checks: [first] }) {
      const verb = VERBS.find(({ name }) => name === first?.fix?.verb)
      if (!verb || !first?.fix) throw new Error(`nothing mends ${first?.finding}: ${first?.sentence}`)
      const done = await runVerb(core.admin, verb, first.fix.input, CHRIS)
      await here.app.followClients()
      return done as { secret?: { value: string } }
    },
  }
  return app
}

/** Not by `fetch`, which writes the Host itself. */
function plainGet(address: string, headers: Fields): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(address, { headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.on('error', reject).end()
  })
}

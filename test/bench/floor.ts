/**
 * The floor under a sign-in: oidc-provider as it is, with an adapter that keeps everything in a Map, two bare pages, and the
 * hash and the gate of the product. `node test/bench/floor.ts <settings>` serves what the file of speed/floor-target.ts
 * says. Nothing of it may ever serve people: no counters, no guards, nothing that lasts.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import Provider, { type Adapter, type AdapterPayload, type Configuration, interactionPolicy } from 'oidc-provider'
import { defaultGate, hasher } from '../../src/accounts/password.ts'
import { keyring } from '../../src/lib/crypto.ts'
import { stepOf } from '../../src/mfa/app-code.ts'
import type { FloorSettings } from './speed/floor-target.ts'
import { member, numberOf } from './speed/people.ts'
import { ACR, API, APPLICATION, REDIRECT, SERVICE } from './speed/target.ts'

const settings = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as FloorSettings
const pepper = keyring([{ id: 'bench', key: Buffer.from(settings.key, 'base64') }])
const passwords = hasher({ pepper, gate: defaultGate() })
const lastSteps = new Map<string, number>()

const kept = new Map<string, AdapterPayload>()
const byUid = new Map<string, string>()
const ofGrant = new Map<string, string[]>()

function memory(model: string): Adapter {
  const place = (id: string) => `${model} ${id}`
  return {
    async upsert(id, payload) {
      kept.set(place(id), payload)
      if (payload.uid !== undefined) byUid.set(place(payload.uid), id)
      if (payload.grantId === undefined) return
      const places = ofGrant.get(payload.grantId)
      if (places) places.push(place(id))
      else ofGrant.set(payload.grantId, [place(id)])
    },
    find: async (id) => kept.get(place(id)),
    findByUid: async (uid) => kept.get(place(byUid.get(place(uid)) ?? '')),
    findByUserCode: async () => undefined,
    async consume(id) {
      const payload = kept.get(place(id))
      if (payload) payload.consumed = Math.floor(Date.now() / 1000)
    },
    async destroy(id) {
      byUid.delete(place(kept.get(place(id))?.uid ?? ''))
      kept.delete(place(id))
    },
    async revokeByGrantId(grantId) {
      for (const at of ofGrant.get(grantId) ?? []) kept.delete(at)
      ofGrant.delete(grantId)
    },
  }
}

const { Check, Prompt, base } = interactionPolicy
const policy = base()
policy.remove('consent')
const codeIsDue = new Check('code_is_due', 'a code is asked for', ({ oidc }) => {
  const wanted = String(oidc.params?.acr_values ?? '').split(' ')
  return wanted.includes(ACR.mfa) && oidc.acr !== ACR.mfa ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT
})
policy.add(new Prompt({ name: 'code', requestable: true }, codeIsDue))

const DAY = 24 * 60 * 60
const configuration: Configuration = {
  adapter: memory,
  jwks: settings.jwks as never,
  clients: [
    {
      client_id: APPLICATION.id,
      client_secret: APPLICATION.secret,
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
    },
    {
      client_id: SERVICE.id,
      client_secret: SERVICE.secret,
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
    },
  ],
  findAccount: async (_ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: id, name: 'Sanne de Vries' }),
  }),
  // First parties: nobody is asked for consent.
  async loadExistingGrant({ oidc: { provider, client, session } }) {
    const { clientId = '' } = client ?? {}
    const known = session?.grantIdFor(clientId)
    if (known) return provider.Grant.find(known)
    const grant = new provider.Grant({ clientId, accountId: session?.accountId ?? '' })
    grant.addOIDCScope('openid email profile')
    await grant.save()
    return grant
  },
  interactions: { policy, url: (_ctx, { uid }) => `/interaction/${uid}` },
  acrValues: Object.values(ACR),
  claims: { acr: null, auth_time: null, openid: ['sub'], email: ['email'], profile: ['name'] },
  cookies: { keys: [settings.key], long: { signed: true }, short: { signed: true } },
  ttl: {
    AccessToken: 600,
    AuthorizationCode: 60,
    ClientCredentials: 600,
    Grant: 30 * DAY,
    IdToken: 600,
    Interaction: 1200,
    RefreshToken: 14 * DAY,
    Session: DAY / 2,
  },
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx) => (ctx.oidc.client?.clientId === SERVICE.id ? API.indicator : []),
      getResourceServerInfo: () => ({ scope: API.scope, accessTokenFormat: 'opaque', accessTokenTTL: 600 }),
      useGrantedResource: () => true,
    },
  },
}

const provider = new Provider(settings.issuer, configuration)
provider.proxy = true
const library = provider.callback()
createServer((request, response) => {
  if (request.url?.startsWith('/interaction/')) void interact(request, response)
  else void library(request, response)
}).listen(settings.port, '127.0.0.1')

async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, uid, session, result } = await provider.interactionDetails(request, response)
  const accountId = session?.accountId ?? ''
  const page = prompt.name === 'login' ? LOGIN : CODE
  if (request.method !== 'POST') return show(response, 200, uid, page)
  const typed = new URLSearchParams(await text(request))
  const login = prompt.name === 'login' ? await byPassword(typed) : byCode(accountId, typed.get('code') ?? '')
  if (!login) return show(response, 400, uid, page)
  await provider.interactionFinished(request, response, { ...result, login }, { mergeWithLastSubmission: true })
}

async function byPassword(typed: URLSearchParams) {
  const email = typed.get('email') ?? ''
  const known = (numberOf(email) ?? Number.POSITIVE_INFINITY) < settings.people
  const { ok } = await passwords.verify(typed.get('password') ?? '', known ? settings.hash : undefined)
  return ok ? { accountId: email, acr: ACR.password, amr: ['pwd'] } : undefined
}

function byCode(accountId: string, typed: string) {
  const { key = '' } = member(numberOf(accountId) ?? 0)
  const step = key === '' ? undefined : stepOf(key, typed, Date.now)
  if (step === undefined || step <= (lastSteps.get(accountId) ?? 0)) return undefined
  lastSteps.set(accountId, step)
  return { accountId, acr: ACR.mfa, amr: ['pwd', 'otp', 'mfa'] }
}

const LOGIN = '<input name="email" autocomplete="username"><input name="password" type="password">'
const CODE = '<input name="code" autocomplete="one-time-code" inputmode="numeric">'

function show(response: ServerResponse, status: number, uid: string, fields: string): void {
  // Of the interaction alone, so that it is this browser's form that is posted: its cookie is bound to this address.
  const form = `<form method="post" action="/interaction/${uid}">${fields}<button>Go on</button></form>`
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
  response.end(`<!doctype html><html lang="en"><title>Sign in</title>${form}</html>`)
}

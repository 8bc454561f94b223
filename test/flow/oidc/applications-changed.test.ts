/**
 * An application's record changes while the product runs: it counts on every node once that has followed, and for what is
 * out already at its next use (SECURITY, attacks L and P).
 */
import * as oidc from 'openid-client'
import { beforeAll, expect, test } from 'vitest'
import { PAYROLL, record } from '../../support/oidc/client-records.ts'
import { errorOf, type RelyingParty, relyingParty, type Tokens, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const here = forAllTests(() => world())
const CHRIS = { actor: 'chris', via: 'pages' }
const sanne = new Person()

let nth = 0

/** One more application, with what it was given: a code that waits to be redeemed, and tokens. */
async function application(fields: Record<string, unknown> = {}) {
  nth += 1
  const id = `live${nth}`
  expect(await here.app.core.admin.clients.add(record(id, fields, here.apps.origin), CHRIS)).toMatchObject({ ok: true })
  await here.app.followClients()
  const party = await relyingParty(here, id)
  return { id, party, tokens: await signIn(party) }
}

async function signIn(party: RelyingParty, parameters?: Record<string, string>): Promise<Tokens> {
  const request = await party.open(sanne, parameters)
  if (sanne.page.html.includes('value="allow"')) await sanne.submit({ action: 'allow' })
  return party.redeem(sanne.page.url, request)
}

async function change(id: string, fields: Record<string, unknown>): Promise<void> {
  expect(await here.app.core.admin.clients.change(id, { fields }, CHRIS)).toMatchObject({ ok: true })
  await here.app.followClients()
}

function userinfo({ config }: RelyingParty, { access_token, claims }: Tokens): Promise<unknown> {
  return oidc.fetchUserInfo(config, access_token, claims()?.sub ?? '')
}

/** The code that an authorization request ends with, not redeemed yet. */
async function code(party: RelyingParty) {
  const request = await party.open(sanne)
  return { address: sanne.page.url, request }
}

beforeAll(async () => {
  // Signed in once, so that what follows is about the application and not about the password.
  await signIn(await relyingParty(here, 'house'))
})

test('every node that starts applies the file, and together they make one version; once more changes nothing', async () => {
  const { applyFile, store } = here.app.core
  const before = await store.durable.clients.find('house')
  expect(before).toMatchObject({ version: 1, owner: { kind: 'file' }, versions: [{ actor: 'file', via: 'file' }] })
  await Promise.all([applyFile(), applyFile()])
  const { secrets: _uses, ...after } = (await store.durable.clients.find('house')) ?? {}
  expect(before).toMatchObject(after)
})

test('what the file owns is refused to others, with file and line', async () => {
  const { clients } = here.app.core.admin
  expect(await clients.change('house', { fields: { client_name: 'Ours' } }, CHRIS)).toMatchObject({
    reason: 'owned-by-file',
    owner: { file: expect.stringMatching(/clients\.yaml$/), line: 1 },
  })
})

test('one that is added signs in without a restart, with the secret that was shown once', async () => {
  const { client_secret: _env, ...fields } = record('shown', {}, here.apps.origin)
  const added = await here.app.core.admin.clients.add(fields, CHRIS)
  const secret = added.ok ? (added.secret?.value ?? '') : ''
  await here.app.followClients()
  const party = await relyingParty(here, 'shown', { auth: oidc.ClientSecretBasic(secret) })
  expect((await signIn(party)).claims()?.aud).toBe('shown')
  const wrong = await relyingParty(here, 'shown', { auth: oidc.ClientSecretBasic(`${secret.slice(1)}x`) })
  expect(await errorOf(signIn(wrong))).toBe('invalid_client')
  const kept = JSON.stringify(await here.app.core.store.durable.clients.find('shown'))
  expect(kept).not.toContain(secret)
})

test('two secrets are good, each with its last use; one that is removed is not, and stays so', async () => {
  const { admin, store, secretUses } = here.app.core
  const { client_secret: _env, ...fields } = record('moves', {}, here.apps.origin)
  const first = await admin.clients.add(fields, CHRIS)
  const second = await admin.clients.addSecret('moves', undefined, CHRIS)
  await here.app.followClients()
  const [one, other] = [first, second].map((made) => (made.ok ? made.secret : undefined))
  const by = (value = '') => relyingParty(here, 'moves', { auth: oidc.ClientSecretBasic(value) })
  await signIn(await by(one?.value))
  await signIn(await by(other?.value))
  await secretUses.write()
  const uses = async () => (await store.durable.clients.find('moves'))?.secrets.map(({ lastUsedAt }) => lastUsedAt)
  expect((await uses())?.some((at) => at !== undefined)).toBe(true)
  await admin.clients.removeSecret('moves', one?.id ?? '', undefined, CHRIS)
  await here.app.followClients()
  expect(await errorOf(signIn(await by(one?.value)))).toBe('invalid_client')
  await admin.clients.restore('moves', 1, undefined, CHRIS)
  await here.app.followClients()
  expect(await errorOf(signIn(await by(one?.value)))).toBe('invalid_client')
  await signIn(await by(other?.value))
})

test('a scope that is taken out is not in the next token', async () => {
  const { id, party } = await application()
  const tokens = await signIn(party, { scope: 'openid profile email' })
  await change(id, { scope: 'openid profile' })
  expect((await party.refresh(tokens.refresh_token)).scope).toBe('openid profile')
  expect(await userinfo(party, tokens)).not.toHaveProperty('email')
})

test('a code for an address that is taken out is not redeemed, and a sitting does not go there', async () => {
  const { id, party } = await application()
  const { address, request } = await code(party)
  const elsewhere = new Person()
  const begun = await party.request({ prompt: 'login' })
  await elsewhere.visit(begun.url.href)
  expect(elsewhere.page.html).toContain('name="password"')
  await change(id, { redirect_uris: ['https://new.example.org/callback'] })
  expect(await errorOf(party.redeem(address, request))).toBe('invalid_grant')
  await elsewhere.submit({ email: 'sanne@sigma.example', password: 'vier losse woorden samen' })
  expect(elsewhere.page.url).not.toContain(here.apps.origin)
})

test('a higher floor counts for what was given below it', async () => {
  const { id, party, tokens } = await application()
  const { address, request } = await code(party)
  await change(id, { minimum_acr: 'mfa' })
  await expect(userinfo(party, tokens)).rejects.toThrow()
  expect(await errorOf(party.refresh(tokens.refresh_token))).toBe('invalid_grant')
  expect(await errorOf(party.redeem(address, request))).toBe('invalid_grant')
  // And at the door.
  await party.open(sanne)
  expect(sanne.page.url).toContain('/interaction/')
})

test('one that is not ours any more has to ask, also for what it had', async () => {
  const { id, party, tokens } = await application({ scope: 'openid profile email' })
  await change(id, { first_party: false })
  expect(await errorOf(party.refresh(tokens.refresh_token))).toBe('invalid_grant')
  await expect(userinfo(party, tokens)).rejects.toThrow()
  await party.open(sanne)
  expect(sanne.page.html).toContain('value="allow"')
})

test('another method of authentication counts at the next request', async () => {
  const { id, party, tokens } = await application()
  await change(id, { token_endpoint_auth_method: 'client_secret_post' })
  expect(await errorOf(party.refresh(tokens.refresh_token))).toBe('invalid_client')
})

test('one that is only for staff from now on gives nothing to others', async () => {
  const { id, party, tokens } = await application()
  await change(id, { staff_only: true })
  expect(await errorOf(party.refresh(tokens.refresh_token))).toBe('invalid_grant')
  await expect(userinfo(party, tokens)).rejects.toThrow()
})

test.each(['disable', 'remove'] as const)('%s: codes, tokens, introspection and sittings end at once', async (how) => {
  const { id, party } = await application({ scope: 'openid offline_access payroll:read reports:read' })
  const tokens = await signIn(party, { scope: 'openid reports:read', resource: 'https://reports.example.org/' })
  const { address, request } = await code(party)
  const elsewhere = new Person()
  await elsewhere.visit((await party.request()).url.href)
  const service = await relyingParty(here, 'service')
  const seen = () => oidc.tokenIntrospection(service.config, tokens.access_token)
  expect(await seen()).toMatchObject({ active: true })

  expect(await here.app.core.admin.clients[how](id, undefined, CHRIS)).toMatchObject({ ok: true })
  await here.app.followClients()
  expect(await seen()).toEqual({ active: false })
  expect(await errorOf(party.refresh(tokens.refresh_token))).toBe('invalid_client')
  expect(await errorOf(party.redeem(address, request))).toBe('invalid_client')
  await elsewhere.submit({ email: 'sanne@sigma.example', password: 'vier losse woorden samen' })
  expect(elsewhere.page.url).not.toContain(here.apps.origin)
  await sanne.visit((await party.request()).url.href)
  expect(sanne.page.url).not.toContain(here.apps.origin)

  const again = await here.app.core.admin.clients.enable(id, undefined, CHRIS)
  await here.app.followClients()
  if (how === 'remove') {
    expect(again).toEqual({ ok: false, reason: 'deleted' })
    const other = await here.app.core.admin.clients.add(record(id, {}, here.apps.origin), CHRIS)
    expect(other).toEqual({ ok: false, reason: 'deleted' })
    return
  }
  // What was ended stays ended.
  expect(await errorOf(party.refresh(tokens.refresh_token))).toBe('invalid_grant')
  expect(await errorOf(party.redeem(address, request))).toBe('invalid_grant')
  expect(await seen()).toEqual({ active: false })
})

test('a scope that its resource gives up is not given out any more', async () => {
  const { party } = await application()
  const tokens = await signIn(party, { scope: 'openid payroll:read', resource: PAYROLL })
  const { resources } = here.app.core.store.durable
  const narrow = (scopes: string[]) =>
    resources.change(PAYROLL, (draft) => {
      draft.definition = { ...draft.definition, scopes }
      draft.changedAt += 1
    })
  await narrow(['payroll:other'])
  await here.app.followClients()
  expect(await errorOf(party.refresh(tokens.refresh_token, { resource: PAYROLL }))).toMatch(
    /^invalid_(target|scope|grant)$/,
  )
  await narrow(['payroll:read', 'payroll:approve'])
  await here.app.followClients()
})

test('what the library made of an application is kept, however many there are', async () => {
  const { clients } = here.app.core.admin
  // More than the library would remember, which keeps up to twice its hundred.
  const many = Array.from({ length: 250 }, (_, index) => `many${index}`)
  const make = (id: string) =>
    here.app.core.store.durable.clients.change(id, (draft) => {
      Object.assign(draft, { version: 1, changedAt: Date.now(), createdAt: Date.now() })
      const { client_secret: _env, ...definition } = record(id, {}, here.apps.origin)
      draft.definition = definition
    })
  await Promise.all(many.map(make))
  await here.app.followClients()
  const { Client } = here.app.oidc.provider()
  const first = await Client.find('house')
  for (const id of many) expect(await Client.find(id)).toBeDefined()
  expect(await Client.find('house')).toBe(first)
  await clients.disable('many1', undefined, CHRIS)
  await here.app.followClients()
  expect(await Client.find('many1')).toBeUndefined()
})

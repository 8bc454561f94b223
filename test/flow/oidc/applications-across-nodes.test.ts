/**
 * Changed by one process, counted by all others within two seconds: each node does so once a second, and until then goes
 * on as it was. In the cluster's run two nodes answer in turn, and a third process changes; otherwise a command line
 * beside the running server.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { followChores } from '../../../src/app/chores.ts'
import { type Core, openCore } from '../../../src/app/core.ts'
import { SECOND } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { record } from '../../support/oidc/client-records.ts'
import {
  answer,
  errorOf,
  type RelyingParty,
  relyingParty,
  type Tokens,
  world,
} from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const here = forAllTests(() => world())
const OTTO = { actor: 'otto', via: 'command-line' }
let elsewhere: Core
let nth = 0

beforeAll(async () => {
  const { core } = here.app
  elsewhere = await openCore(core.config, { log: core.log, now: core.now })
})
afterAll(() => elsewhere.close())

test('a node takes up what others changed each second', () => {
  for (const node of here.app.nodes) expect(followChores(node).every(({ every }) => every <= SECOND)).toBe(true)
})

interface Signed {
  id: string
  party: RelyingParty
  tokens: Tokens
  sanne: Person
}

/** One more application, made by the other process, and somebody who signed in to it. */
async function signedIn(fields: Record<string, unknown>): Promise<Signed> {
  nth += 1
  const id = `node${nth}`
  expect(await elsewhere.admin.clients.add(record(id, fields, here.apps.origin), OTTO)).toMatchObject({ ok: true })
  await here.app.second()
  const party = await relyingParty(here, id)
  const sanne = new Person()
  return { id, party, tokens: await party.signIn(sanne), sanne }
}

/** What somebody gets who asks now, from as many nodes as there are. */
async function everywhere(probe: () => Promise<unknown>): Promise<unknown[]> {
  const seen: unknown[] = []
  // Each request may go to another node, and a probe may take several.
  for (let turn = 0; turn < here.app.nodes.length * 2; turn += 1) seen.push(await probe())
  return seen
}

async function signInLeads({ party }: Signed, parameters: Record<string, string> = {}): Promise<string> {
  const stranger = new Person()
  await stranger.visit((await party.request(parameters)).url.href)
  return stranger.page.html.includes('name="password"') ? 'to the password' : 'nowhere'
}

/** Back at the application at once, or at a page that asks for something. */
async function signedInLeads({ party, sanne, id }: Signed): Promise<string> {
  const browser = sanne.copy()
  await browser.visit((await party.request()).url.href)
  if (browser.page.html.includes('value="allow"')) return 'to consent'
  return browser.page.url.startsWith(`${here.apps.origin}/${id}/`) ? 'back' : 'on'
}

const refreshed = ({ party, tokens }: Signed) => errorOf(party.refresh(tokens.refresh_token))

interface Row {
  what: string
  given?: Record<string, unknown>
  change: Record<string, unknown>
  probe: (signed: Signed) => Promise<unknown>
  before: unknown
  after: unknown
}

const ROWS: Row[] = [
  {
    what: 'a narrower scope',
    change: { scope: 'openid profile' },
    probe: async (signed) => {
      const sanne = signed.sanne.copy()
      const request = await signed.party.open(sanne, { scope: 'openid profile email' })
      return answer(sanne).get('error') ?? (await signed.party.redeem(sanne.page.url, request)).scope
    },
    before: 'openid profile email',
    after: 'invalid_scope',
  },
  {
    what: 'an address that is taken out',
    change: { redirect_uris: ['https://new.example.org/callback'] },
    probe: (signed) => signInLeads(signed),
    before: 'to the password',
    after: 'nowhere',
  },
  { what: 'a higher floor', change: { minimum_acr: 'mfa' }, probe: signedInLeads, before: 'back', after: 'on' },
  {
    what: 'fewer factors',
    change: { second_factors: ['totp'] },
    probe: async ({ id }) => here.app.nodes.map(({ clients }) => clients.find(id)?.metadata.second_factors),
    before: expect.not.arrayContaining([['totp']]),
    after: expect.arrayContaining([['totp']]),
  },
  {
    what: 'not ours any more',
    change: { first_party: false },
    probe: signedInLeads,
    before: 'back',
    after: 'to consent',
  },
  {
    what: 'only for staff',
    change: { staff_only: true },
    probe: async (signed) => {
      const sanne = signed.sanne.copy()
      await sanne.visit((await signed.party.request()).url.href)
      return new URL(sanne.page.url).searchParams.get('error')
    },
    before: null,
    after: 'not_allowed',
  },
  {
    what: 'another method of authentication',
    change: { token_endpoint_auth_method: 'client_secret_post' },
    probe: refreshedOnce,
    before: 'no error',
    after: 'invalid_client',
  },
]

/** With a token of its own: a refresh token is good once. */
async function refreshedOnce({ party, sanne }: Signed): Promise<string> {
  const browser = sanne.copy()
  const request = await party.open(browser)
  return errorOf(party.redeem(browser.page.url, request))
}

describe('a change', () => {
  test.each(ROWS.map((row) => [row.what, row] as const))('%s', async (_what, { given = {}, change, ...row }) => {
    const signed = await signedIn({ scope: 'openid profile email', ...given })
    expect(await elsewhere.admin.clients.change(signed.id, { fields: change }, OTTO)).toMatchObject({ version: 2 })
    // Nobody hurried it.
    for (const seen of await everywhere(() => row.probe(signed))) expect(seen).toEqual(row.before)
    await here.app.second()
    for (const seen of await everywhere(() => row.probe(signed))) expect(seen).toEqual(row.after)
  })
})

test('disabled: nobody signs in, and no token is refreshed; enabled again, what had ended stays so', async () => {
  const signed = await signedIn({})
  await elsewhere.admin.clients.disable(signed.id, undefined, OTTO)
  await here.app.second()
  expect(await everywhere(() => signInLeads(signed))).not.toContain('to the password')
  expect(await everywhere(() => refreshed(signed))).not.toContain('no error')
  // What is begun in the second in which it was disabled has ended too.
  pass(2 * SECOND)
  await elsewhere.admin.clients.enable(signed.id, undefined, OTTO)
  await here.app.second()
  expect(await everywhere(() => signInLeads(signed))).not.toContain('nowhere')
  expect(await everywhere(() => refreshed(signed))).not.toContain('no error')
})

test('a secret that was removed opens nothing, and comes back with no later change', async () => {
  const signed = await signedIn({})
  const { clients } = elsewhere.admin
  const made = await clients.addSecret(signed.id, undefined, OTTO)
  const { client_secret: _gone, ...fields } = record(signed.id, {}, here.apps.origin)
  expect(made.ok).toBe(true)
  // The one in the environment, which the application still uses, is taken out.
  const taken = await clients.change(signed.id, { fields: { ...fields, client_secret: undefined } }, OTTO)
  expect(taken).toMatchObject({ ok: true })
  expect(await everywhere(() => refreshedOnce(signed))).not.toContain('invalid_client')
  await here.app.second()
  expect(new Set(await everywhere(() => refreshedOnce(signed)))).toEqual(new Set(['invalid_client']))
  await clients.change(signed.id, { fields: { client_name: 'Later' } }, OTTO)
  await clients.disable(signed.id, undefined, OTTO)
  await clients.enable(signed.id, undefined, OTTO)
  await here.app.second()
  expect(new Set(await everywhere(() => refreshedOnce(signed)))).toEqual(new Set(['invalid_client']))
})

test('three doors write at once over the same version: one wins, the others hear what changed and by whom', async () => {
  const signed = await signedIn({})
  const desks = [...here.app.nodes.map(({ admin }) => admin.clients), elsewhere.admin.clients]
  const doors = ['pages', 'api', 'command-line']
  const outcomes = await Promise.all(
    doors.map((via, index) =>
      (desks[index % desks.length] ?? elsewhere.admin.clients).change(
        signed.id,
        { fields: { client_name: `By ${via}`, redirect_uris: [`https://${via}.example.org/`] }, read: 1 },
        { actor: via, via },
      ),
    ),
  )
  const winner = doors[outcomes.findIndex(({ ok }) => ok)]
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
  for (const outcome of outcomes.filter(({ ok }) => !ok))
    expect(outcome).toMatchObject({
      reason: 'changed-meanwhile',
      since: [
        { version: 2, actor: winner, via: winner, changes: [{ field: 'client_name' }, { field: 'redirect_uris' }] },
      ],
    })
  await here.app.second()
  for (const { clients } of here.app.nodes)
    expect(clients.find(signed.id)?.metadata.redirect_uris).toEqual([`https://${winner}.example.org/`])
})

test('a file, a page and an API at once: the file is refused or told, an emergency holds, and nothing is undone', async () => {
  const { clientFile: file } = elsewhere
  const who = { actor: 'operator:otto', via: 'command-line' }
  const apply = async (text: string) => file.apply(text, (await file.plan(text)).digest, who)
  for (let round = 0; round < 4; round += 1) {
    nth += 1
    const id = `filed${nth}`
    const before = await file.export({ all: false })
    const item = `  - client_id: ${id}\n    client_name: Filed\n    redirect_uris: ['https://old.example.org/cb']\n    token_endpoint_auth_method: none\n`
    const made = before.replace('clients:\n', () => `clients:\n${item}`)
    await apply(made)
    await here.app.second()
    const changed = made.replace('https://old.example.org/cb', 'https://new.example.org/cb')
    const { digest } = await file.plan(changed)
    const desk = here.app.nodes.at(-1)?.admin.clients ?? elsewhere.admin.clients
    const [applied, page, api] = await Promise.all([
      file.apply(changed, digest, who).then(
        () => 'applied',
        (fault: { code: string }) => fault.code,
      ),
      desk.change(id, { fields: { client_name: 'By a page' } }, { actor: 'chris', via: 'pages' }),
      desk.disable(id, undefined, { actor: 'olga', via: 'api' }),
    ])
    expect(['applied', 'plan-changed', 'changed-meanwhile']).toContain(applied)
    expect(page).toMatchObject({ ok: false, reason: 'owned-by-file', owner: { kind: 'file' } })
    expect(api).toMatchObject({ ok: true })
    expect((await file.plan(changed)).byHand).toContainEqual(expect.objectContaining({ id, actor: 'olga' }))
    await apply(changed)
    const record = await elsewhere.store.durable.clients.find(id)
    expect(record).toMatchObject({
      status: 'disabled',
      definition: { client_name: 'Filed', redirect_uris: ['https://new.example.org/cb'] },
    })
    await here.app.second()
    expect(here.app.nodes.map(({ clients }) => clients.find(id))).toEqual(here.app.nodes.map(() => undefined))
    await apply(before)
  }
})

/** Changes of a protected application wait for a second person, whatever way they come. */
import { beforeEach, describe, expect, test } from 'vitest'
import { CLIENT_FIELDS } from '../../../src/client/field-kinds.ts'
import { PROPOSAL_LIFE } from '../../../src/client/proposal.ts'
import { FREE, GUARDED } from '../../../src/client/protection.ts'
import { type ClientRecord, MOST_VERSIONS } from '../../../src/client/record.ts'
import { applications, CLIENT } from '../../support/unit/applications.ts'

const CHRIS = { actor: 'chris', via: 'pages' }
const OLGA = { actor: 'olga', via: 'pages' }
const THIEF = 'https://thief.example/callback'

let at = 0
let world = applications(() => at)

beforeEach(async () => {
  at = Date.UTC(2026, 10, 29)
  world = applications(() => at)
  await world.administration.add({ ...CLIENT, protected: true }, CHRIS)
})

const record = async (): Promise<ClientRecord> => {
  const found = await world.clients.find('roster')
  if (!found) throw new Error('there is none')
  return found
}

async function asked(act: () => Promise<unknown>): Promise<string> {
  const before = await record()
  const outcome = await act()
  expect(outcome).toMatchObject({ ok: true, version: before.version, changes: [], proposal: { over: before.version } })
  expect(outcome).not.toHaveProperty('secret')
  const { proposals: _some, changedAt: _at, ...rest } = await record()
  expect(before).toMatchObject(rest)
  return `roster.${(outcome as { proposal: { id: string } }).proposal.id}`
}

const change = (fields: Record<string, unknown>, who = CHRIS) => world.administration.change('roster', { fields }, who)

test('every field is placed: one person changes it, or it waits; one that nobody placed waits', () => {
  const placed = [...FREE, ...GUARDED]
  expect(new Set(placed).size).toBe(placed.length)
  expect([...CLIENT_FIELDS.keys()].filter((field) => !placed.includes(field))).toEqual([])
})

describe('what one administrator’s session must not get', () => {
  test.each<[string, Record<string, unknown>]>([
    ['codes: another address', { redirect_uris: [THIEF] }],
    ['people: an address after signing out', { post_logout_redirect_uris: [THIEF] }],
    ['people: an address to begin at', { initiate_login_uri: THIEF }],
    ['people: a home', { client_uri: THIEF }],
    ['who signs out: an address that is told', { backchannel_logout_uri: THIEF }],
    ['its identity: keys', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: THIEF }],
    ['its identity: none at all', { token_endpoint_auth_method: 'none' }],
    ['its identity: a secret of somebody else', { client_secret: { env: 'ROSTER_OTHER' } }],
    ['more: scopes', { scope: 'openid profile email organization organization_id' }],
    ['more: grants', { grant_types: ['authorization_code', 'client_credentials'] }],
    ['proof: an older one', { mfa_max_age: 600 }],
    ['proof: others', { second_factors: ['totp'] }],
    ['proof: none of the device', { remembered_devices: false }],
    ['proof: another floor', { minimum_acr: 'mfa' }],
    ['consent', { first_party: true }],
    ['who may come in', { staff_only: true }],
    ['PKCE', { require_pkce: false }],
    ['the mark itself', { protected: false }],
    ['all of it behind something harmless', { client_name: 'Rosters', redirect_uris: [THIEF] }],
  ])('%s', async (_what, fields) => {
    await asked(() => change(fields))
  })

  test('an earlier version, a deletion, and a new secret', async () => {
    const id = await asked(() => change({ redirect_uris: [THIEF] }))
    await world.approvals.approve(id, OLGA)
    await asked(() => world.administration.restore('roster', 1, undefined, CHRIS))
    await asked(() => world.administration.remove('roster', undefined, CHRIS))
    await asked(() => world.administration.addSecret('roster', undefined, CHRIS))
  })
})

describe('what is never held up', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a name', { client_name: 'Rosters' }],
    ['a wish', { default_max_age: 600 }],
  ])('%s', async (_what, fields) => {
    expect(await change(fields)).toMatchObject({ ok: true, version: 2, changes: [{}] })
  })

  test('disabling, and ending a secret; enabling again waits', async () => {
    const [secret] = (await record()).secrets
    expect(await world.administration.disable('roster', undefined, CHRIS)).toMatchObject({ version: 2 })
    expect(await world.administration.removeSecret('roster', secret?.id ?? '', undefined, CHRIS)).toMatchObject({
      version: 3,
    })
    const id = await asked(() => world.administration.enable('roster', undefined, CHRIS))
    expect((await record()).status).toBe('disabled')
    expect(await world.approvals.approve(id, OLGA)).toMatchObject({ ok: true })
    expect((await record()).status).toBe('active')
  })

  test('one that is not protected, and taking the mark on', async () => {
    await world.administration.add({ ...CLIENT, client_id: 'other', client_name: 'Other' }, CHRIS)
    const open = { fields: { redirect_uris: [THIEF], protected: true } }
    expect(await world.administration.change('other', open, CHRIS)).toMatchObject({ version: 2 })
  })
})

describe('a second person', () => {
  test('approves: it counts as it was shown, as one version of the first, that names the second', async () => {
    const id = await asked(() => change({ client_name: 'Rosters', redirect_uris: [THIEF] }))
    expect(await world.approvals.list()).toMatchObject([
      {
        id,
        client: 'roster',
        actor: 'chris',
        state: 'open',
        changes: [{ field: 'client_name' }, { field: 'redirect_uris' }],
      },
    ])
    expect(await world.approvals.approve(id, OLGA)).toMatchObject({
      ok: true,
      decided: { state: 'approved', version: 2 },
    })
    expect(await record()).toMatchObject({
      version: 2,
      definition: { client_name: 'Rosters', redirect_uris: [THIEF] },
      versions: [{}, { actor: 'chris', via: 'pages', approvedBy: 'olga' }],
    })
    expect(await world.approvals.list()).toEqual([])
    expect(await world.approvals.find(id)).toMatchObject({ state: 'approved', decided: { actor: 'olga' } })
  })

  test('is not the first', async () => {
    const id = await asked(() => change({ redirect_uris: [THIEF] }))
    const again = { ...CHRIS, via: 'api' }
    expect(await world.approvals.approve(id, again)).toEqual({ ok: false, reason: 'own-proposal' })
    expect((await record()).version).toBe(1)
    expect(await world.approvals.decline(id, again)).toMatchObject({ decided: { state: 'withdrawn' } })
    expect(await world.approvals.approve(id, OLGA)).toMatchObject({ reason: 'not-open', state: 'withdrawn' })
  })

  test('had no hand in the service that proposed it, nor in one that had: also long ago', async () => {
    const service = (id: string, by: typeof CHRIS) =>
      world.administration.add(
        { ...CLIENT, client_id: id, client_name: id, redirect_uris: [`https://${id}.example/`] },
        by,
      )
    const [robot, other] = [
      { actor: 'client:robot', via: 'api' },
      { actor: 'client:other', via: 'api' },
    ]
    await service('robot', CHRIS)
    await service('other', robot)
    for (let n = 0; n <= MOST_VERSIONS; n += 1)
      await world.administration.change('other', { fields: { default_max_age: 100 + n } }, other)
    const id = await asked(() => change({ redirect_uris: [THIEF] }, other))
    expect(await world.approvals.approve(id, CHRIS)).toEqual({ ok: false, reason: 'own-service' })
    expect(await world.approvals.approve(id, OLGA)).toMatchObject({ ok: true })
  })

  test('declines: nothing is different, and nobody approves it after that', async () => {
    const id = await asked(() => change({ redirect_uris: [THIEF] }))
    expect(await world.approvals.decline(id, OLGA)).toMatchObject({ decided: { state: 'declined', version: 1 } })
    expect(await world.approvals.approve(id, OLGA)).toMatchObject({ reason: 'not-open', state: 'declined' })
    expect((await record()).definition.redirect_uris).toEqual(CLIENT.redirect_uris)
  })

  test('sees a new secret, once, and nobody else does', async () => {
    const id = await asked(() => world.administration.addSecret('roster', undefined, CHRIS))
    const outcome = await world.approvals.approve(id, OLGA)
    const value = outcome.ok ? (outcome.decided.secret?.value ?? '') : ''
    expect(value).toMatch(/^[0-9A-Za-z]{43}$/)
    expect((await record()).secrets).toHaveLength(2)
    expect(JSON.stringify([await record(), await world.approvals.find(id)])).not.toContain(value)
  })

  test('does not approve what they did not see: whatever moved the record ends what waited', async () => {
    const id = await asked(() => change({ redirect_uris: [THIEF] }))
    const other = await asked(() => change({ minimum_acr: 'mfa' }))
    await world.approvals.approve(other, OLGA)
    expect(await world.approvals.approve(id, OLGA)).toMatchObject({ reason: 'not-open', state: 'stale' })
    expect((await record()).definition.redirect_uris).toEqual(CLIENT.redirect_uris)
  })

  test('has seven days', async () => {
    const id = await asked(() => change({ redirect_uris: [THIEF] }))
    at += PROPOSAL_LIFE
    expect(await world.approvals.approve(id, OLGA)).toMatchObject({ reason: 'not-open', state: 'expired' })
    expect(await world.approvals.list()).toEqual([])
  })

  test('does not approve what is not in order any more', async () => {
    const id = await asked(() => change({ client_name: 'Payroll', redirect_uris: [THIEF] }))
    await world.administration.add({ ...CLIENT, client_id: 'payroll', client_name: 'Payroll', first_party: true }, OLGA)
    expect(await world.approvals.approve(id, OLGA)).toMatchObject({ faults: [{ code: 'look-alike' }] })
    expect((await record()).version).toBe(1)
  })

  test('finds nothing by an id of nothing', async () => {
    for (const id of ['roster.none', 'none.none', 'roster', ''])
      expect(await world.approvals.approve(id, OLGA)).toEqual({ ok: false, reason: 'no-such-proposal' })
  })
})

test('asked twice it is one proposal; one person cannot hide one among hundreds, nor keep others from asking', async () => {
  const id = await asked(() => change({ redirect_uris: [THIEF] }))
  expect(await asked(() => change({ redirect_uris: [THIEF] }))).toBe(id)
  for (let turn = 1; turn < 10; turn += 1) await asked(() => change({ redirect_uris: [`${THIEF}/${turn}`] }))
  expect(await change({ redirect_uris: [`${THIEF}/many`] })).toEqual({ ok: false, reason: 'too-many-proposals' })
  await asked(() => change({ redirect_uris: [`${THIEF}/other`] }, OLGA))
})

test('twenty approve at once: one does', async () => {
  const id = await asked(() => world.administration.addSecret('roster', undefined, CHRIS))
  const many = Array.from({ length: 20 }, (_, turn) => world.approvals.approve(id, { ...OLGA, actor: `olga${turn}` }))
  const won = (await Promise.all(many)).filter(({ ok }) => ok)
  expect(won).toHaveLength(1)
  expect((await record()).secrets).toHaveLength(2)
})

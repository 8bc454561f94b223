/** The life of an application and of its secrets, without a door. */
import { describe, expect, test } from 'vitest'
import { secretMatching } from '../../../src/client/client.ts'
import { secretUses } from '../../../src/client/secret-uses.ts'
import { liveSecrets } from '../../../src/client/secrets.ts'
import { applications, CLIENT, DEFINITIONS } from '../../support/unit/applications.ts'

const CHRIS = { actor: 'chris', via: 'pages' }
const OTTO = { actor: 'otto', via: 'api' }

function world() {
  let at = 1000
  const parts = applications(() => at)
  return {
    ...parts,
    later: () => {
      at += 1000
    },
    record: async (id = 'roster') => {
      const found = await parts.clients.find(id)
      if (!found) throw new Error(`no ${id}`)
      return found
    },
  }
}

describe('a definition', () => {
  test('is kept whole, in one order and with its defaults, whatever order it was given in', async () => {
    const [one, other] = [world(), world()]
    await one.administration.add(CLIENT, CHRIS)
    const turned = Object.fromEntries(Object.entries(CLIENT).reverse())
    await other.administration.add({ ...turned, first_party: false, grant_types: ['authorization_code'] }, OTTO)
    expect(JSON.stringify((await one.record()).definition)).toBe(JSON.stringify((await other.record()).definition))
  })

  test('that is not in order is refused whole, each fault with its code and field', async () => {
    const { administration, clients } = world()
    const given = { ...CLIENT, redirect_uris: ['http://a.example/'], scope: 'openid fax', redirect_uri: 'x' }
    expect(await administration.add(given, CHRIS)).toMatchObject({
      reason: 'not-in-order',
      faults: [
        { code: 'unknown-field', path: ['redirect_uri'] },
        { code: 'not-https', path: ['redirect_uris', 0] },
        { code: 'unknown-scope', path: ['scope'] },
      ],
    })
    expect(await clients.find('roster')).toBeUndefined()
  })

  test.each(['{"__proto__":{"first_party":true}}', '{"jwks":{"keys":[{"__proto__":{}}]}}', '{"constructor":1}'])(
    '%s has a field that there is not',
    (text) => {
      const checked = DEFINITIONS.client(JSON.parse(text), { scopes: undefined, hasSecret: true, ours: [] })
      expect(checked.ok ? [] : checked.faults.map(({ code }) => code)).toContain('unknown-field')
    },
  )

  test.each(['sigma-account', 'sigma-admin'])('%s is an id of our own', (client_id) => {
    const checked = DEFINITIONS.client({ ...CLIENT, client_id }, { scopes: undefined, hasSecret: true, ours: [] })
    expect(checked).toMatchObject({ faults: [{ code: 'reserved', path: ['client_id'] }] })
  })
})

test('a field is changed, taken out and put back; an id never changes', async () => {
  const { administration, record } = world()
  await administration.add(CLIENT, CHRIS)
  await administration.change('roster', { fields: { minimum_acr: 'mfa', mfa_max_age: 300 }, read: 1 }, CHRIS)
  expect((await record()).definition).toMatchObject({ minimum_acr: 'mfa', mfa_max_age: 300 })
  expect(await administration.change('roster', { fields: { mfa_max_age: undefined } }, CHRIS)).toMatchObject({
    changes: [{ field: 'mfa_max_age', from: 300 }],
  })
  expect(await administration.restore('roster', 1, 3, CHRIS)).toMatchObject({
    version: 4,
    changes: [{ field: 'minimum_acr', from: 'mfa', to: 'password' }],
  })
  expect(await administration.restore('roster', 9, 4, CHRIS)).toMatchObject({ reason: 'no-such-version' })
  expect(await administration.change('roster', { fields: { client_id: 'other' } }, CHRIS)).toMatchObject({
    faults: [{ code: 'fixed', path: ['client_id'] }],
  })
})

test('of three who save at once one wins, and the others hear what changed; nothing that was taken out comes back', async () => {
  const { administration, record } = world()
  const both = ['https://roster.example.org/callback', 'https://old.example.org/callback']
  await administration.add({ ...CLIENT, redirect_uris: both }, CHRIS)
  const outcomes = await Promise.all([
    administration.change('roster', { fields: { redirect_uris: both.slice(0, 1) }, read: 1 }, CHRIS),
    administration.change('roster', { fields: { client_name: 'Rosters' }, read: 1 }, OTTO),
    administration.disable('roster', 1, { actor: 'file', via: 'file' }),
  ])
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
  const refused = outcomes.filter((outcome) => !outcome.ok)
  expect(refused).toMatchObject([
    { reason: 'changed-meanwhile', version: 2, since: [{ version: 2 }] },
    { reason: 'changed-meanwhile', version: 2, since: [{ version: 2 }] },
  ])
  expect((await record()).version).toBe(2)
})

describe('secrets', () => {
  test('are made by us: 43 letters and digits, shown once, kept as a digest', async () => {
    const { administration, record } = world()
    const added = await administration.add(CLIENT, CHRIS)
    const secret = added.ok ? added.secret : undefined
    expect(secret?.value).toMatch(/^[0-9A-Za-z]{43}$/)
    const kept = await record()
    expect(JSON.stringify(kept)).not.toContain(secret?.value)
    expect(
      secretMatching(
        liveSecrets(kept.secrets, () => undefined),
        secret?.value ?? '',
      )?.id,
    ).toBe(secret?.id)
  })

  test('two are valid; a third is refused, one that was removed does not come back with an earlier version', async () => {
    const { administration, record } = world()
    const first = await administration.add(CLIENT, CHRIS)
    const second = await administration.addSecret('roster', undefined, CHRIS)
    expect(await administration.addSecret('roster', undefined, CHRIS)).toMatchObject({ reason: 'too-many-secrets' })
    const id = first.ok ? (first.secret?.id ?? '') : ''
    expect(await administration.removeSecret('roster', id, undefined, CHRIS)).toMatchObject({
      changes: [{ field: 'secrets', from: id }],
    })
    await administration.change('roster', { fields: { client_name: 'Rosters' } }, CHRIS)
    await administration.restore('roster', 1, undefined, CHRIS)
    expect((await record()).secrets.map((secret) => secret.id)).toEqual([second.ok ? second.secret?.id : ''])
    expect(await administration.removeSecret('roster', id, undefined, CHRIS)).toMatchObject({
      reason: 'no-such-secret',
    })
  })

  test('may be in the environment, by name, and then none is made', async () => {
    const { administration, record } = world()
    const named = { ...CLIENT, client_secret: { env: 'ROSTER_NEW' }, previous_client_secret: { env: 'ROSTER_OLD' } }
    const added = await administration.add(named, CHRIS)
    expect(added).not.toHaveProperty('secret')
    const { secrets, definition } = await record()
    expect(secrets).toMatchObject([{ env: 'ROSTER_OLD' }, { env: 'ROSTER_NEW' }])
    expect(definition).not.toHaveProperty('client_secret')
    const live = liveSecrets(secrets, (name) => (name === 'ROSTER_OLD' ? undefined : 'x'.repeat(43)))
    // A name that this machine has not got opens nothing, nor does the empty secret.
    expect(live).toHaveLength(1)
    expect(secretMatching(live, '')).toBeUndefined()
    expect(
      await administration.change('roster', { fields: { previous_client_secret: undefined } }, CHRIS),
    ).toMatchObject({
      changes: [{ field: 'secrets', from: ['ROSTER_NEW', 'ROSTER_OLD'], to: ['ROSTER_NEW'] }],
    })
  })

  test('each has its last use, which is no version and is not moved back', async () => {
    const { administration, clients, record } = world()
    const added = await administration.add(CLIENT, CHRIS)
    const id = added.ok ? (added.secret?.id ?? '') : ''
    let at = 5000
    const uses = secretUses(clients, () => at)
    uses.note('roster', id)
    expect((await record()).secrets[0]?.lastUsedAt).toBeUndefined()
    await uses.write()
    at = 4000
    uses.note('roster', id)
    await uses.write()
    expect(await record()).toMatchObject({ version: 1, changedAt: 1000, secrets: [{ lastUsedAt: 5000 }] })
  })

  test('a use that could not be written is written later', async () => {
    const { administration, clients, record } = world()
    const added = await administration.add(CLIENT, CHRIS)
    const id = added.ok ? (added.secret?.id ?? '') : ''
    let full = true
    const change: typeof clients.change = (key, rule) =>
      full ? Promise.reject(new Error('full')) : clients.change(key, rule)
    const uses = secretUses({ change }, () => 7000)
    uses.note('roster', id)
    await expect(uses.write()).rejects.toThrow('full')
    full = false
    await uses.write()
    expect((await record()).secrets).toMatchObject([{ lastUsedAt: 7000 }])
  })
})

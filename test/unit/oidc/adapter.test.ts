/** oidc/adapter.ts: what a request that was slow, or a node that hung, may write back. */
import type { AdapterPayload } from 'oidc-provider'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../../../src/client/client.ts'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import { adapterFactory, READ } from '../../../src/oidc/adapter.ts'
import { endSession } from '../../../src/oidc/artifact-key.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const LIFE = 3600
const GRACE = 10_000
const MOVED = { code: 'moved', status: 503 }

/** As if there were any of them. */
const CLIENTS = new Map(
  ['web', 'spa'].map((id): [string, Client] => [
    id,
    {
      metadata: { client_id: id, client_name: id, first_party: true },
      secrets: [],
      scopes: new Set(),
      loginUri: undefined,
    },
  ]),
)

let now: number
let told: string[]
let store: ReturnType<typeof openSqliteStore>['expiring']
let open: ReturnType<typeof adapterFactory>

beforeEach(() => {
  now = NOW
  told = []
  const embedded = openSqliteStore(':memory:')
  store = embedded.expiring
  const ring = keyring([{ id: 'k', key: Buffer.alloc(32, 7) }])
  open = adapterFactory({
    store,
    seal: sealer(ring, 'records'),
    clients: { find: (id) => CLIENTS.get(id), ids: [], resources: [] },
    refresh: {
      grace: GRACE,
      successorsOf: (id, { clientId }) => (clientId === 'web' ? [`${id}+`, `${id}+old`] : []),
      named: new WeakMap(),
    },
    now: () => now,
    onReuse: async (model) => void told.push(`reuse ${model}`),
    onRepeat: async () => void told.push('repeat'),
  })
  return () => embedded.close()
})

/** As the library has it between finding and saving. */
async function read(model: string, id: string): Promise<AdapterPayload> {
  const found = await open(model).find(id)
  if (!found) throw new Error('not there')
  return found
}

describe.each(['Session', 'Grant'])('a %s', (model) => {
  const payload = { uid: 'uid', accountId: 'sanne', clientId: 'web', n: 1 } as AdapterPayload

  test('is written back over what was read, again and again', async () => {
    await open(model).upsert('id', payload, LIFE)
    const one = await read(model, 'id')
    await open(model).upsert('id', { ...one, n: 2 } as AdapterPayload, LIFE)
    if (model === 'Session') await open(model).upsert('id', { ...one, n: 3 } as AdapterPayload, LIFE)
    expect(await open(model).find('id')).toMatchObject({ n: model === 'Session' ? 3 : 2 })
  })

  test('is not written over what another has written since, and what was read is never kept', async () => {
    await open(model).upsert('id', payload, LIFE)
    const [slow, quick] = [await read(model, 'id'), await read(model, 'id')]
    await open(model).upsert('id', { ...quick, n: 2 } as AdapterPayload, LIFE)
    await expect(open(model).upsert('id', { ...slow, n: 3 } as AdapterPayload, LIFE)).rejects.toMatchObject(MOVED)
    const { [READ]: _read, ...kept } = (await read(model, 'id')) as AdapterPayload & { [READ]: unknown }
    expect(kept).toEqual({ ...payload, n: 2 })
  })

  test('that was removed meanwhile does not come back', async () => {
    await open(model).upsert('id', payload, LIFE)
    const slow = await read(model, 'id')
    await open(model).destroy('id')
    await expect(open(model).upsert('id', slow, LIFE)).rejects.toMatchObject(MOVED)
    expect(await open(model).find('id')).toBeUndefined()
  })
})

describe('a session that gets a new id', () => {
  const payload = { uid: 'uid', accountId: 'sanne' } as AdapterPayload

  beforeEach(() => open('Session').upsert('old', payload, LIFE) as Promise<void>)

  test('is there under the new one only, for its whole life', async () => {
    await open('Session').upsert('new', await read('Session', 'old'), LIFE)
    expect(await open('Session').find('old')).toBeUndefined()
    now += (LIFE - 1) * 1000
    expect(await open('Session').find('new')).toMatchObject(payload)
  })

  test('after another request wrote it is not renamed, and nothing of that is lost', async () => {
    const slow = await read('Session', 'old')
    await open('Session').upsert('old', { ...(await read('Session', 'old')), n: 2 } as AdapterPayload, LIFE)
    await expect(open('Session').upsert('new', slow, LIFE)).rejects.toMatchObject(MOVED)
    expect(await open('Session').find('new')).toBeUndefined()
    expect(await open('Session').findByUid('uid')).toMatchObject({ n: 2 })
  })

  test('ended by its uid while a request is under way in it: nothing that this writes back is there', async () => {
    const [slow, renewed] = [await read('Session', 'old'), await read('Session', 'old')]
    await endSession(store, 'uid')
    await expect(open('Session').upsert('old', slow, LIFE)).rejects.toMatchObject(MOVED)
    await expect(open('Session').upsert('new', renewed, LIFE)).rejects.toMatchObject(MOVED)
    expect(await open('Session').findByUid('uid')).toBeUndefined()
  })

  test('ended by its uid after it got one: not there under either', async () => {
    const renewed = await read('Session', 'old')
    await open('Session').upsert('new', renewed, LIFE)
    await endSession(store, 'uid')
    await expect(open('Session').upsert('new', renewed, LIFE)).rejects.toMatchObject(MOVED)
    expect([await open('Session').find('old'), await open('Session').find('new')]).toEqual([undefined, undefined])
  })
})

describe('a sitting', () => {
  const payload = { accountId: 'sanne', clientId: 'web' } as AdapterPayload

  test('takes the last answer, whoever else wrote it since it was read', async () => {
    await open('Interaction').upsert('id', payload, LIFE)
    const [one, other] = [await read('Interaction', 'id'), await read('Interaction', 'id')]
    await open('Interaction').upsert('id', { ...one, n: 1 } as AdapterPayload, LIFE)
    await open('Interaction').upsert('id', { ...other, n: 2 } as AdapterPayload, LIFE)
    expect(await open('Interaction').find('id')).toMatchObject({ n: 2 })
  })

  test('is taken up once, and a late answer does not bring it back', async () => {
    await open('Interaction').upsert('id', payload, LIFE)
    const late = await read('Interaction', 'id')
    const taken = await Promise.allSettled(Array.from({ length: 20 }, () => open('Interaction').destroy('id')))
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(open('Interaction').upsert('id', late, LIFE)).rejects.toThrow('invalid_request')
    expect(await open('Interaction').find('id')).toBeUndefined()
  })
})

describe('a refresh token that comes again', () => {
  const refused = { error: 'invalid_grant' }
  const consume = () => open('RefreshToken').consume('id')

  async function used(clientId = 'web'): Promise<void> {
    await open('Grant').upsert('grant', { accountId: 'sanne', clientId }, LIFE)
    await open('RefreshToken').upsert('id', { grantId: 'grant', clientId }, LIFE)
    await consume()
  }

  test.each([0, 1, GRACE])('within the grace (%i ms) is a repetition, and not shown as used', async (passed) => {
    await used()
    await open('RefreshToken').upsert('id+', { grantId: 'grant', clientId: 'web' }, LIFE)
    now += passed
    expect(await open('RefreshToken').find('id')).not.toHaveProperty('consumed')
    await consume()
    expect(told).toEqual(['repeat'])
    expect(await open('Grant').find('grant')).toBeDefined()
  })

  test('is one also while the first answer is still being made', async () => {
    await used()
    await consume()
    expect(told).toEqual(['repeat'])
  })

  test('theft: after the grace ends the family, which is counted from the first use', async () => {
    await used()
    now += GRACE
    await consume()
    now += 1
    expect(await open('RefreshToken').find('id')).toMatchObject({ consumed: NOW / 1000 })
    await expect(consume()).rejects.toMatchObject(refused)
    expect(told).toEqual(['repeat', 'reuse RefreshToken'])
    expect(await open('Grant').find('grant')).toBeUndefined()
  })

  test('theft: once its successor was used ends the family, within the grace too', async () => {
    await used()
    await open('RefreshToken').upsert('id+', { grantId: 'grant', clientId: 'web' }, LIFE)
    await open('RefreshToken').consume('id+')
    await expect(consume()).rejects.toMatchObject(refused)
    expect(told).toEqual(['reuse RefreshToken'])
    expect(await open('Grant').find('grant')).toBeUndefined()
  })

  test('theft: the same of a successor that was named by a root key of before', async () => {
    await used()
    await open('RefreshToken').upsert('id+old', { grantId: 'grant', clientId: 'web' }, LIFE)
    await consume()
    await open('RefreshToken').consume('id+old')
    await expect(consume()).rejects.toMatchObject(refused)
    expect(told).toEqual(['repeat', 'reuse RefreshToken'])
  })

  test('theft: from a client that proves nothing ends the family at once', async () => {
    await used('spa')
    expect(await open('RefreshToken').find('id')).toHaveProperty('consumed')
    await expect(consume()).rejects.toMatchObject(refused)
    expect(told).toEqual(['reuse RefreshToken'])
  })

  test('has no say about codes', async () => {
    await open('AuthorizationCode').upsert('id', { grantId: 'grant', clientId: 'web' }, LIFE)
    await open('AuthorizationCode').consume('id')
    await expect(open('AuthorizationCode').consume('id')).rejects.toMatchObject(refused)
  })
})

/**
 * The store of one checkout, in a process of its own, for compare-writes.ts: `<checkout> <address>`, with people in it
 * who have an app, devices and browsers. Does over IPC what it is asked for, and tells how long that took.
 *
 * A checkout of before people were records is asked by the methods that its store had.
 */
import { join } from 'node:path'

export interface Asked {
  /** Codes used: `one` by one of one person, `all` of a hundred people at once, `crowded` of one with mails waiting. */
  work: 'one' | 'all' | 'crowded'
  times: number
}

export interface Told {
  milliseconds: number
  /** Of SQLite: how many transactions that were. */
  commits: number
}

type Parcels = Array<{ id: string; channel: string; sealed: string; createdAt: number; dueAt: number }>
type Step = (accountId: string, step: number) => Promise<boolean>
type Durable = Record<string, (...given: unknown[]) => Promise<unknown>> & { people?: unknown }
type Draft = Record<string, unknown[]> & { authenticators: Array<{ id: string }> }
interface People {
  change<T>(id: string, rule: (draft: Draft) => T): Promise<T>
}

const PEOPLE = 100
const WAITING = 1000
const NOW = Date.UTC(2030, 0, 15, 12)
const YEAR = 365 * 24 * 3_600_000
const SEALED = 'x'.repeat(100)
const MAIL = 'x'.repeat(4000)

const [, , checkout = '', address = ''] = process.argv
const load = (file: string) => import(join(checkout, file))
let commits = 0
const store = address.startsWith('mongodb')
  ? await (await load('src/store/mongo/open.ts')).openMongoStore(address)
  : (await load('src/store/sqlite/open.ts')).openSqliteStore(address, { onCommit: countCommit })
const ids = Array.from({ length: PEOPLE }, (_, n) => `person-${n}`)
const durable: Durable = store.durable
const use = durable.people ? await afterRecords(durable.people as People) : await beforeRecords(durable)
let step = 1

process.on('message', async ({ work, times }: Asked) => {
  commits = 0
  const began = performance.now()
  for (let n = 0; n < times; n += 1) {
    step += 1
    const used = work === 'all' ? await Promise.all(ids.map((id) => use(id, step))) : [await use(work, step)]
    if (!used.every(Boolean)) throw new Error('a code was not accepted')
  }
  process.send?.({ milliseconds: performance.now() - began, commits } satisfies Told)
})
process.on('disconnect', () => void store.close())
process.send?.('ready')

function countCommit(): void {
  commits += 1
}

async function afterRecords(people: People): Promise<Step> {
  const { advanceStep } = await load('src/person/authenticator.ts')
  for (const [id, parcels] of everybody()) {
    await people.change(id, (draft) => {
      Object.assign(draft, { account: account(id), authenticators: [app(id)], devices: devices(id) })
      draft.browsers = browsers(id)
      draft.parcels = parcels
    })
  }
  return (id, at) => people.change(id, (draft) => advanceStep(draft, app(id).id, at, NOW))
}

async function beforeRecords(durable: Durable): Promise<Step> {
  const { insertAccount, rememberBrowser, insertDevice, putPending, activate, advanceStep } = durable
  if (!insertAccount || !rememberBrowser || !insertDevice || !putPending || !activate || !advanceStep)
    throw new Error('a store of another age')
  for (const [id, parcels] of everybody()) {
    const used = { digest: id, accountId: id, purpose: 'activation', createdAt: NOW, expiresAt: NOW, usedAt: NOW }
    await insertAccount(account(id), used, parcels)
    const wizard = { key: id, accountId: id, sealed: SEALED, version: 1, expiresAt: NOW + YEAR }
    const backup = { id, accountId: id, salt: 'salt', digest: id, createdAt: NOW, savedAt: undefined }
    await putPending(wizard, NOW)
    const next = { ...wizard, version: 2 }
    const factor = {
      accountId: id,
      epoch: 1,
      authenticator: app(id),
      backup,
      replacesAll: false,
      switches: false,
      firstOnly: true,
    }
    await activate({ ...factor, from: wizard, next }, NOW, [])
    for (const device of devices(id)) await insertDevice(device, 5, [])
    for (const { digest, expiresAt } of browsers(id)) await rememberBrowser(digest, id, 'k1:hash', expiresAt)
  }
  return (id, at) => advanceStep(id, app(id).id, at, NOW) as Promise<boolean>
}

function everybody(): Array<[id: string, parcels: Parcels]> {
  const waiting = Array.from({ length: WAITING }, (_, n) => {
    return { id: `parcel-${n}`, channel: 'email', sealed: MAIL, createdAt: NOW, dueAt: NOW + YEAR }
  })
  return [['one', []], ['crowded', waiting], ...ids.map((id): [string, Parcels] => [id, []])]
}

function account(id: string) {
  const email = `${id}@sigma.example`
  const own = { id, email, emailKey: email, name: 'Sanne de Vries', locale: 'nl', organizationId: 'sigma', roles: [] }
  return { ...own, status: 'active', passwordHash: 'k1:hash', epoch: 1, createdAt: NOW }
}

function app(accountId: string) {
  const id = `app-${accountId}`
  return { id, accountId, kind: 'totp', label: 'Phone', sealed: SEALED, lastStep: 0, createdAt: NOW }
}

function devices(accountId: string) {
  const [createdAt, expiresAt] = [NOW, NOW + YEAR]
  return ['a', 'b', 'c'].map((name) => {
    const [id, digest] = [`${name}-${accountId}`, `digest-${name}-${accountId}`]
    const times = { previousUntil: 0, createdAt, lastUsedAt: createdAt, expiresAt }
    return { id, accountId, digest, ...times, method: 'totp', agent: 'Firefox, Windows' }
  })
}

function browsers(accountId: string) {
  return ['a', 'b', 'c', 'd', 'e'].map((name) => ({ digest: `${name}-${accountId}`, expiresAt: NOW + YEAR }))
}

/** Applications as their person looks after them: those that hold a grant, and what taking it back ends; and signing out. */
import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import type { Client } from '../../../src/client/client.ts'
import { unwrap } from '../../../src/delivery/queue.ts'
import { HOUR, SECOND } from '../../../src/lib/time.ts'
import { artifactKey } from '../../../src/oidc/artifact-key.ts'
import { BUILT_IN } from '../../../src/oidc/built-in-records.ts'
import { type OwnSessions, ownSessions } from '../../../src/oidc/own-sessions.ts'
import type { OpenSession } from '../../../src/oidc/sessions.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { artifact } from '../../support/samples/records.ts'
import { accountParts, SOURCE } from '../../support/unit/account-parts.ts'

const [PORTAL, ROSTER] = ['portal', 'roster']
const UNREADABLE = 'k0.gone'

let own: OwnSessions
/** Where Sanne is signed in. */
let live: OpenSession[]
/** Who was signed out everywhere, by whom. */
let signedOut: unknown[]

const parts = forEachTest(accountParts)
const kept = forEachTest(() => openSqliteStore(':memory:'))
const sanne = forEachTest(() => parts.person('sanne@sigma.example'))
beforeEach(async () => {
  live = []
  signedOut = []
  const { seal, wrap, audit, notice, now } = parts
  const never = async () => {
    throw new Error('nothing else ends')
  }
  own = ownSessions({
    store: { ...kept.expiring, enqueue: parts.store.enqueue },
    sessions: {
      open: (model, { key, sealed }) =>
        sealed === UNREADABLE ? undefined : { key, content: JSON.parse(seal.open(sealed, `artifact/${model}/${key}`)) },
      list: async () => live,
      end: never,
      endAll: never,
      endOthers: never,
      endExpired: never,
    },
    clients: {
      find: (id) =>
        [client(PORTAL, true), client(ROSTER, false), client(BUILT_IN.account, false)].find(
          ({ metadata }) => metadata.client_id === id,
        ),
      ids: [],
      resources: [],
    },
    wrap,
    audit,
    notice,
    async signOut({ id }, by) {
      signedOut.push({ id, ...by })
    },
    now,
    idle: HOUR,
  })
})

function client(id: string, tells: boolean): Client {
  const uri = tells ? { backchannel_logout_uri: `https://${id}.example/logout` } : {}
  const metadata = { client_id: id, client_name: `The ${id}`, first_party: false, ...uri }
  return { metadata, secrets: [], scopes: new Set(), loginUri: undefined }
}

/** A grant of this application, with a token under it; the keys of both. */
async function granted(clientId: string, accountId = sanne.id, at = parts.now()) {
  const id = randomUUID()
  const [grant, token] = [artifactKey('Grant', id), artifactKey('RefreshToken', randomUUID())]
  const sealed = parts.seal.seal(JSON.stringify({ clientId, accountId, iat: at / SECOND }), `artifact/Grant/${grant}`)
  const common = { accountId, expiresAt: parts.now() + HOUR }
  await kept.expiring.putArtifact(artifact({ ...common, model: 'Grant', key: grant, sealed }))
  await kept.expiring.putArtifact(artifact({ ...common, model: 'RefreshToken', key: token, grantKey: grant }))
  return { id, there: async () => [await found('Grant', grant), await found('RefreshToken', token)] }
}

async function found(model: string, key: string): Promise<boolean> {
  return (await kept.expiring.findArtifact(model, key, parts.now())) !== undefined
}

/** A session in which these applications were opened. */
function opened(...clientIds: string[]): OpenSession {
  const authorizations = Object.fromEntries(clientIds.map((id) => [id, { sid: `sid-${id}`, grantId: `grant-${id}` }]))
  return { key: randomUUID(), content: { uid: randomUUID(), authorizations } }
}

/** Applications that are told of the end of something. */
async function toldApplications(): Promise<unknown[]> {
  const parcels = await parts.store.claim(parts.now(), parts.now() + 1, 100)
  return parcels
    .filter(({ channel }) => channel === 'logout')
    .map((parcel) => unwrap(parts.seal, { ...parcel, channel: 'logout' }))
}

test.each(['__proto__', 'constructor'])('K-01: %s is no application to remove', async (name) => {
  live = [opened(PORTAL)]
  expect(await own.removeApplication(sanne, name, SOURCE)).toBe(false)
  expect(await toldApplications()).toEqual([])
})

test('an application is listed while it holds a grant, since the first of them, and nobody else’s is', async () => {
  const eva = await parts.person('eva@sigma.example')
  await granted(PORTAL, sanne.id, parts.now() - HOUR)
  await granted(PORTAL)
  await granted(ROSTER, eva.id)
  // Opened is not granted: nothing is held, and nothing can be taken back.
  live = [opened(ROSTER, PORTAL)]
  expect(await own.applications(sanne)).toEqual([{ clientId: PORTAL, name: 'The portal', since: parts.now() - HOUR }])
})

test('a grant that cannot be read any more hides no other', async () => {
  const common = { accountId: sanne.id, expiresAt: parts.now() + HOUR, sealed: UNREADABLE }
  await kept.expiring.putArtifact(artifact({ ...common, model: 'Grant' }))
  await granted(ROSTER)
  expect(await own.applications(sanne)).toMatchObject([{ clientId: ROSTER }])
  expect(await own.removeApplication(sanne, ROSTER, SOURCE)).toBe(true)
})

test('ours is none, nor is one that there is no more', async () => {
  for (const id of [BUILT_IN.account, BUILT_IN.admin, 'gone']) await granted(id)
  expect(await own.applications(sanne)).toEqual([])
  for (const id of [BUILT_IN.account, BUILT_IN.admin, 'gone'])
    expect(await own.removeApplication(sanne, id, SOURCE)).toBe(false)
})

test('what it was given is taken back: its grants and tokens, of every session, and of no other application', async () => {
  const [first, second, other] = [await granted(PORTAL), await granted(PORTAL), await granted(ROSTER)]
  const theirs = await granted(PORTAL, (await parts.person('eva@sigma.example')).id)
  live = [opened(PORTAL), opened(ROSTER)]
  expect(await own.removeApplication(sanne, PORTAL, SOURCE)).toBe(true)
  for (const { there } of [first, second]) expect(await there()).toEqual([false, false])
  for (const { there } of [other, theirs]) expect(await there()).toEqual([true, true])
  expect((await own.applications(sanne)).map(({ clientId }) => clientId)).toEqual([ROSTER])
  expect(await toldApplications()).toEqual([{ clientId: PORTAL, accountId: sanne.id, sid: 'sid-portal' }])
})

test('it is told and recorded once, without what it was', async () => {
  await granted(ROSTER)
  expect(await own.removeApplication(sanne, ROSTER, SOURCE)).toBe(true)
  const removed = { type: 'application.removed', outcome: 'ok', actor: sanne.id, subject: sanne.id, client: ROSTER }
  expect(parts.events).toEqual([{ ...removed, source: SOURCE }])
  const [mail, ...more] = await parts.mails()
  expect([mail, more]).toMatchObject([{ name: 'application-removed', data: { application: 'The roster' } }, []])
})

test.each([
  ['that was only opened', PORTAL, () => (live = [opened(PORTAL)])],
  ['that was removed a moment ago', ROSTER, () => own.removeApplication(sanne, ROSTER, SOURCE)],
  ['that nobody knows', 'unknown', () => undefined],
])('one %s holds nothing: nothing is done, nobody is told', async (_which, clientId, before) => {
  await granted(ROSTER)
  await before()
  await parts.mails()
  parts.events.length = 0
  expect(await own.removeApplication(sanne, clientId, SOURCE)).toBe(false)
  expect([(await parts.store.backlog()).waiting, parts.events]).toEqual([0, []])
})

test('signing out everywhere is done by who moves the epoch up, in the name of the person', async () => {
  await own.signOutEverywhere(sanne, SOURCE)
  expect(signedOut).toEqual([{ id: sanne.id, actor: sanne.id, source: SOURCE }])
})

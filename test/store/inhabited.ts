/** A store with something of everything that a store can hold, put in through its ports. */

import { prune } from '../../src/audit/prune.ts'
import { cutoffs } from '../../src/audit/retention.ts'
import { APPLIED, applied } from '../../src/client/applied.ts'
import { create } from '../../src/client/changes.ts'
import { keep } from '../../src/client/logo.ts'
import { begin } from '../../src/client/made-once.ts'
import { createClient } from '../../src/client/secrets.ts'
import { addCaller, addRefusal } from '../../src/doctor/memory.ts'
import { keepDerived, keptSealer } from '../../src/keys/root-key.ts'
import { keyring } from '../../src/lib/crypto.ts'
import { DAY } from '../../src/lib/time.ts'
import { addOrganization } from '../../src/organization/organization.ts'
import { beginRound } from '../../src/person/invitation-round.ts'
import { keyOf } from '../../src/person/kind.ts'
import { ensureUserHandle } from '../../src/person/passkey.ts'
import type { PortableStore, SectionName } from '../../src/store/portable.ts'
import { SECTIONS } from '../../src/store/portable.ts'
import type { Store } from '../../src/store/store.ts'
import { asked, withAsked } from '../support/people/asked-people.ts'
import { caseDecision, device, equip, passkey, recoveryCase, temporaryCode } from '../support/samples/factors.ts'
import { pruneParts, RETENTION } from '../support/samples/pruning.ts'
import {
  AWKWARD,
  account,
  addressCode,
  artifact,
  auditRecord,
  emailChange,
  link,
  NOW,
  parcel,
  signingKey,
} from '../support/samples/records.ts'

const SECRET = { id: 'secret-1', digest: 'digest' }

export async function inhabit({ durable, expiring }: Store, people = 5): Promise<void> {
  for (let person = 0; person < people; person += 1) {
    const one = account({ name: AWKWARD, passwordHash: 'k1:hash', status: 'active', enrolledAt: NOW })
    const { id } = one
    await asked(durable.people).insertAccount(one, link(id), [parcel({ channel: 'logout' }), parcel()])
    await asked(durable.people).rememberBrowser('browser', id, 'k1:hash', NOW + DAY)
    const moved = addressCode(id)
    await asked(durable.people).putAddressCode(moved, [])
    await asked(durable.people).changeEmail(
      emailChange(one, moved, { email: `New-${id}@x.nl`, emailKey: `new-${id}@x.nl` }),
      [],
    )
    await asked(durable.people).replaceLink(link(id, { purpose: 'reset', createdAt: NOW + 1 }), [
      parcel({ channel: 'link' }),
    ])
    await asked(durable.people).putAddressCode(addressCode(id), [])
    const { app } = await equip(withAsked(durable), id)
    await asked(durable.people).advanceStep(id, app.id, 5, NOW)
    await durable.people.change(id, (draft) => {
      ensureUserHandle(draft, `handle-${id}`)
      draft.authenticators.push(passkey({ accountId: id }, { signCount: 7, transports: ['internal', 'hybrid'] }))
    })
    await asked(durable.people).insertDevice(device({ accountId: id, previousDigest: 'before' }), 5, [])
    const decided = recoveryCase({ accountId: id })
    await asked(durable.people).insertCase(decided, [])
    await asked(durable.people).decideCase(caseDecision(decided, { sealedNote: 'note' }), [])
    await asked(durable.people).insertCase(recoveryCase({ accountId: id, createdAt: NOW + 1 }), [])
    await asked(durable.people).insertTemporaryCode(temporaryCode({ accountId: id }))
    await durable.spendStreak(`password/${id}`, NOW, 5, [0, 1000])
    await sessions(expiring, id)
  }
  await durable.organizations.change('organization-1', (draft) =>
    addOrganization(
      draft,
      { name: AWKWARD, number: '4711', domains: ['a.nl'], contacts: [], campaign: { start: NOW } },
      NOW,
    ),
  )
  await durable.clients.change('roster', (draft) =>
    createClient(
      draft,
      {
        definition: { client_id: 'roster', client_name: AWKWARD },
        owner: { kind: 'store' },
        names: ['A'],
        made: SECRET,
      },
      { actor: 'chris', via: 'pages', at: NOW },
    ),
  )
  await durable.resources.change('https://payroll.example.org/', (draft) =>
    create(
      draft,
      { definition: { scopes: ['payroll:read'] }, owner: { kind: 'file', file: 'clients.yaml', line: 3 } },
      { actor: 'file', via: 'file', at: NOW },
    ),
  )
  const gone = account()
  await asked(durable.people).insertAccount(gone, link(gone.id), [])
  await asked(durable.people).eraseAccount(gone.id, NOW, [parcel()])
  await asked(durable.people).insertDevice(device({ accountId: 'nobody' }), 5, [])
  await durable.enqueue([parcel(), parcel({ dueAt: NOW + DAY }), parcel({ channel: 'sms' })])
  await durable.claim(NOW, NOW + 1000, 2)
  await durable.spendWindow('window', NOW, 3, 1000)
  await durable.replaceKeys(0, [signingKey({ activatedAt: NOW }), signingKey({ alg: 'ES256', state: 'next' })])
  for (const ip of ['192.0.2.77', '2001:db8::1', '192.0.2.78']) {
    const source = { ip, correlation: 'c' }
    await durable.appendAudit(auditRecord({ subject: gone.id, source, details: { why: AWKWARD, count: 3 } }))
  }
  await durable.shortenAddresses(NOW + 1, 1)
  // A checkpoint over the first two, of which nothing went.
  const [first] = await durable.followAudit(0, 1)
  await durable.linkAudit([{ seq: 2, previous: first?.hash ?? '' }])
  await prune(pruneParts(durable, { cutoffs: { ...cutoffs(RETENTION, 0), 'token.issued': NOW + DAY } }))
  await durable.appliedFiles.change(APPLIED, (draft) => applied(draft, 'digest'))
  await durable.clientMemories.change('roster', (draft) => {
    addRefusal(draft, { endpoint: 'token', error: 'invalid_client', at: NOW, firstAt: NOW, count: 1 })
    addCaller(draft, { address: 'digest', agent: 'digest', at: NOW })
    draft.changedAt = NOW
  })
  await durable.madeOnce.change('key', (draft) => begin(draft, 'digest', NOW))
  await durable.logos.change('digest', (draft) => keep(draft, { digest: 'digest', image: 'AAAA' }, NOW))
  const ring = keyring(['new', 'old'].map((id) => ({ id, key: Buffer.alloc(32, id) })))
  await durable.rootKeys.change('old', (draft) => {
    Object.assign(draft, { knownAt: NOW, usedAt: NOW, clearedAt: NOW })
    keepDerived(draft, 'old', ring, keptSealer(ring))
  })
  const round = { label: AWKWARD, by: 'chris', perHour: 500, workingHours: true }
  await durable.invitationRounds.change('round', (draft) => beginRound(draft, round, NOW))
}

async function sessions(expiring: Store['expiring'], accountId: string): Promise<void> {
  const session = artifact({ model: 'Session', accountId, uidKey: `uid-${accountId}` })
  await expiring.putArtifact(session)
  // For a moment a session that gets a new id is there twice; the second one is the session.
  await expiring.putArtifact(artifact({ ...session, key: `${session.key}-0`, sealed: 'newer' }))
  const code = artifact({ grantKey: `grant-${accountId}`, accountId })
  await expiring.putArtifact(code)
  await expiring.consumeArtifact(code.model, code.key, NOW)
  await expiring.putArtifact(artifact({ model: 'Session', accountId, expiresAt: NOW - 1 }))
  await expiring.putArtifact(artifact({ model: 'Grant', accountId, expiresAt: undefined }))
}

function powerCut(): void {
  throw new Error('power cut')
}

/** All that it holds, by section and key. */
export async function contents({
  sections,
}: Pick<PortableStore, 'sections'>): Promise<Record<SectionName, Record<string, object>>> {
  const all: Array<[SectionName, Record<string, object>]> = []
  for (const name of SECTIONS) {
    const found: Record<string, object> = {}
    for await (const page of sections[name].pages()) for (const { key, record } of page) found[key] = record
    all.push([name, found])
  }
  return Object.fromEntries(all) as Record<SectionName, Record<string, object>>
}

/** The same store, whose power is cut when this many records were put in. */
export function failingAt(store: PortableStore, writes: number, fail = powerCut): PortableStore {
  let left = writes
  const sections = Object.entries(store.sections).map(([name, section]) => {
    const put = async (key: string, record: never) => {
      if (left === 0) fail()
      left -= 1
      await section.put(key, record)
    }
    return [name, { ...section, put }]
  })
  return { ...store, sections: Object.fromEntries(sections) }
}

/** What the product asks of a store with one person in it. */
export async function answers({ durable, expiring }: Store) {
  const [found] = await asked(durable.people).searchAccounts('a', 10)
  if (!found) throw new Error('nobody')
  const { id } = found
  const [app, ...others] = await asked(durable.people).listAuthenticators(id)
  const key = others.find(({ passkey }) => passkey)
  const [device] = await asked(durable.people).listDevices(id, NOW)
  const cases = await asked(durable.people).listCasesByAccount(id)
  if (!app || !device || !key) throw new Error('no factors')
  return {
    found,
    app,
    device,
    cases,
    link: {
      digest: '',
      accountId: id,
      purpose: 'activation' as const,
      createdAt: NOW,
      expiresAt: NOW,
      usedAt: undefined,
    },
    byEmail: await asked(durable.people).findAccountByEmail(found.emailKey),
    authenticators: await asked(durable.people).listAuthenticators(id),
    backup: await asked(durable.people).findBackupCode(id),
    byPasskey: await durable.people.findBy(keyOf.passkey(key.passkey?.key ?? '')),
    undos: await asked(durable.people).listEmailUndos(id, NOW),
    numbers: await asked(durable.people).countNumber('number'),
    browser: await asked(durable.people).isKnownBrowser('browser', id, NOW),
    open: await asked(durable.people).findOpenCase(id, NOW),
    backlog: await durable.backlog(),
    hashKeys: await asked(durable.people).listHashKeys(),
    // Their order says nothing.
    keys: (await durable.loadKeys()).keys.toSorted((a, b) => (a.kid < b.kid ? -1 : 1)),
    count: await durable.count(`password/${id}`),
    audit: await durable.listAudit({ limit: 100 }),
    session: await expiring.findArtifactByUid('Session', `uid-${id}`, NOW),
    sessions: (await expiring.listArtifactsByAccount('Session', id, NOW)).map(({ sealed }) => sealed).sort(),
    codes: await expiring.listArtifactsByAccount('AuthorizationCode', id, NOW),
    expired: await expiring.listExpiredArtifacts('Session', NOW, 10),
  }
}

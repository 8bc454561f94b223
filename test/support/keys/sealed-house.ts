/** A store with something sealed in every place that there is, by a root key of before, and whoever opens all of it. */
import { randomBytes } from 'node:crypto'
import { addressCodeRecord } from '../../../src/accounts/address-code.ts'
import { checkpointSeal } from '../../../src/audit/checkpoint.ts'
import { prune } from '../../../src/audit/prune.ts'
import { verifyTrail } from '../../../src/audit/verify.ts'
import { answered, begin, madeOnceRecord } from '../../../src/client/made-once.ts'
import { unwrap, wrapper } from '../../../src/delivery/queue.ts'
import { keepDerived, keptRecord, keptSealer } from '../../../src/keys/root-key.ts'
import { type Keyring, keyring, sealer } from '../../../src/lib/crypto.ts'
import { HOUR } from '../../../src/lib/time.ts'
import { numberKey } from '../../../src/mfa/number-key.ts'
import { openAuthenticator, sealAuthenticator } from '../../../src/mfa/sealed-authenticator.ts'
import { WIZARDS, wizardRecord } from '../../../src/mfa/sealed-wizard.ts'
import { sentCodeRecord } from '../../../src/mfa/sms-code.ts'
import { signingKeys } from '../../../src/oidc/keys.ts'
import { artifactRecord } from '../../../src/oidc/opened.ts'
import { personKind } from '../../../src/person/kind.ts'
import { caseRecord, noteRecord } from '../../../src/recovery/case.ts'
import type { Store } from '../../../src/store/store.ts'
import { authenticator, passkey, pending, recoveryCase, sentCode } from '../samples/factors.ts'
import { aged, pruneParts } from '../samples/pruning.ts'
import { account, addressCode, artifact, auditRecord, NOW, parcel } from '../samples/records.ts'

export const OLDER = { id: 'older', key: randomBytes(32) }
export const OLD = { id: 'old', key: randomBytes(32) }
export const NEW = { id: 'new', key: randomBytes(32) }
const NUMBER = '+31612345678'

/** What is kept of one text is that it says its own place. */
const said = (record: string) => `in ${record}`

/** A person with a factor of each kind, and something half-way of each kind. Returns the id. */
export async function settleIn(
  { durable }: Store,
  ring: Keyring,
  hash = `${ring.current}:$argon2id$x`,
): Promise<string> {
  const seal = sealer(ring, 'records')
  const sealed = (record: string) => seal.seal(said(record), record)
  const someone = account({ status: 'active', passwordHash: hash })
  const { id: accountId } = someone
  const [mailed, sent] = [addressCode(accountId), sentCode({ accountId })]
  const filed = recoveryCase({ accountId })
  await durable.people.change(accountId, (draft) => {
    draft.account = someone
    draft.authenticators = [
      sealAuthenticator(seal, 'SECRET', authenticator({ accountId })),
      sealAuthenticator(seal, NUMBER, authenticator({ accountId, kind: 'sms', numberKey: numberKey(ring, NUMBER) })),
      sealAuthenticator(seal, 'credential', passkey({ accountId })),
    ]
    draft.addressCodes = [{ ...mailed, sealed: sealed(addressCodeRecord(mailed.key)) }]
    draft.sentCodes = [{ ...sent, sealed: sealed(sentCodeRecord(sent.key)) }]
    draft.wizards = WIZARDS.map((kind) => {
      const begun = pending({ accountId })
      return { ...begun, sealed: sealed(wizardRecord(kind, begun.key)) }
    })
    draft.cases = [{ ...filed, sealed: sealed(caseRecord(filed.number)), sealedNote: sealed(noteRecord(filed.number)) }]
  })
  return accountId
}

export async function furnish(store: Store, ring: Keyring, people = 3): Promise<void> {
  const { durable, expiring } = store
  const seal = sealer(ring, 'records')
  const wrap = wrapper(seal, () => NOW)
  for (let person = 0; person < people; person += 1) await settleIn(store, ring)
  await signingKeys({ store: durable, seal, now: () => NOW, rotateAfter: HOUR }).load()
  await durable.enqueue([0, 1, 2].map(() => wrap('sms', { to: NUMBER, text: 'text' })))
  const [claimed] = await durable.claim(NOW, NOW + HOUR, 1)
  if (claimed) await durable.giveUp(claimed.id, claimed.attempt, 'refused', NOW)
  await durable.madeOnce.change('made', (draft) => {
    begin(draft, 'asked', NOW)
    answered(draft, 'asked', seal.seal(said(madeOnceRecord('made')), madeOnceRecord('made')))
  })
  const uid = artifact({ model: 'Session', uidKey: 'uid' })
  for (const one of [
    uid,
    artifact({ model: 'Grant', expiresAt: undefined }),
    artifact({ expiresAt: NOW - 1 }),
    artifact(),
  ]) {
    const record = artifactRecord(one.model, one.key)
    await expiring.putArtifact({ ...one, sealed: seal.seal(said(record), record) })
    if (one.model === 'AuthorizationCode') await expiring.consumeArtifact(one.model, one.key, NOW)
  }
  await pruned(store, ring)
  // Of a key that was retired before.
  const before = keyring([...ring.ids.map(() => OLD), OLDER].slice(0, 2))
  if (ring.current !== OLD.id) return
  await durable.rootKeys.change(OLDER.id, (draft) => {
    Object.assign(draft, { knownAt: NOW, clearedAt: NOW })
    keepDerived(draft, OLDER.id, before, keptSealer(ring))
  })
}

/** Three checkpoints stand where old records went. */
async function pruned({ durable }: Store, ring: Keyring): Promise<void> {
  for (const record of aged(10, 100)) await durable.appendAudit(record)
  await durable.appendAudit(auditRecord({ at: NOW }))
  await prune(pruneParts(durable, { seal: checkpointSeal(ring), range: 4 }))
}

/** Opens everything, or throws: how many texts there were, and all of them as they are kept. */
export async function openAll({ durable, sealed }: Store, ring: Keyring): Promise<string[]> {
  const seal = sealer(ring, 'records')
  const texts: string[] = []
  const insist = (text: string, records: string[]) => {
    texts.push(text)
    if (!records.some((record) => opened(text, record) === said(record))) throw new Error(`not ${records[0]}`)
  }
  const opened = (text: string, record: string) => {
    try {
      return seal.open(text, record)
    } catch (fault) {
      if ((fault as { code?: string }).code === 'unknown-key') throw fault
      return undefined
    }
  }
  for await (const page of sealed.records(personKind)) {
    for (const { record } of page) {
      for (const one of record.authenticators) {
        texts.push(one.sealed)
        const secret = openAuthenticator(seal, one)
        if (one.numberKey !== undefined && !ring.ids.some((id) => numberKey(only(ring, id), secret) === one.numberKey))
          throw new Error('a number that is counted by no key')
      }
      for (const one of record.addressCodes) insist(one.sealed, [addressCodeRecord(one.key)])
      for (const one of record.sentCodes) insist(one.sealed, [sentCodeRecord(one.key)])
      for (const one of record.wizards)
        insist(
          one.sealed,
          WIZARDS.map((kind) => wizardRecord(kind, one.key)),
        )
      for (const one of record.cases) {
        insist(one.sealed, [caseRecord(one.number)])
        insist(one.sealedNote ?? '', [noteRecord(one.number)])
      }
    }
  }
  const { jwks } = await signingKeys({ store: durable, seal, now: () => NOW, rotateAfter: HOUR }).load()
  if (jwks.length !== 4) throw new Error('signing keys')
  texts.push(...(await durable.loadKeys()).keys.map((key) => key.sealed))
  for await (const page of sealed.parcels()) {
    for (const one of page) {
      texts.push(one.sealed)
      unwrap(seal, { ...parcel(), ...one })
    }
  }
  insist((await durable.madeOnce.find('made'))?.answer ?? '', [madeOnceRecord('made')])
  for await (const page of sealed.artifacts())
    for (const { model, key, sealed: text } of page) insist(text, [artifactRecord(model, key)])
  const broken = await verifyTrail(durable, { seal: checkpointSeal(ring) })
  if (broken !== undefined) throw new Error(`the trail does not hold at ${broken}`)
  texts.push(...(await durable.followCheckpoints(0, 10)).map(({ seal: made }) => made))
  for (const { purpose, sealed: text } of (await durable.rootKeys.find(OLDER.id))?.kept ?? []) {
    texts.push(text)
    keptSealer(ring).open(text, keptRecord(OLDER.id, purpose))
  }
  return texts
}

function only(ring: Keyring, id: string): Keyring {
  return { ...ring, derive: (purpose) => ring.derive(purpose, id) }
}

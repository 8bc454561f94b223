/**
 * Seals anew, with the newest root key, whatever is sealed with an older one, beside running servers and while people
 * change what is theirs.
 *
 * Each record is changed on what is there at that moment, or not at all, so nobody's change is lost, and each text opens
 * before and after. So it may die at any point, be run by two at once, and be run again: it goes through everything and
 * finds what is left. First of all it keeps what cannot be made anew (root-key.ts).
 */
import { type MadeOnceRecords, madeOnceKind } from '../client/made-once.ts'
import { parcelRecord } from '../delivery/queue.ts'
import { hmac, type Keyring, keyIdOf, type Sealer, sealer } from '../lib/crypto.ts'
import { authenticatorRecord } from '../mfa/sealed-authenticator.ts'
import { signingKeyRecord } from '../oidc/keys.ts'
import { artifactRecord } from '../oidc/opened.ts'
import type { SigningKeyStore } from '../oidc/signing-key.ts'
import { type People, personKind } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'
import type { Kind } from '../record/kind.ts'
import type { Records } from '../record/records.ts'
import { type Checkpoints, checkpointPages, resealCheckpoint } from './checkpoints.ts'
import { type Become, inMadeOnce, inPerson, inRootKey } from './places.ts'
import { allRootKeys, isWhole, keepDerived, keptSealer, type RootKeys, rootKeyKind } from './root-key.ts'
import type { SealedStore } from './sealed-store.ts'

export interface ResealParts {
  durable: SigningKeyStore &
    Checkpoints & {
      people: Pick<People, 'change'>
      madeOnce: Pick<MadeOnceRecords, 'change'>
      rootKeys: Pick<RootKeys, 'change' | 'list'>
    }
  sealed: SealedStore
  ring: Keyring
  /** Told after each page, of what and how many it has gone through. Rejects to stop between two pages. */
  onProgress?: (what: string, records: number) => void | Promise<void>
}

/** What was sealed anew. */
export interface Resealed {
  records: number
  parcels: number
  artifacts: number
  signingKeys: number
  checkpoints: number
}

/** Somebody may always be quicker: so often, and then it is left for the next run. */
const TRIES = 5

export async function reseal({ durable, sealed, ring, onProgress = () => undefined }: ResealParts): Promise<Resealed> {
  const [seal, kept] = [sealer(ring, 'records'), keptSealer(ring)]
  const done: Resealed = { records: 0, parcels: 0, artifacts: 0, signingKeys: 0, checkpoints: 0 }
  const text = resealing(ring, seal)

  await keepWhatCannotBeMade(durable.rootKeys, ring, kept)
  await through(rootKeyKind, durable.rootKeys, (record, id) => inRootKey(record, id, resealing(ring, kept)))
  await signingKeys()
  done.checkpoints = await each('checkpoints', checkpointPages(durable), (kept) =>
    resealCheckpoint(durable, ring, kept),
  )
  await through(personKind, durable.people, (person) => {
    inPerson(person, text)
    recount(person, ring, seal)
  })
  await through(madeOnceKind, durable.madeOnce, (made, id) => inMadeOnce(made, id, text))
  done.parcels = await each('mails and messages', sealed.parcels(), (parcel) => {
    const next = text(parcel.sealed, [parcelRecord(parcel)])
    return next !== parcel.sealed && sealed.resealParcel(parcel, next)
  })
  done.artifacts = await each('sessions and tokens', sealed.artifacts(), (artifact) => {
    const next = text(artifact.sealed, [artifactRecord(artifact.model, artifact.key)])
    return next !== artifact.sealed && sealed.resealArtifact(artifact, next)
  })
  return done

  /** A record is written only if something in it is of an older key. */
  async function through<R extends object>(
    kind: Kind<R>,
    records: Pick<Records<R>, 'change'>,
    anew: (record: R, id: string) => void,
  ): Promise<void> {
    done.records += await each(kind.name, sealed.records(kind), ({ id, record }) => {
      const before = JSON.stringify(record)
      anew(record, id)
      if (JSON.stringify(record) === before) return false
      return records.change(id, (draft) => anew(draft, id)).then(() => true)
    })
  }

  /** How many were sealed anew. Those of a page at once, so that they share a sync to disk. */
  async function each<T>(
    what: string,
    pages: AsyncIterable<T[]>,
    anew: (one: T) => boolean | Promise<boolean>,
  ): Promise<number> {
    let [seen, changed] = [0, 0]
    for await (const page of pages) {
      const outcomes = await Promise.allSettled(page.map(async (one) => anew(one)))
      changed += outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value).length
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed) throw failed.reason
      seen += page.length
      await onProgress(what, seen)
    }
    return changed
  }

  async function signingKeys(): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const { version, keys } = await durable.loadKeys()
      const anew = keys.map((key) => ({ ...key, sealed: text(key.sealed, [signingKeyRecord(key.kid)]) }))
      done.signingKeys = anew.filter(({ sealed: next }, index) => next !== keys[index]?.sealed).length
      if (done.signingKeys === 0 || (await durable.replaceKeys(version, anew))) return
    }
  }
}

/** Of every root key but the newest. */
async function keepWhatCannotBeMade(records: ResealParts['durable']['rootKeys'], ring: Keyring, kept: Sealer) {
  const known = await allRootKeys(records)
  for (const id of ring.ids.slice(1)) {
    const before = known.get(id)
    if (before && isWhole(before, id, ring)) continue
    await records.change(id, (draft) => {
      // As it would be noted by the servers that have it.
      if (draft.knownAt === 0) draft.knownAt = known.get(ring.current)?.knownAt ?? 1
      keepDerived(draft, id, ring, kept)
    })
  }
}

/** What does not open stays as it is, and is counted by survey.ts. */
function resealing(ring: Keyring, seal: Sealer): Become {
  return (text, records) => {
    if (keyIdOf(text) === ring.current) return text
    for (const record of records) {
      try {
        return seal.seal(seal.open(text, record), record)
      } catch {}
    }
    return text
  }
}

/** Counts a number by the newest key. */
function recount({ authenticators }: PersonRecord, ring: Keyring, seal: Sealer): void {
  for (const one of authenticators) {
    if (one.numberKey === undefined || keyIdOf(one.sealed) !== ring.current) continue
    try {
      const number = seal.open(one.sealed, authenticatorRecord(one.accountId, one.id))
      one.numberKey = hmac(ring.derive('phone-numbers'), number)
    } catch {}
  }
}

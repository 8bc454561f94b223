/**
 * Looks at everything that is kept, once, and says what needs which root key. It reads a page at a time, opens nothing
 * that is of the newest one, and changes nothing.
 */
import { checkpointSeal } from '../audit/checkpoint.ts'
import { madeOnceKind } from '../client/made-once.ts'
import { parcelRecord } from '../delivery/queue.ts'
import { hmac, type Keyring, keyIdOf, type Sealer, sealer } from '../lib/crypto.ts'
import { authenticatorRecord } from '../mfa/sealed-authenticator.ts'
import { signingKeyRecord } from '../oidc/keys.ts'
import { artifactRecord } from '../oidc/opened.ts'
import type { SigningKeyStore } from '../oidc/signing-key.ts'
import { type People, personKind } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'
import { type Checkpoints, checkpointPages } from './checkpoints.ts'
import { type Become, inMadeOnce, inPerson, inRootKey } from './places.ts'
import { keptSealer, type RootKeys, rootKeyKind } from './root-key.ts'
import type { SealedStore } from './sealed-store.ts'

/** What may need a root key, as it is said to an operator of one of them. */
const ONE = {
  people: 'person',
  passwords: 'password',
  'phone numbers': 'phone number',
  'signing keys': 'signing key',
  'mails and messages': 'mail or message',
  'sessions and tokens': 'session or token',
  'answers of the API': 'answer of the API',
  checkpoints: 'checkpoint',
  'kept keys': 'kept key',
} as const
export type Thing = keyof typeof ONE
const THINGS = Object.keys(ONE) as Thing[]
export type Needs = { [thing in Thing]?: number }

export interface Survey {
  /** By id of the root key; of passwords also those that do with a kept key. */
  needs: Map<string, Needs>
  /** Records with a text that does not open although its key is here: nobody can use it, with whatever key. */
  broken: number
  /** People with digests of what came along with them. They tell not by which key they were made. */
  digests: number
  /** People with a temporary code, which does not tell either. */
  codes: number
}

export interface SurveyParts {
  durable: SigningKeyStore &
    Pick<Checkpoints, 'followCheckpoints'> & { people: Pick<People, 'counts'>; rootKeys: Pick<RootKeys, 'list'> }
  sealed: SealedStore
  ring: Keyring
}

export async function survey({ durable, sealed, ring }: SurveyParts): Promise<Survey> {
  const needs = new Map<string, Needs>()
  const found: Survey = { needs, broken: 0, digests: 0, codes: 0 }
  const [seal, kept] = [sealer(ring, 'records'), keptSealer(ring)]

  function need(id: string, thing: Thing, count = 1): void {
    const known = needs.get(id) ?? {}
    needs.set(id, { ...known, [thing]: (known[thing] ?? 0) + count })
  }

  /** Counts a record once for each key that it needs beside the newest. */
  function look(thing: Thing, by: Sealer, go: (become: Become) => void): void {
    const ids = new Set<string>()
    let isBroken = false
    go((text, records) => {
      const id = keyIdOf(text)
      if (id === ring.current) return text
      if (!ring.ids.includes(id) || records.some((record) => opens(by, text, record))) ids.add(id)
      else isBroken = true
      return text
    })
    for (const id of ids) need(id, thing)
    if (isBroken) found.broken += 1
  }

  for await (const page of sealed.records(personKind)) {
    for (const { record } of page) {
      look('people', seal, (become) => inPerson(record, become))
      for (const id of keysOfNumbers(record, ring, seal)) need(id, 'phone numbers')
      if (record.temporaryCodes.length > 0) found.codes += 1
      if (record.account?.imported?.secrets || record.account?.imported?.phone !== undefined) found.digests += 1
    }
  }
  for (const { value, count } of await durable.people.counts('hashKey')) {
    if (value !== ring.current) need(String(value), 'passwords', count)
  }
  for (const { kid, sealed: text } of (await durable.loadKeys()).keys)
    look('signing keys', seal, (become) => become(text, [signingKeyRecord(kid)]))
  for await (const page of sealed.records(madeOnceKind))
    for (const { id, record } of page) look('answers of the API', seal, (become) => inMadeOnce(record, id, become))
  for await (const page of sealed.parcels())
    for (const parcel of page)
      look('mails and messages', seal, (become) => become(parcel.sealed, [parcelRecord(parcel)]))
  for await (const page of sealed.artifacts())
    for (const { model, key, sealed: text } of page)
      look('sessions and tokens', seal, (become) => become(text, [artifactRecord(model, key)]))
  const checkpoints = checkpointSeal(ring)
  for await (const page of checkpointPages(durable))
    for (const { content, seal: made } of page) {
      const id = keyIdOf(made)
      if (id === ring.current) continue
      if (!ring.ids.includes(id) || checkpoints.holds(content, made)) need(id, 'checkpoints')
      else found.broken += 1
    }
  for await (const page of sealed.records(rootKeyKind))
    for (const { id, record } of page) look('kept keys', kept, (become) => inRootKey(record, id, become))
  return found
}

function opens(seal: Sealer, text: string, record: string): boolean {
  try {
    seal.open(text, record)
    return true
  } catch {
    return false
  }
}

/** Of numbers that are counted by another key than the newest. What does not open is told of as that. */
function keysOfNumbers({ authenticators }: PersonRecord, ring: Keyring, seal: Sealer): Set<string> {
  const keys = new Set<string>()
  for (const { accountId, id, sealed, numberKey } of authenticators) {
    if (numberKey === undefined || !ring.ids.includes(keyIdOf(sealed))) continue
    const record = authenticatorRecord(accountId, id)
    if (!opens(seal, sealed, record)) continue
    const number = seal.open(sealed, record)
    const by = ring.ids.find((root) => hmac(ring.derive('phone-numbers', root), number) === numberKey)
    if (by !== undefined && by !== ring.current) keys.add(by)
  }
  return keys
}

/** `3 people, 12 passwords` */
export function inWords(needs: Needs): string {
  return THINGS.flatMap((thing) =>
    needs[thing] ? [`${needs[thing]} ${needs[thing] === 1 ? ONE[thing] : thing}`] : [],
  ).join(', ')
}

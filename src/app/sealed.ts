/** What a restored store keeps sealed, opened once: whether the keys that there are open all of it. */
import type { Keyring, Sealer } from '../lib/crypto.ts'
import { openAuthenticator } from '../mfa/sealed-authenticator.ts'
import type { PersonRecord } from '../person/person.ts'
import { caseRecord, noteRecord } from '../recovery/case.ts'
import type { PortableStore } from '../store/portable.ts'

export interface Opened {
  holds: { people: number; factors: number; organizations: number; applications: number; signingKeys: number }
  /** Ids of root keys that something needs. */
  needed: string[]
  /** Those of them that are not there. */
  missing: string[]
  /** How many records were opened. */
  opened: number
  /** How many do not open though their key is there: they were changed, or belong elsewhere. */
  unopened: number
}

/** Opens one record, and throws if it does not open. */
type Opening = { keyId: string; open: () => unknown }

export async function openAll(
  { sections }: PortableStore,
  { ring, seal }: { ring: Keyring; seal: Sealer },
): Promise<Opened> {
  const holds: Opened['holds'] = { people: 0, factors: 0, organizations: 0, applications: 0, signingKeys: 0 }
  const [needed, missing] = [new Set<string>(), new Set<string>()]
  const counted = { opened: 0, unopened: 0 }

  function open({ keyId, open }: Opening): void {
    needed.add(keyId)
    if (!isThere(ring, keyId)) {
      missing.add(keyId)
      return
    }
    try {
      open()
      counted.opened += 1
    } catch {
      counted.unopened += 1
    }
  }

  const sealed = (text: string, record: string): Opening => ({
    keyId: text.split('.', 1)[0] ?? '',
    open: () => seal.open(text, record),
  })

  for await (const page of sections.people.pages())
    for (const { record } of page) {
      if (record.account) holds.people += 1
      holds.factors += record.authenticators.length
      for (const one of ofPerson(record, { ring, seal, sealed })) open(one)
    }
  for await (const page of sections.parcels.pages())
    for (const { record } of page) open(sealed(record.sealed, `parcel/${record.channel}/${record.id}`))
  for await (const page of sections.keys.pages())
    for (const key of page.flatMap(({ record }) => record.keys)) {
      holds.signingKeys += 1
      open(sealed(key.sealed, `signing-key/${key.kid}`))
    }
  for await (const page of sections.organizations.pages()) holds.organizations += page.length
  for await (const page of sections.clients.pages()) holds.applications += page.length
  return { holds, needed: [...needed].sort(), missing: [...missing].sort(), ...counted }
}

function ofPerson(
  { account, authenticators, cases }: PersonRecord,
  { ring, seal, sealed }: { ring: Keyring; seal: Sealer; sealed: (text: string, record: string) => Opening },
): Opening[] {
  // The pepper is derived from the key that stands before the first colon (accounts/password.ts).
  const pepper = account?.passwordHash?.split(':', 1)[0]
  return [
    ...(pepper === undefined ? [] : [{ keyId: pepper, open: () => ring.derive('pepper', pepper) }]),
    ...authenticators.map((one) => ({ ...sealed(one.sealed, ''), open: () => openAuthenticator(seal, one) })),
    ...cases.flatMap(({ number, sealed: contact, sealedNote: note }) => [
      sealed(contact, caseRecord(number)),
      ...(note === undefined ? [] : [sealed(note, noteRecord(number))]),
    ]),
  ]
}

function isThere(ring: Keyring, keyId: string): boolean {
  try {
    ring.derive('records', keyId)
    return true
  } catch {
    return false
  }
}

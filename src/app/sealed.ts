/** What a restored store keeps sealed, opened once: whether the keys that are there open all of it, and what else it holds. */
import { parcelRecord } from '../delivery/queue.ts'
import { inMadeOnce, inPerson } from '../keys/places.ts'
import { type Keyring, keyIdOf, sealer } from '../lib/crypto.ts'
import { signingKeyRecord } from '../oidc/keys.ts'
import type { PortableStore } from '../store/portable.ts'

export interface Opened {
  holds: { people: number; factors: number; organizations: number; applications: number; signingKeys: number }
  /** Ids of the root keys that it is sealed by. */
  sealedBy: string[]
  opened: number
  /** Texts that do not open though their key is here: they were changed, or belong elsewhere. */
  unopened: number
}

/** What a key is missing for is not counted: keys/in-use.ts says that of all that needs one. */
export async function openAll({ sections }: PortableStore, ring: Keyring): Promise<Opened> {
  const seal = sealer(ring, 'records')
  const holds: Opened['holds'] = { people: 0, factors: 0, organizations: 0, applications: 0, signingKeys: 0 }
  const sealedBy = new Set<string>()
  const counted = { opened: 0, unopened: 0 }

  function open(text: string, records: string[]): string {
    const id = keyIdOf(text)
    sealedBy.add(id)
    if (!ring.ids.includes(id)) return text
    const isOpened = records.some((record) => {
      try {
        seal.open(text, record)
        return true
      } catch {
        return false
      }
    })
    counted[isOpened ? 'opened' : 'unopened'] += 1
    return text
  }

  for await (const page of sections.people.pages())
    for (const { record } of page) {
      if (record.account) holds.people += 1
      holds.factors += record.authenticators.length
      inPerson(record, open)
    }
  for await (const page of sections.madeOnce.pages()) for (const { key, record } of page) inMadeOnce(record, key, open)
  for await (const page of sections.parcels.pages())
    for (const { record } of page) open(record.sealed, [parcelRecord(record)])
  for await (const page of sections.keys.pages())
    for (const key of page.flatMap(({ record }) => record.keys)) {
      holds.signingKeys += 1
      open(key.sealed, [signingKeyRecord(key.kid)])
    }
  for await (const page of sections.organizations.pages()) holds.organizations += page.length
  for await (const page of sections.clients.pages()) holds.applications += page.length
  return { holds, sealedBy: [...sealedBy].sort(), ...counted }
}

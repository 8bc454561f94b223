/** The list of applications: by name, narrowed, a page at a time; and the kinds that a record is of. */
import { describe, expect, test } from 'vitest'
import { beginning, KINDS, kindOf, proposedId } from '../../../src/client/kinds.ts'
import { inOrder, listed, type Wanted } from '../../../src/client/listing.ts'
import { type ClientRecord, clientKind } from '../../../src/client/record.ts'
import { DEFINITIONS } from '../../support/unit/applications.ts'

function record(
  id: string,
  client_name: string,
  changes: Partial<ClientRecord> = {},
): { id: string; record: ClientRecord } {
  const definition = {
    client_id: id,
    client_name,
    grant_types: ['authorization_code'],
    redirect_uris: [`https://${id}.example/`],
  }
  return { id, record: { ...clientKind.empty(), version: 1, definition, ...changes } }
}

const SOME = inOrder([
  record('c', 'Zebra'),
  record('b', 'alpha', { owner: { kind: 'file', file: 'clients.yaml', line: 3 } }),
  record('a', 'Alpha'),
  record('d', 'Élan', { status: 'disabled' }),
  record('e', 'Gone', { status: 'deleted' }),
  record('f', 'Worker', { definition: { client_id: 'f', client_name: 'Worker', grant_types: ['client_credentials'] } }),
])

function ids(wanted: Partial<Wanted>): string {
  return listed(SOME, { limit: 50, ...wanted })
    .found.map(({ id }) => id)
    .join('')
}

test.each<[Partial<Wanted>, string]>([
  [{}, 'abfcd'],
  [{ status: 'deleted' }, 'e'],
  [{ status: 'active' }, 'abfc'],
  [{ owner: 'file' }, 'b'],
  [{ owner: 'store' }, 'afcd'],
  [{ kind: 'service' }, 'f'],
  [{ text: 'ALPHA' }, 'ab'],
  [{ text: 'c.example' }, 'c'],
  [{ text: 'f' }, 'f'],
  [{ text: 'nobody' }, ''],
  [{ text: 'alpha', owner: 'store' }, 'a'],
  [{ after: 'b' }, 'fcd'],
  [{ after: 'nobody' }, 'abfcd'],
])('%j finds %s', (wanted, found) => expect(ids(wanted)).toBe(found))

test('pages of any size follow each other, with nothing twice and nothing missing', () => {
  for (const limit of [1, 2, 3, 5]) {
    const seen: string[] = []
    for (let after: string | undefined, more = true; more; ) {
      const { found, next } = listed(SOME, { limit, after })
      seen.push(...found.map(({ id }) => id))
      after = next
      more = next !== undefined
    }
    expect(seen.join('')).toBe('abfcd')
  }
})

test('a page of a hundred thousand costs what a page of five hundred does', () => {
  const many = (count: number) =>
    inOrder(Array.from({ length: count }, (_, nth) => record(`id-${nth}`, `Name ${String(nth).padStart(6, '0')}`)))
  const [some, most] = [many(500), many(100_000)]
  // By how many records it looks at, which no machine says differently.
  const looked = (ordered: typeof some, wanted: Partial<Wanted>) => {
    let seen = 0
    const records = new Proxy([...ordered.records], {
      get(target, name, receiver) {
        if (typeof name === 'string' && /^\d+$/.test(name)) seen += 1
        return Reflect.get(target, name, receiver)
      },
    })
    expect(listed({ ...ordered, records }, { limit: 50, ...wanted }).found).toHaveLength(50)
    return seen
  }
  expect(looked(most, {})).toBe(looked(some, {}))
  expect(looked(most, { after: 'id-90000', status: 'active' })).toBe(
    looked(some, { after: 'id-100', status: 'active' }),
  )
})

describe('kinds', () => {
  test.each(KINDS)('a new one of the kind %s is in order by itself, and is told to be of it', (kind) => {
    const address = kind === 'native' ? 'org.example.roster:/callback' : 'https://roster.example/callback'
    const given = beginning(kind, { client_id: 'roster', client_name: 'Roster', address })
    const checked = DEFINITIONS.client(given, { scopes: new Set(), hasSecret: true, ours: [] })
    expect(checked.ok && kindOf(checked.definition)).toBe(kind)
    expect(checked.ok && checked.definition).toMatchObject({ require_pkce: true, first_party: false })
  })

  test.each([
    ['Roster', 'roster'],
    ['  Rooster & planning (Noord) ', 'rooster-planning-noord'],
    ['Één Çedille', 'een-cedille'],
    ['时间表', 'application'],
    ['x'.repeat(80), 'x'.repeat(40)],
    ['taken', 'taken-3'],
  ])('%s is proposed the id %s', (name, id) =>
    expect(proposedId(name, (one) => ['taken', 'taken-2'].includes(one))).toBe(id),
  )
})

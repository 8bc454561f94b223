/** What may happen to what is defined: versions, whose it is, and a change over somebody else's. */
import { describe, expect, test } from 'vitest'
import {
  adopt,
  type By,
  change,
  create,
  definitionOf,
  disable,
  enable,
  moveLine,
  release,
  remove,
} from '../../../src/client/changes.ts'
import { type ClientRecord, clientKind, MOST_VERSIONS, type Owner } from '../../../src/client/record.ts'

const STORE: Owner = { kind: 'store' }
const FILE: Owner = { kind: 'file', file: 'config/clients.yaml', line: 14 }
const by = (at = 1000, actor = 'chris'): By => ({ actor, via: 'pages', at })

function made(owner: Owner = STORE): ClientRecord {
  const draft = clientKind.empty()
  create(draft, { definition: { client_id: 'roster', client_name: 'Roster' }, owner }, by())
  return draft
}

test('one that is made is version 1, and says by whom and how', () => {
  expect(made()).toMatchObject({
    status: 'active',
    version: 1,
    createdAt: 1000,
    changedAt: 1000,
    versions: [
      {
        version: 1,
        at: 1000,
        actor: 'chris',
        via: 'pages',
        changes: [
          { field: 'client_id', to: 'roster' },
          { field: 'client_name', to: 'Roster' },
        ],
      },
    ],
  })
})

test('a change is told field by field, and what was there before can be put back', () => {
  const draft = made()
  const definition = { client_id: 'roster', client_name: 'Rosters', staff_only: true }
  expect(change(draft, { definition, on: 'store', read: 1 }, by(2000))).toEqual({
    ok: true,
    version: 2,
    changes: [
      { field: 'client_name', from: 'Roster', to: 'Rosters' },
      { field: 'staff_only', to: true },
    ],
  })
  expect(definitionOf(draft, 1)).toEqual({ client_id: 'roster', client_name: 'Roster' })
  expect(definitionOf(draft, 3)).toBeUndefined()
})

test('what changes nothing is no version', () => {
  const draft = made()
  const before = structuredClone(draft)
  expect(change(draft, { definition: { ...draft.definition }, on: 'store' }, by(9000))).toMatchObject({ changes: [] })
  expect(enable(draft, { on: 'store' }, by(9000))).toMatchObject({ ok: true, version: 1 })
  expect(draft).toEqual(before)
})

test('over somebody else’s change it is refused, and told what that was', () => {
  const draft = made()
  change(draft, { definition: { client_id: 'roster', client_name: 'Theirs' }, on: 'store', read: 1 }, by(2000, 'otto'))
  const mine = { definition: { client_id: 'roster', client_name: 'Mine' }, on: 'store', read: 1 } as const
  expect(change(draft, mine, by(3000))).toMatchObject({
    ok: false,
    reason: 'changed-meanwhile',
    version: 2,
    since: [{ actor: 'otto', changes: [{ field: 'client_name', from: 'Roster', to: 'Theirs' }] }],
  })
  expect(draft.definition.client_name).toBe('Theirs')
})

describe('whose it is', () => {
  const RULES = {
    change: (draft: ClientRecord) => change(draft, { definition: {}, on: 'store' }, by()),
    remove,
  }

  test.each(Object.keys(RULES) as Array<keyof typeof RULES>)('%s of what a file owns is the file’s', (name) => {
    const draft = made(FILE)
    const outcome = RULES[name](draft, { on: 'store' }, by())
    expect(outcome).toEqual({ ok: false, reason: 'owned-by-file', owner: FILE })
    expect(draft).toEqual(made(FILE))
  })

  test('but in an emergency it is disabled by hand, and enabled again by hand', () => {
    const draft = made(FILE)
    expect(disable(draft, { on: 'store' }, by())).toMatchObject({ ok: true, version: 2 })
    expect(draft).toMatchObject({ status: 'disabled', owner: FILE })
    expect(enable(draft, { on: 'store' }, by())).toMatchObject({ ok: true, version: 3 })
    expect(disable(made(), { on: 'file' }, by())).toEqual({ ok: false, reason: 'owned-by-store' })
  })

  test('what left its file comes back with it only', () => {
    const draft = made(FILE)
    disable(draft, { on: 'file' }, { ...by(), via: 'file' })
    expect(enable(draft, { on: 'store' }, by())).toEqual({ ok: false, reason: 'owned-by-file', owner: FILE })
  })

  test('and the file does not touch what others own', () =>
    expect(disable(made(), { on: 'file' }, by())).toEqual({ ok: false, reason: 'owned-by-store' }))

  test('it moves across, as a version', () => {
    const draft = made()
    expect(adopt(draft, { owner: FILE }, by(2000))).toMatchObject({ version: 2, changes: [{ field: 'owner' }] })
    expect(release(draft, {}, by(3000))).toMatchObject({ version: 3, changes: [{ field: 'owner' }] })
    expect(draft.owner).toEqual(STORE)
  })

  test('another line is none', () => {
    const draft = made(FILE)
    expect(moveLine(draft, { ...FILE, line: 20 }, 2000)).toBe(true)
    expect(draft).toMatchObject({ version: 1, changedAt: 2000, owner: { line: 20 } })
    expect(moveLine(draft, { ...FILE, line: 20 }, 3000)).toBe(false)
  })
})

test('a deleted id stays: nothing happens to it any more, and nobody gets it', () => {
  const draft = made()
  expect(remove(draft, { on: 'store' }, by())).toMatchObject({ ok: true })
  for (const outcome of [
    create(draft, { definition: { client_id: 'roster' }, owner: STORE }, by()),
    enable(draft, { on: 'store' }, by()),
    change(draft, { definition: {}, on: 'store' }, by()),
    adopt(draft, { owner: FILE }, by()),
  ])
    expect(outcome).toEqual({ ok: false, reason: 'deleted' })
  expect(draft.status).toBe('deleted')
})

test('of one that is there none is made, and of none nothing is changed', () => {
  expect(create(made(), { definition: {}, owner: STORE }, by())).toEqual({ ok: false, reason: 'id-taken' })
  expect(disable(clientKind.empty(), { on: 'store' }, by())).toEqual({ ok: false, reason: 'not-found' })
})

test('the oldest versions go', () => {
  const draft = made()
  for (let turn = 0; turn < MOST_VERSIONS + 5; turn += 1)
    change(draft, { definition: { client_id: 'roster', client_name: `${turn}` }, on: 'store' }, by(turn))
  expect(draft.versions).toHaveLength(MOST_VERSIONS)
  expect(draft.versions.at(-1)?.version).toBe(draft.version)
})

test('a clock that is behind does not hide a change from those who follow', () => {
  const draft = made()
  disable(draft, { on: 'store' }, by(5000))
  enable(draft, { on: 'store' }, by(4000))
  expect(draft.changedAt).toBe(5000)
})

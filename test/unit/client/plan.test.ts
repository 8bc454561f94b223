/** What a file would do is known before anything is done, and its digest stands for exactly that. */
import { describe, expect, test } from 'vitest'
import { applied, appliedKind, begin, end, isReplaced } from '../../../src/client/applied.ts'
import type { Entry } from '../../../src/client/file.ts'
import { type Kept, type Plan, plan } from '../../../src/client/plan.ts'
import { clientKind, type Definition, type Owner, type Version } from '../../../src/client/record.ts'

const ROSTER = { client_id: 'roster', client_name: 'Roster', redirect_uris: ['https://roster.example.org/'] }

function defined(id: string, changes: Record<string, unknown> = {}, line = 2): Entry {
  return { noun: 'client', id, definition: { ...ROSTER, client_id: id, ...changes }, secrets: [], line }
}

interface Given {
  definition?: Definition
  version?: number
  owner?: 'store' | 'file' | 'adopted' | 'left'
  deleted?: boolean
}

const OWNERS: Record<string, Owner> = {
  store: { kind: 'store' },
  file: { kind: 'file', file: 'clients.yaml', line: 3 },
  adopted: { kind: 'file', file: 'clients.yaml' },
  left: { kind: 'file', file: 'clients.yaml' },
}

function kept(id: string, { owner = 'file', deleted = false, ...given }: Given = {}): Kept {
  const definition = { ...ROSTER, client_id: id }
  const record = { ...clientKind.empty(), definition, version: 1, owner: OWNERS[owner] ?? { kind: 'store' }, ...given }
  if (deleted) return { noun: 'client', id, record: { ...record, status: 'deleted' } }
  return {
    noun: 'client',
    id,
    record: owner === 'left' ? { ...record, status: 'disabled', versions: [DISABLED] } : record,
  }
}

const DISABLED: Version = {
  version: 2,
  at: 0,
  actor: 'olga',
  via: 'file',
  changes: [{ field: 'status', from: 'active', to: 'disabled' }],
  definition: ROSTER,
}

function planned(file: Entry[], before: Kept[]): Plan {
  const outcome = plan(file, before, 0)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.faults))
  return outcome.plan
}

const ids = (steps: Array<{ id: string }>) => steps.map(({ id }) => id)

test('what the file has and the store has not is created, what is the same is untouched', () => {
  const found = planned([defined('roster'), defined('portal')], [kept('portal')])
  expect(ids(found.created)).toEqual(['roster'])
  expect(ids(found.untouched)).toEqual(['portal'])
  expect([found.changed, found.disabled]).toEqual([[], []])
})

test('a change is told field by field, with what was there', () => {
  const [change] = planned(
    [defined('roster', { client_name: 'Rosters', minimum_acr: 'mfa', redirect_uris: [] })],
    [kept('roster', { definition: { ...ROSTER, staff_only: true }, version: 4 })],
  ).changed
  expect(change).toMatchObject({ id: 'roster', version: 4 })
  expect(change?.changes).toEqual([
    { field: 'client_name', from: 'Roster', to: 'Rosters' },
    { field: 'redirect_uris', from: ['https://roster.example.org/'], to: [] },
    { field: 'minimum_acr', to: 'mfa' },
    { field: 'staff_only', from: true },
  ])
})

test('what left the file is disabled, once, and comes back with it', () => {
  expect(ids(planned([], [kept('roster')]).disabled)).toEqual(['roster'])
  expect(planned([], [kept('roster', { owner: 'left' })])).toMatchObject({ disabled: [], untouched: [] })
  expect(planned([defined('roster')], [kept('roster', { owner: 'left' })]).changed).toMatchObject([
    { id: 'roster', changes: [{ field: 'status', from: 'disabled', to: 'active' }] },
  ])
})

test('what the pages own is theirs: not disabled by a file that does not name it, and never taken by one that does', () => {
  expect(planned([], [kept('roster', { owner: 'store' })])).toMatchObject({
    disabled: [],
    untouched: [{ id: 'roster' }],
  })
  expect(plan([defined('roster', {}, 14)], [kept('roster', { owner: 'store' })], 0)).toMatchObject({
    ok: false,
    faults: [
      {
        code: 'owned-by-store',
        id: 'roster',
        line: 14,
        reason: expect.stringContaining('clients:adopt --client roster'),
      },
    ],
  })
})

test('what was adopted waits for the file to name it', () => {
  expect(planned([], [kept('roster', { owner: 'adopted' })])).toMatchObject({
    disabled: [],
    untouched: [{ id: 'roster' }],
  })
  expect(ids(planned([defined('roster')], [kept('roster', { owner: 'adopted' })]).untouched)).toEqual(['roster'])
})

test('an id that was deleted is never given again', () => {
  expect(plan([defined('roster')], [kept('roster', { deleted: true })], 0)).toMatchObject({
    ok: false,
    faults: [{ code: 'deleted', id: 'roster' }],
  })
  expect(planned([], [kept('roster', { deleted: true })])).toMatchObject({ disabled: [], untouched: [] })
})

test('a client and a resource of one name are two', () => {
  const resource: Entry = { ...defined('roster'), noun: 'resource' }
  expect(planned([resource], [kept('roster')])).toMatchObject({
    created: [{ noun: 'resource' }],
    disabled: [{ noun: 'client' }],
  })
})

describe('the digest', () => {
  const digest = (file: Entry[], before: Kept[]) => planned(file, before).digest
  const base = digest([defined('roster'), defined('portal')], [kept('portal', { definition: ROSTER })])

  test.each<[string, Entry[], Kept[]]>([
    ['another order in the file', [defined('portal'), defined('roster')], [kept('portal', { definition: ROSTER })]],
    ['another line', [defined('roster', {}, 9), defined('portal')], [kept('portal', { definition: ROSTER })]],
    [
      'somebody else’s client',
      [defined('roster'), defined('portal')],
      [kept('portal', { definition: ROSTER }), kept('other', { owner: 'store', version: 7 })],
    ],
  ])('is the same with %s', (_what, file, before) => expect(digest(file, before)).toBe(base))

  test.each<[string, Entry[], Kept[]]>([
    [
      'another definition',
      [defined('roster', { staff_only: true }), defined('portal')],
      [kept('portal', { definition: ROSTER })],
    ],
    [
      'another version to write over',
      [defined('roster'), defined('portal')],
      [kept('portal', { definition: ROSTER, version: 2 })],
    ],
    [
      'one that is there by now',
      [defined('roster'), defined('portal')],
      [kept('portal', { definition: ROSTER }), kept('roster')],
    ],
    [
      'one more to disable',
      [defined('roster'), defined('portal')],
      [kept('portal', { definition: ROSTER }), kept('old')],
    ],
  ])('is another with %s', (_what, file, before) => expect(digest(file, before)).not.toBe(base))
})

describe('two that apply', () => {
  const turn = (holder: string, now: number) => ({ holder, now, patience: 100 })

  test('take turns, and one that died is waited for no longer than it may take', () => {
    const draft = appliedKind.empty()
    expect([begin(draft, turn('a', 0)), begin(draft, turn('b', 99)), begin(draft, turn('a', 50))]).toEqual([
      true,
      false,
      true,
    ])
    end(draft, 'b')
    expect(begin(draft, turn('b', 60))).toBe(false)
    end(draft, 'a')
    expect(begin(draft, turn('b', 60))).toBe(true)
    expect(begin(draft, turn('a', 160))).toBe(true)
  })

  test('a file that another one took the place of is known', () => {
    const draft = appliedKind.empty()
    expect(isReplaced(draft, 'one')).toBe(false)
    for (const said of ['one', 'two', 'two']) applied(draft, said)
    expect([isReplaced(draft, 'one'), isReplaced(draft, 'two'), isReplaced(draft, 'three')]).toEqual([
      true,
      false,
      false,
    ])
    applied(draft, 'one')
    expect([isReplaced(draft, 'one'), isReplaced(draft, 'two')]).toEqual([false, true])
  })
})

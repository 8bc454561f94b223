/** The file of applications over a store: what owns what, who may apply when, and that no node undoes another’s work. */
import { describe, expect, test } from 'vitest'
import { appliedKind } from '../../../src/client/applied.ts'
import { change, disable, enable } from '../../../src/client/changes.ts'
import { type ClientFileParts, clientFile, type Starting } from '../../../src/client/client-file.ts'
import type { Entry } from '../../../src/client/file.ts'
import { decide } from '../../../src/client/proposal.ts'
import { clientKind, resourceKind } from '../../../src/client/record.ts'
import { addSecret, madeSecret } from '../../../src/client/secrets.ts'
import { memoryRecords } from '../../support/unit/memory-records.ts'

const WHO = { actor: 'olga', via: 'command-line' }
const NOW = Date.UTC(2026, 10, 29)

/** `a:Name b:Name` are two clients; `@scope` is a resource. */
function entriesOf(text: string | Uint8Array): Entry[] {
  return String(text)
    .split(' ')
    .filter(Boolean)
    .map((word, index) => {
      const [id = '', name] = word.split(':')
      if (!id.startsWith('@')) return entry('client', id, { client_id: id, client_name: name }, index)
      return entry('resource', id, { indicator: id, scopes: name?.split('+') ?? [] }, index)
    })
}

function entry(noun: Entry['noun'], id: string, definition: Entry['definition'], index: number): Entry {
  return { noun, id, definition, secrets: [], line: index + 2 }
}

function desk() {
  const shelves = {
    clients: memoryRecords(clientKind),
    resources: memoryRecords(resourceKind),
    appliedFiles: memoryRecords(appliedKind),
  }
  let clock = NOW
  const of = (text = '', parts: Partial<ClientFileParts> = {}) =>
    clientFile({
      ...shelves,
      name: 'clients.yaml',
      read: () => Buffer.from(text),
      check: entriesOf,
      follow: async () => undefined,
      pause: async () => {
        clock += 1000
      },
      now: () => clock,
      ...parts,
    })
  const file = of()
  return {
    ...shelves,
    file,
    async apply(text: string) {
      const { digest } = await file.plan(text)
      return file.apply(text, digest, WHO)
    },
    start: (text: string, starting: Partial<Starting> = {}) =>
      of(text).start({ applies: true, cluster: true, ...starting }),
    of,
    names: async () =>
      (await shelves.clients.list({ by: 'changedAt', limit: 100 }))
        .map(({ record }) => `${record.definition.client_name}${record.status === 'active' ? '' : ` ${record.status}`}`)
        .sort(),
    skip: (ms: number) => {
      clock += ms
    },
  }
}

const NOTHING = { created: [], changed: [], disabled: [] }

test('what was applied is kept with its file, its line, and a version that says who', async () => {
  const { apply, clients } = desk()
  await apply('a:A b:B')
  expect(await clients.find('b')).toMatchObject({
    owner: { kind: 'file', file: 'clients.yaml', line: 3 },
    version: 1,
    versions: [{ actor: 'olga', via: 'file', at: NOW }],
  })
  await apply('b:B a:A')
  expect(await clients.find('b')).toMatchObject({ owner: { line: 2 }, version: 1 })
  await apply('b:C a:A')
  expect(await clients.find('b')).toMatchObject({ version: 2, versions: [{}, { changes: [{ field: 'client_name' }] }] })
})

test('a digest of another plan does nothing', async () => {
  const { file, names } = desk()
  const { digest } = await file.plan('a:A')
  await expect(file.apply('a:B', digest, WHO)).rejects.toMatchObject({ code: 'plan-changed', status: 409 })
  expect(await names()).toEqual([])
  await file.apply('a:A', digest, WHO)
  await expect(file.apply('a:A', digest, WHO)).rejects.toMatchObject({ code: 'plan-changed' })
})

test('of two that apply other files at once one wins whole, and the other has done nothing', async () => {
  const { file, apply, names } = desk()
  await apply('a:A b:B c:C')
  const [one, other] = ['a:1 b:1 c:C', 'a:A b:2 c:2']
  const digests = [(await file.plan(one)).digest, (await file.plan(other)).digest]
  const both = await Promise.allSettled([
    file.apply(one, digests[0] ?? '', WHO),
    file.apply(other, digests[1] ?? '', WHO),
  ])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'plan-changed' } })
  expect([
    ['1', '1', 'C'],
    ['2', '2', 'A'],
  ]).toContainEqual(await names())
})

test('whoever died while applying is waited for no longer than a minute', async () => {
  const { appliedFiles, apply, names } = desk()
  await appliedFiles.change('clients', (draft) => {
    draft.busy = { holder: 'dead', until: NOW + 60_000 }
  })
  await apply('a:A')
  expect(await names()).toEqual(['A'])
})

test('what somebody changed between the plan and its step stops the rest, and the next plan shows it', async () => {
  const { of, apply, clients, file } = desk()
  await apply('a:A b:B')
  const { digest } = await file.plan('a:1 b:1')
  let looked = 0
  // The store as it was for the plan, and somebody quicker for its steps.
  const late = of('', {
    check: (text) => {
      looked += 1
      return entriesOf(text)
    },
    clients: {
      ...clients,
      change: async (id, rule) => {
        if (id === 'b') await clients.change('b', (draft) => disable(draft, { on: 'file' }, { ...WHO, at: NOW }))
        return clients.change(id, rule)
      },
    },
  })
  await expect(late.apply('a:1 b:1', digest, WHO)).rejects.toThrow(/b was changed meanwhile; done before: a/)
  expect(looked).toBe(1)
  expect(await file.plan('a:1 b:1')).toMatchObject({ created: [], changed: [{ id: 'b' }], disabled: [] })
})

test('what left the file is disabled and comes back with it; what an administrator disabled stays so', async () => {
  const { apply, clients, names } = desk()
  await apply('a:A b:B')
  await clients.change('b', (draft) => disable(draft, { on: 'file' }, { ...WHO, at: NOW }))
  expect(await apply('')).toMatchObject({ disabled: [{ id: 'a' }] })
  expect(await apply('')).toMatchObject({ ...NOTHING, untouched: [{ id: 'b' }] })
  await apply('a:A b:B')
  expect(await names()).toEqual(['A', 'B disabled'])
  await clients.change('b', (draft) => enable(draft, { on: 'file' }, { ...WHO, at: NOW }))
  expect(await apply('a:A b:B')).toMatchObject(NOTHING)
})

test('a file leaves the secrets that we made where they are', async () => {
  const { apply, clients } = desk()
  await apply('a:A')
  await clients.change('a', (draft) => addSecret(draft, { on: 'store', secret: madeSecret() }, { ...WHO, at: NOW }))
  await apply('a:B')
  expect((await clients.find('a'))?.secrets).toHaveLength(1)
})

test('released and adopted: whose it is', async () => {
  const { file, apply, clients } = desk()
  await apply('a:A b:B')
  expect(await file.release({ noun: 'client', id: 'b' }, WHO)).toEqual({ id: 'b', owner: 'store' })
  await expect(file.plan('a:A b:B')).rejects.toMatchObject({
    faults: [{ code: 'owned-by-store', path: 'client b', line: 3 }],
  })
  expect(await apply('a:A')).toMatchObject({ ...NOTHING, untouched: [{ id: 'a' }, { id: 'b' }] })
  expect(await file.adopt({ noun: 'client', id: 'b' }, WHO)).toBe('- client_id: b\n  client_name: B\n')
  expect(await clients.find('b')).toMatchObject({ owner: { kind: 'file', file: 'clients.yaml' } })
  expect((await clients.find('b'))?.owner).not.toHaveProperty('line')
  expect(await apply('a:A')).toMatchObject(NOTHING)
  expect(await apply('a:A b:B')).toMatchObject(NOTHING)
  expect(await clients.find('b')).toMatchObject({ owner: { line: 3 } })
  expect(await apply('a:A')).toMatchObject({ disabled: [{ id: 'b' }] })
  await expect(file.adopt({ noun: 'client', id: 'c' }, WHO)).rejects.toMatchObject({ code: 'not-found', status: 404 })
})

test('an export is what the file owns; all is for another installation', async () => {
  const { file, apply } = desk()
  await apply('a:A b:B c:C @api:read')
  await apply('a:A b:B @api:read')
  await file.release({ noun: 'client', id: 'b' }, WHO)
  expect(await file.export({ all: false })).toBe(
    "clients:\n  - client_id: a\n    client_name: A\nresources:\n  - indicator: '@api'\n    scopes: [ read ]\n",
  )
  expect(await file.export({ all: true })).toContain('client_id: b')
})

test('a scope that moves from one resource to another is given up first', async () => {
  const { apply, resources } = desk()
  await apply('@a:x+y @b:z')
  await apply('@a:x @b:z+y')
  expect(await resources.find('@b')).toMatchObject({ definition: { scopes: ['z', 'y'] } })
  await apply('@a:x+y @b:z')
  await apply('@c:x+y+z')
  expect(await resources.find('@a')).toMatchObject({ status: 'disabled' })
})

test('a start of one process applies its file, also one of before', async () => {
  const { start, names } = desk()
  for (const text of ['a:A', 'a:B', 'a:A']) await start(text, { cluster: false })
  expect(await names()).toEqual(['A'])
})

test('a start takes up where in its file something is by now', async () => {
  const { start, clients } = desk()
  await start('a:A b:B')
  await start('b:B a:A')
  expect(await clients.find('b')).toMatchObject({ version: 1, owner: { line: 2 } })
})

test('two nodes with different files never undo each other', async () => {
  const { start, names } = desk()
  expect(await start('a:Old')).toMatchObject({ ok: true, plan: { created: [{ id: 'a' }] } })
  expect(await start('a:New b:B')).toMatchObject({ ok: true })
  for (const _again of [1, 2])
    expect(await start('a:Old')).toMatchObject({ ok: false, plan: { changed: [{ id: 'a' }], disabled: [{ id: 'b' }] } })
  expect(await names()).toEqual(['B', 'New'])
  expect(await start('b:B a:New')).toMatchObject({ ok: true, plan: NOTHING })
})

test('a start that applies nothing says what its file would change, and takes it where the store has nothing', async () => {
  const { start, names } = desk()
  expect(await start('a:A', { applies: false })).toMatchObject({ ok: true })
  expect(await start('a:B', { applies: false })).toMatchObject({ ok: false, plan: { changed: [{ id: 'a' }] } })
  expect(await names()).toEqual(['A'])
})

test('a start whose file names what pages own applies nothing, and says so', async () => {
  const { start, file, names } = desk()
  await start('a:A')
  await file.release({ noun: 'client', id: 'a' }, WHO)
  expect(await start('a:B b:B')).toMatchObject({ ok: false, faults: [{ code: 'owned-by-store' }] })
  expect(await names()).toEqual(['A'])
})

test('two nodes that start at once on an empty store take the file once', async () => {
  const { start, clients } = desk()
  await Promise.all([start('a:A', { applies: false }), start('a:A', { applies: false })])
  expect(await clients.find('a')).toMatchObject({ version: 1 })
})

test('disabled by hand in an emergency: the file does not enable it, and its plan says by whom', async () => {
  const { apply, start, clients, file } = desk()
  await apply('a:A b:B')
  const byHand = { actor: 'olga', via: 'pages', at: NOW }
  await clients.change('a', (draft) => disable(draft, { on: 'store' }, byHand))
  for (const again of [() => apply('a:A b:B'), () => start('a:A b:B'), () => apply('b:B'), () => apply('a:New b:B')])
    await again()
  expect(await clients.find('a')).toMatchObject({ status: 'disabled', definition: { client_name: 'New' } })
  expect(await file.plan('a:New b:B')).toMatchObject({
    ...NOTHING,
    byHand: [{ noun: 'client', id: 'a', actor: 'olga', at: NOW }],
  })
  await clients.change('a', (draft) => enable(draft, { on: 'store' }, byHand))
  expect(await file.plan('a:New b:B')).toMatchObject({ ...NOTHING, byHand: [] })
})

describe('a protected application', () => {
  async function protectedOne() {
    const made = desk()
    await made.apply('a:A b:B')
    const mark = { actor: 'olga', via: 'file', at: NOW }
    await made.clients.change('a', (draft) =>
      change(draft, { on: 'file', definition: { ...draft.definition, protected: true } }, mark),
    )
    const proposals = async () => (await made.clients.find('a'))?.proposals ?? []
    return { ...made, proposals, name: async () => (await made.clients.find('a'))?.definition.client_name }
  }
  // Without the mark, so that applying it takes it away.
  const UNMARKED = 'a:Thief b:Better'

  test('the plan says what waits before anything is done; the rest is applied, and a second person is asked', async () => {
    const { file, apply, proposals, name, names } = await protectedOne()
    const planned = await file.plan(UNMARKED)
    expect(planned).toMatchObject({ changed: [{ id: 'b' }], waiting: [{ id: 'a', version: 2 }] })
    expect(planned.waiting[0]).not.toHaveProperty('approval')
    const done = await apply(UNMARKED)
    const [waits] = await proposals()
    expect(done.waiting).toMatchObject([{ id: 'a', approval: { id: `a.${waits?.id}`, state: 'open', asked: true } }])
    expect(waits).toMatchObject({ actor: 'olga', via: 'file', over: 2 })
    expect([await name(), await names()]).toEqual(['A', ['A', 'Better']])
  })

  test('starts ask once, and not again for what was declined; what is approved is what the file says', async () => {
    const { start, clients, proposals, name } = await protectedOne()
    for (let turn = 0; turn < 3; turn += 1) expect(await start(UNMARKED)).toMatchObject({ ok: true })
    const [waits, ...more] = await proposals()
    expect([more, waits?.actor]).toEqual([[], 'file'])
    const olga = { actor: 'olga', via: 'pages', at: NOW }
    await clients.change('a', (draft) => decide(draft, { id: waits?.id ?? '', to: 'decline' }, olga))
    expect(await start(UNMARKED)).toMatchObject({ ok: true, plan: { waiting: [{ approval: { state: 'declined' } }] } })
    expect(await start('a:Thief b:Best')).toMatchObject({ ok: true, plan: { changed: [{ id: 'b' }] } })
    expect(await proposals()).toHaveLength(1)

    // Another content takes the place of what it said before.
    await start('a:Honest b:Best')
    await start('a:Other b:Best')
    const [, taken, last] = await proposals()
    expect(taken?.decided).toMatchObject({ state: 'withdrawn', actor: 'file' })
    expect(
      await clients.change('a', (draft) => decide(draft, { id: last?.id ?? '', to: 'approve' }, olga)),
    ).toMatchObject({
      ok: true,
    })
    expect(await name()).toBe('Other')
    expect(await start('a:Other b:Best')).toMatchObject({ ok: true, plan: { ...NOTHING, waiting: [] } })
  })

  test('taken out of the file it is disabled at once, and comes back with a second person', async () => {
    const { apply, clients, file } = await protectedOne()
    await apply('b:B')
    expect(await clients.find('a')).toMatchObject({ status: 'disabled' })
    expect(await file.plan('a:A b:B')).toMatchObject({ changed: [], waiting: [{ id: 'a' }] })
  })

  test('released or adopted it is as protected as before', async () => {
    const { file, clients } = await protectedOne()
    await file.release({ noun: 'client', id: 'a' }, WHO)
    const thief = { on: 'store', definition: { client_id: 'a', client_name: 'Thief' } } as const
    expect(await clients.change('a', (draft) => change(draft, thief, { ...WHO, at: NOW }))).toMatchObject({
      reason: 'needs-approval',
    })
    await file.adopt({ noun: 'client', id: 'a' }, WHO)
    expect(await file.plan(UNMARKED)).toMatchObject({ waiting: [{ id: 'a' }] })
  })
})

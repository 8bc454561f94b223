/** What changes while an import is carried out, or taken back, is looked at again: nobody is made, or removed, by what was true before. */
import { expect, test } from 'vitest'
import { forgetPeople } from '../../../src/admin/import.ts'
import type { Actor } from '../../../src/admin/role.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { ADMIN_SCOPES } from '../../../src/client/scopes.ts'
import type { AppliedTold } from '../../../src/migration/migration.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { startApp } from '../../support/app/app.ts'
import { bringIn, fileOf, type Given, line, plan, run } from '../../support/people/imports.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { MACHINE } from '../../support/unit/administration.ts'

/** Done once, before the next change of a person. */
let meanwhile: (() => Promise<unknown>) | undefined

const app = forAllTests(() =>
  startApp({
    instrument: (store) => {
      const { people } = store.durable
      const change: typeof people.change = async (id, rule) => {
        const first = meanwhile
        meanwhile = undefined
        await first?.()
        return people.change(id, rule)
      }
      return { ...store, durable: { ...store.durable, people: { ...people, change } } }
    },
  }),
)

const olga = (scopes: readonly string[]): Actor => ({
  ...{ ...MACHINE, id: 'olga', roles: ['owner'], via: 'api', scopes: new Set(scopes) },
})
const forget = (given: Given, actor: Actor = olga(ADMIN_SCOPES)) => runVerb(app.core.admin, forgetPeople, given, actor)
/** Where there are several nodes: this one hears of it when it looks. */
const other = () => app.nodes.at(-1) ?? app.core
const people = () => app.core.store.durable.people
const found = async (source: string, number: number) => people().findBy(keyOf.external(source, `m${number}`))

function lines(from: number, count: number, more: Given = {}): Given[] {
  return Array.from({ length: count }, (_, at) => line(from + at, more))
}

test('a token for people alone takes back nobody who has a role, however many of them come first', async () => {
  const file = fileOf(app.folder, 'roles.jsonl', [...lines(0, 105, { roles: ['auditor'] }), ...lines(200, 3)])
  await bringIn(app.core, { source: 'rollen', file, withRoles: true })
  expect(await forget({ source: 'rollen' }, olga(['admin:people']))).toEqual({ forgotten: 3, left: 105 })
  expect(await forget({ source: 'rollen' })).toEqual({ forgotten: 105, left: 0 })
})

test.each<[string, (account: { organizationId: string | undefined; roles: string[] }) => void, object]>([
  ['is moved to another organization', (account) => Object.assign(account, { organizationId: 'elders' }), { left: 0 }],
  ['is given a role', (account) => Object.assign(account, { roles: ['owner'] }), { left: 1 }],
])('whoever %s meanwhile is not taken back', async (what, happens, expected) => {
  const name = `Molen ${what}`
  await run(app.core, 'organization:add', { name })
  const source = what.replaceAll(' ', '-').slice(0, 20)
  const file = fileOf(app.folder, 'one.jsonl', [line(300, { organization: name, email: `${source}@oud.example` })])
  await bringIn(app.core, { source, file })
  const { id = '' } = (await found(source, 300)) ?? {}
  meanwhile = () => people().change(id, ({ account }) => account && happens(account))
  const actor = olga(['admin:people'])
  expect(await forget({ source, organization: name }, actor)).toEqual({ forgotten: 0, ...expected })
  expect(await found(source, 300)).toBeDefined()
})

test.each<[string, (name: string) => Promise<void>, object]>([
  [
    'is disabled',
    async (organization) => void (await run(other(), 'organization:disable', { organization })),
    { refuse: 50 },
  ],
  [
    'is called otherwise, and another is called so',
    async (name) => {
      await run(other(), 'organization:change', { organization: name, name: `${name} (oud)` })
      await run(other(), 'organization:add', { name })
    },
    { refuse: 0 },
  ],
])('what is still to come of a run is left when its organization %s meanwhile', async (what, happens, totals) => {
  const name = `Bakker ${what}`
  const { id } = await run<{ id: string }>(app.core, 'organization:add', { name })
  const source = what.replaceAll(/\W/g, '-').slice(0, 12)
  const file = fileOf(
    app.folder,
    'long.jsonl',
    lines(400, 150, { organization: name }).map((each) => ({
      ...each,
      email: `${source}-${each.external_id}@oud.example`,
    })),
  )
  const { digest, totals: planned } = await plan(app.core, { source, file })
  expect(planned).toMatchObject({ create: 150, refuse: 0 })
  meanwhile = () => happens(name)
  const done = await run<AppliedTold>(app.core, 'people:apply', { source, file, plan: digest })
  expect(done).toMatchObject({ totals, written: 100 })
  expect(done.moved.map(({ line: at }) => at)).toEqual(Array.from({ length: 50 }, (_, at) => 101 + at))
  expect((await found(source, 499))?.record.account?.organizationId).toBe(id)
  expect(await found(source, 500)).toBeUndefined()
})

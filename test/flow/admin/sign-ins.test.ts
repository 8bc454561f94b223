/** Who signed in to an application lately: how many, and for whoever may look at people, who. */
import { beforeAll, expect, test } from 'vitest'
import { listClientSignIns } from '../../../src/admin/client-sign-ins.ts'
import type { Actor } from '../../../src/admin/role.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { DAY } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { relyingParty, world } from '../../support/oidc/relying-party.ts'
import { colleague, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const here = forAllTests(world)
const PAGE = '/admin/applications/house/sign-ins'
let anna: Someone
let chris: Someone & { id: string }

beforeAll(async () => {
  anna = await colleague(here.app, 'auditor')
  chris = await colleague(here.app, 'client-admin')
  const house = await relyingParty(here, 'house')
  await house.signIn(new Person())
  await here.app.drain()
})

async function page(who: Someone): Promise<string> {
  await visit(here.app, who, PAGE)
  expect(who.browser.page.status).toBe(200)
  return text(who.browser.page)
}

const run = (actor: Actor) => runVerb(here.app.core.admin, listClientSignIns, { client: 'house' }, actor)
const asked = (roles: string[]): Actor => ({ id: chris.id, roles, via: 'pages', source: undefined })

test('an auditor reads how many came in since when, and who; a person counts once', async () => {
  const shown = await page(anna)
  expect(shown).toContain('1 person signed in since')
  expect(shown).toContain('sanne@sigma.example')
})

test('who administers applications only reads how many', async () => {
  const shown = await page(chris)
  expect(shown).toContain('1 person signed in since')
  expect(shown).not.toContain('sanne@sigma.example')
  expect(await run(asked(['client-admin']))).not.toHaveProperty('newest')
  // A role more is a right more.
  expect((await run(asked(['client-admin', 'help-desk']))).newest).toHaveLength(1)
})

test('so much is looked at, however much there is; and what is older than thirty days is not counted', async () => {
  const { core } = here.app
  const issued = { type: 'token.issued', outcome: 'ok', actor: 'client:house', client: 'house' } as const
  await Promise.all(Array.from({ length: 2000 }, () => core.record(issued)))
  expect(await run(asked(['owner']))).toMatchObject({ people: 0, stopped: true, newest: [] })
  pass(31 * DAY)
  expect(await run(asked(['owner']))).toMatchObject({ people: 0, stopped: false })
})

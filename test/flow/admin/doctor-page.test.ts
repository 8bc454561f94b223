/** The page of the doctor: its buttons, and addresses that somebody planted so that they are registered in good faith. */
import { beforeAll, describe, expect, test } from 'vitest'
import { SECOND } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { type FaultyApplication, faulty } from '../../support/oidc/faulty-application.ts'
import { relyingParty, world } from '../../support/oidc/relying-party.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()
const here = forAllTests(() => world())
let chris: Someone
let sanne: Person
let nth = 0

beforeAll(async () => {
  chris = await colleague(here.app, 'client-admin')
  sanne = new Person()
  await (await relyingParty(here, 'house')).signIn(sanne)
})

async function application(fields: Record<string, unknown> = {}): Promise<FaultyApplication> {
  nth += 1
  return faulty(here, `paged${nth}`, fields)
}

async function look(id: string): Promise<string> {
  await visit(here.app, chris, `/admin/applications/${id}/doctor`)
  expect(chris.browser.page.status).toBe(200)
  return text(chris.browser.page)
}

const kept = (id: string) => here.app.core.store.durable.clients.find(id)

describe('a button', () => {
  test('leads to what would change, and only **Save** changes it; then the same works', async () => {
    const app = await application()
    await app.ask(sanne, { redirect_uri: `${app.callback}/` })
    expect(await look(app.id)).toContain(`${app.callback}/; registered is ${app.callback}`)
    expect(await look(app.id)).toContain('which anybody can send')
    await send(chris)
    expect(text(chris.browser.page)).toContain(`${app.callback}/`)
    expect((await kept(app.id))?.version).toBe(1)
    await send(chris, { step: 'save' })
    await here.app.followClients()
    const { version, versions, definition } = (await kept(app.id)) ?? {}
    expect([version, versions?.at(-1)?.via, versions?.at(-1)?.changes.map(({ field }) => field)]).toEqual([
      2,
      'pages',
      ['redirect_uris'],
    ])
    expect(definition?.redirect_uris).toEqual([app.callback, `${app.callback}/`])
    expect((await app.ask(sanne, { redirect_uri: `${app.callback}/` })).back?.get('code')).toBeTruthy()
  })

  test('there is none for what a file says', async () => {
    const party = await relyingParty(here, 'second')
    await new Person().visit((await party.request({ redirect_uri: `${party.redirectUri}/` })).url.href)
    expect(await look('second')).toContain(`${party.redirectUri}/; registered is`)
    expect(chris.browser.page.html).not.toContain('name="yaml"')
  })

  test('to try it acts as the application, and says when', async () => {
    const app = await application({ backchannel_logout_uri: '{apps}/x'.replace('{apps}', here.apps.origin) })
    expect(await look(app.id)).toContain('has not acted as it')
    await send(chris)
    const page = text(chris.browser.page)
    expect(page).toContain('It took a logout token.')
    expect(page).toMatch(/The doctor acted as it at/)
  })
})

describe('an address that was planted', () => {
  const EVIL = 'https://evil.example/callback'

  test('is offered by no button, and is told to be anybody’s', async () => {
    const app = await application()
    for (let times = 0; times < 30; times += 1) await app.ask(new Person(), { redirect_uri: `${EVIL}/${times}` })
    const page = await look(app.id)
    expect(page).toContain('Anybody can send such a request')
    expect(page).toContain('Not certain')
    expect(chris.browser.page.html).not.toContain('name="yaml"')
    expect((await app.doctor()).checks.filter(({ fix }) => fix)).toEqual([])
  })

  test('does not hide what is really wrong, however often it comes', async () => {
    const app = await application()
    await app.ask(sanne, { redirect_uri: `${app.callback}/` })
    for (let times = 0; times < 40; times += 1) {
      await app.ask(new Person(), { redirect_uri: `${EVIL}/${times}` })
      if (times % 8 === 0) pass(SECOND)
    }
    const [first] = (await app.doctor()).checks
    expect([first?.finding, first?.values.sent]).toEqual(['redirect-address', `${app.callback}/`])
  })

  test('with a query that is not kept, or a name before its host, is offered by none', async () => {
    const app = await application()
    const { host } = new URL(app.callback)
    await app.ask(sanne, { redirect_uri: `${app.callback}?next=https://evil.example/` })
    await app.ask(sanne, { redirect_uri: `http://${host}@evil.example/callback` })
    expect((await app.doctor()).checks.filter(({ fix }) => fix)).toEqual([])
  })

  test('a sentence in the place of a name is not told on', async () => {
    const app = await application()
    const sentence = 'help from evil.example: give them your code'
    for (const parameter of ['response_type', 'response_mode']) {
      await app.ask(sanne, { [parameter]: sentence })
      const { checks } = await app.doctor()
      expect(checks.map(({ finding }) => finding)).toContain('response-type')
      expect(JSON.stringify(checks)).not.toContain('evil.example')
      pass(SECOND)
    }
    await app.ask(sanne, { response_type: 'id_token token' })
    expect((await app.doctor()).checks.map(({ sentence: said }) => said).join()).toContain('id_token token')
  })

  test('and never becomes markup', async () => {
    const app = await application()
    await app.ask(sanne, { redirect_uri: `${app.callback}/"><script>alert(1)</script>` })
    await look(app.id)
    expect(chris.browser.page.html).not.toContain('<script>alert')
  })
})

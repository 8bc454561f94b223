/**
 * Many people invited through the API, and their mails sent by whichever node comes first; on the pages what a form of them
 * carries is not believed.
 */
import { beforeAll, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { adminWorld, type Caller, serviceCaller } from '../../support/oidc/admin-api.ts'
import { colleague, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const here = forAllTests(() => adminWorld())
let helper: Caller
let hanna: Someone
let robot: Caller
beforeAll(async () => {
  helper = await serviceCaller(here, 'helper')
  robot = await serviceCaller(here, 'robot')
  hanna = await colleague(here.app, 'help-desk')
})

const base64 = (file: string) => Buffer.from(file).toString('base64')
const asked = (file: string) => ({ csv: base64(file), anyTime: true, perHour: 6000 })
const mailed = async (part: string) =>
  (await here.app.inbox()).filter(({ to }) => to.includes(part)).map(({ to }) => to)

test('from a plan to whoever has not come, each mailed once though every node sends', async () => {
  const file = 'email;name\nanne@many.example;Anne\nbob@many.example;Bob\nnobody;Nobody\ncas@many.example;Cas\n'
  expect(await robot.send('POST', '/invitation-plan', asked(file))).toMatchObject({ status: 403 })
  const plan = await helper.send('POST', '/invitation-plan', asked(file))
  expect(plan).toMatchObject({ status: 200, body: { invite: 3, same: 0, refused: 1, waves: [{ count: 3 }] } })
  expect(plan.body.lines[2]).toMatchObject({ line: 4, action: 'refuse', faults: [{ field: 'email', code: 'format' }] })

  const stale = { ...asked(file), digest: '0'.repeat(32) }
  expect(await helper.send('POST', '/invitations', stale)).toMatchObject({
    status: 409,
    body: { code: 'plan-changed' },
  })
  const wish = { ...asked(file), digest: plan.body.digest, label: 'Many' }
  const sent = await Promise.all([1, 2].map(() => helper.send('POST', '/invitations', wish)))
  const invited = sent.reduce((sum, { body }) => sum + (body.invited ?? 0), 0)
  expect([invited, sent.map(({ body }) => body.round)]).toEqual([3, [plan.body.round, plan.body.round]])

  pass(MINUTE)
  for (const _round of [1, 2]) await Promise.all(here.app.nodes.map((node) => node.invitations.sendDue()))
  expect((await mailed('@many.example')).sort()).toEqual(['anne@many.example', 'bob@many.example', 'cas@many.example'])
  const anne = new Person()
  await anne.visit(await here.app.linkFor('anne@many.example'))
  await anne.submit({ password: PASSWORD, repeat: PASSWORD })

  const round = `/invitations/${plan.body.round}`
  expect((await helper.get(round)).body).toMatchObject({ label: 'Many', people: 3, due: 0, sent: 2, came: 1 })
  expect((await helper.get('/invitations')).body.items).toMatchObject([{ round: plan.body.round, came: 1 }])
  const absent = await helper.get(`${round}/absent?limit=1`)
  expect(absent.body).toMatchObject({ items: [{ name: 'Bob', status: 'invited' }], next: expect.any(String) })
  const rest = await helper.get(`${round}/absent?limit=1&after=${absent.body.next}`)
  expect(rest.body.items).toMatchObject([{ name: 'Cas' }])
  expect((await helper.send('POST', `${round}/resend`)).body).toMatchObject({ due: 0, left: 2 })
  expect((await helper.send('POST', `${round}/withdraw`)).body).toMatchObject({ withdrawn: 2, left: 0 })
  const bob = new Person()
  await bob.visit(await here.app.linkFor('bob@many.example'))
  expect(bob.page.status).toBe(410)
  expect(await helper.send('POST', '/invitations/none/withdraw')).toMatchObject({ status: 404 })
})

test('a file that cannot be taken says why, and names the columns', async () => {
  const numbers = await helper.send('POST', '/invitation-plan', asked('email;name;bsn\na@x.example;A;1\n'))
  expect(numbers).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/csv', code: 'citizen-numbers' }] } })
  expect(JSON.stringify(numbers.body)).toContain('bsn')
  expect(await helper.send('POST', '/invitation-plan', { csv: '%' })).toMatchObject({ status: 400 })
})

test('the digest that a page carries is of what it showed: another file, or another pace, invites nobody', async () => {
  const { app } = here
  await visit(app, hanna, '/admin/invitations/new')
  const parts = new FormData()
  parts.set('file', new Blob(['email;name\ndora@pages.example;<b>Dora</b>\n']), 'x.csv')
  parts.set('perHour', '100')
  parts.set('anyTime', 'yes')
  await hanna.browser.upload(parts)
  expect(hanna.browser.page.html).toContain('&lt;b&gt;Dora&lt;/b&gt;')
  const { fields, action } = hanna.browser.forms().find((form) => form.fields.digest) ?? expect.fail()
  const send = (given: Record<string, string>) =>
    hanna.browser.post(app.origin + action, { ...fields, ...given, step: 'send' })
  const others: Array<[string, string]> = [
    ['csv', base64('email;name\neve@pages.example;Eve\n')],
    ['perHour', '10000'],
    ['digest', ''],
  ]
  for (const [name, other] of others) {
    await send({ [name]: other })
    expect([hanna.browser.page.status, text(hanna.browser.page)]).toEqual([
      409,
      expect.stringContaining('nobody was invited'),
    ])
  }
  await send({})
  expect(hanna.browser.page.url).toMatch(/\/admin\/invitations\/[0-9a-f]{32}$/)
  expect(text(hanna.browser.page)).toContain('Dora')
})

test('what is wrong with many lines is told once, with the way to mend it, and hides no other fault', async () => {
  const { app } = here
  const lines = Array.from({ length: 120 }, (_, index) => `p${index}@none.example;P;Zuivel + Zn`)
  const file = `email;name;employer\n${lines.join('\n')}\nnobody;Nobody;\n`
  const owner = await colleague(app, 'owner')
  const shown = async (who: Someone) => {
    await visit(app, who, '/admin/invitations/new')
    const parts = new FormData()
    parts.set('file', new Blob([file]), 'x.csv')
    parts.set('perHour', '100')
    await who.browser.upload(parts)
    return who.browser.page
  }
  const page = await shown(owner)
  expect(text(page)).toContain('Organization: ‘Zuivel + Zn’ is not known 120 lines')
  expect(text(page)).toContain('122 nobody Nobody E-mail address: is not right')
  expect(text(page)).not.toContain('p10@none.example')
  expect(page.html).toContain('href="/admin/organizations/new?name=Zuivel+%2B+Zn"')
  // Whoever may add none is led to none.
  expect((await shown(hanna)).html).not.toContain('/admin/organizations/new')
  await visit(app, owner, '/admin/organizations/new?name=Zuivel+%2B+Zn')
  expect(owner.browser.page.html).toContain('value="Zuivel + Zn"')
})

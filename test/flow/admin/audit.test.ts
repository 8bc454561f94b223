/** The audit trail on its pages: filters in the address, one page after another, and as a file that can be checked. */
import { beforeAll, describe, expect, test } from 'vitest'
import { exportSeal } from '../../../src/app/core.ts'
import type { AuditEvent } from '../../../src/audit/audit.ts'
import { toRecord } from '../../../src/audit/chain.ts'
import { checkExport } from '../../../src/audit/export-check.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest } from '../../support/app/clock.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const app = forAllTests(startApp)
clockOfEachTest()

let olga: Someone & { id: string }

beforeAll(async () => {
  olga = await colleague(app, 'owner')
})

const page = () => text(olga.browser.page)
const record = (event: Partial<AuditEvent>) => app.core.record({ type: 'fault', outcome: 'failed', ...event })

/** References of the events that the page shows, from above. */
function shown(): string[] {
  return [...olga.browser.page.html.matchAll(/<code>192\.0\.2\.9 ([A-Z0-9]{8})<\/code>/g)].map(([, code = '']) => code)
}

function linkTo(words: string): string | undefined {
  return new RegExp(`href="([^"]+)">${words}<`).exec(olga.browser.page.html)?.[1]?.replaceAll('&amp;', '&')
}

const source = (correlation: string) => ({ ip: '192.0.2.9', correlation })

test('120 events of one moment: three pages, each event once, and back to the newest', async () => {
  for (let index = 0; index < 120; index += 1)
    await record({ client: 'paged', source: source(`P${String(index).padStart(7, '0')}`) })
  await visit(app, olga, '/admin/audit?application=paged')
  const seen = [shown()]
  while (linkTo('Older events')) {
    await visit(app, olga, linkTo('Older events') ?? '')
    seen.push(shown())
  }
  expect(seen.map(({ length }) => length)).toEqual([50, 50, 20])
  expect(seen.flat()).toEqual(Array.from({ length: 120 }, (_, index) => `P${String(119 - index).padStart(7, '0')}`))
  await visit(app, olga, linkTo('The newest') ?? '')
  expect(shown()).toEqual(seen[0])
  expect(olga.browser.page.url).toBe(`${app.origin}/admin/audit?application=paged`)
})

test('from one event to all of its sign-in', async () => {
  const details = { signIn: 'XXXXG0000000' }
  await record({ client: 'whole', source: source('G0000000'), details })
  await record({ client: 'other', source: source('G0000001'), details })
  await visit(app, olga, '/admin/audit?application=whole')
  expect(shown()).toEqual(['G0000000'])
  await visit(app, olga, linkTo('All of this sign-in') ?? '')
  expect(shown()).toEqual(['G0000001', 'G0000000'])
  expect(linkTo('All of this sign-in')).toBeUndefined()
})

test.each<[string, Partial<AuditEvent>, Record<string, string>]>([
  ['kind', { type: 'key.rotated' }, { kind: 'key.rotated' }],
  ['application', { client: 'roster' }, { application: 'roster' }],
  ['organization', { details: { organization: 'o-17' } }, { organization: 'o-17' }],
  ['person', { subject: 'gone' }, { person: 'olga' }],
  ['actor', { actor: 'operator:root' }, { actor: 'operator:root' }],
  ['reference', {}, { reference: 'F0000001' }],
  ['sign-in', { details: { signIn: 'XXXXF0000000' } }, { reference: 'xxxxf0000000' }],
])('narrowed by %s: what fits is there, and nothing else', async (what, event, filter) => {
  const mine = what === 'person' ? { subject: olga.id } : event
  const asked = what === 'person' ? { person: olga.email } : filter
  await record({ ...mine, source: source('F0000001') })
  await record({ client: 'another', source: source('F0000002') })
  await visit(app, olga, `/admin/audit?${new URLSearchParams(asked)}`)
  expect(shown()).toContain('F0000001')
  expect(shown()).not.toContain('F0000002')
  // The filter stays in the form, so that it can be narrowed further.
  const [form] = olga.browser.forms().filter(({ fields }) => fields.csrf === undefined && 'person' in fields)
  if (what === 'kind') expect(olga.browser.page.html).toContain('value="key.rotated" selected')
  else expect(form?.fields).toMatchObject(asked)
})

test('every event has its actor, in words', async () => {
  const hanna = await colleague(app, 'help-desk')
  await visit(app, hanna, '/admin/people/invite')
  await send(hanna, { email: 'pia@sigma.example', name: 'Pia Pietersen', locale: 'en' })
  await visit(
    app,
    olga,
    `/admin/audit?${new URLSearchParams({ kind: 'account.invited', person: 'pia@sigma.example' })}`,
  )
  expect(page()).toMatch(/Person invited.*Colleague \d+ colleague\d+@sigma\.example.*Pia Pietersen/)
  const records = await app.core.admin.trail.listAudit({ limit: 1000 })
  expect(records.filter(({ actor }) => !actor)).toEqual([])
  await record({ actor: 'system', source: source('F0000003') })
  await visit(app, olga, '/admin/audit?reference=F0000003')
  expect(page()).toContain('The system')
})

test('what is typed wrongly stands at its field, and nothing is shown', async () => {
  await visit(app, olga, '/admin/audit?person=nobody&since=yesterday&kind=everything&after=x')
  expect(olga.browser.page.status).toBe(404)
  for (const words of ['There is no such kind of event.', 'Enter a day such as']) expect(page()).toContain(words)
  await visit(app, olga, '/admin/audit?person=nobody')
  expect([olga.browser.page.status, page()]).toEqual([404, expect.stringContaining('There is no such person.')])
  await visit(app, olga, '/admin/audit?actor=nobody')
  expect([olga.browser.page.status, page()]).toEqual([404, expect.stringContaining('There is no such person.')])
})

describe('as a file', () => {
  async function* once(content: string) {
    yield content
  }

  test.each(['jsonl', 'csv'] as const)(
    'everything as %s, sealed and unbroken, and the export is in it',
    async (format) => {
      await visit(app, olga, '/admin/audit/export')
      await send(olga, { format })
      const { status, html } = olga.browser.page
      expect(status).toBe(200)
      const checked = await checkExport(once(html), format, exportSeal(app.core.ring))
      const { rows } = { rows: await app.core.store.durable.followAudit(0, 10_000) }
      expect(checked).toMatchObject({ ok: true, whole: true, records: rows.length })
      expect(rows.map(toRecord).at(-1)).toMatchObject({
        actor: olga.id,
        details: { verb: 'audit:export', via: 'pages' },
      })
      expect(
        await checkExport(once(html.replace(olga.id, 'somebody')), format, exportSeal(app.core.ring)),
      ).toMatchObject({
        ok: false,
      })
    },
  )

  test('what the page shows, and that it is a part', async () => {
    await record({ client: 'exported', source: source('E0000001') })
    await visit(app, olga, '/admin/audit?application=exported')
    await visit(app, olga, linkTo('Export') ?? '')
    expect(page()).toMatch(/Application\s*exported/)
    await send(olga, { format: 'jsonl' })
    const { html } = olga.browser.page
    expect(html).toContain('E0000001')
    expect(await checkExport(once(html), 'jsonl', exportSeal(app.core.ring))).toMatchObject({
      ok: true,
      whole: false,
      records: 1,
    })
  })
})

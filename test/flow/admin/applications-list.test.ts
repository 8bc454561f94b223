/** The list of applications as a page: narrowed and paged by its address, and made from memory however many there are. */
import { beforeAll, expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { countedStore } from '../../support/app/counted-store.ts'
import { colleague, visit } from '../../support/people/help-desk.ts'
import { text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const LIST = '/admin/applications'
const WHO = { actor: 'olga', via: 'pages' }

clockOfAllTests()

const counted = countedStore()
const app = forAllTests(() => startApp({ instrument: counted.instrument }))
let olga: Someone

beforeAll(async () => {
  olga = await colleague(app, 'client-admin')
})

/** What the page asks of the store for applications, and of everything. */
async function asking(path: string): Promise<{ clients: number; all: number }> {
  const asked = Object.entries(await counted.during(() => visit(app, olga, path)))
  const sum = (entries: Array<[string, number]>) => entries.reduce((all, [, times]) => all + times, 0)
  // What every page asks: the session, the person, and the line that says who looked.
  return { clients: sum(asked.filter(([name]) => name.startsWith('clients.'))), all: sum(asked) }
}

async function add(count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, nth) =>
      app.core.store.durable.clients.change(`many-${nth}`, (draft) => {
        const definition = { client_id: `many-${nth}`, client_name: `Many ${String(nth).padStart(4, '0')}` }
        const redirects = { redirect_uris: [`https://many-${nth}.example.org/`], grant_types: ['authorization_code'] }
        Object.assign(draft, {
          definition: { ...definition, ...redirects },
          version: 1,
          createdAt: 1,
          changedAt: Date.now(),
        })
      }),
    ),
  )
  await app.followClients()
}

function names(): string[] {
  return [...olga.browser.page.html.matchAll(/<a href="\/admin\/applications\/[^"?]+">([^<]+)<\/a>/g)].map(
    ([, name = '']) => name,
  )
}

test('asks the store for no application, and for nothing more with 500 than with a few', async () => {
  const few = await asking(LIST)
  await add(500)
  const many = await asking(LIST)
  expect([few.clients, many.clients]).toEqual([0, 0])
  expect(many.all).toBe(few.all)
  expect(names()).toHaveLength(50)
  // What is counted would be seen.
  expect((await asking(`${LIST}/portal`)).clients).toBeGreaterThan(0)
  for (const path of [`${LIST}?text=many-499`, `${LIST}?status=disabled`, `${LIST}?after=many-400&kind=web`])
    expect([path, (await asking(path)).all]).toEqual([path, few.all])
})

test('its pages follow each other, with what narrows them', async () => {
  await visit(app, olga, `${LIST}?text=MANY&kind=web&owner=store&status=active`)
  const seen = names()
  for (;;) {
    const next = /<a href="(\/admin\/applications\?[^"]*after=[^"]+)">/.exec(olga.browser.page.html)?.[1]
    if (!next) break
    expect(next).toContain('text=MANY&amp;status=active&amp;kind=web&amp;owner=store')
    await visit(app, olga, next.replaceAll('&amp;', '&'))
    seen.push(...names())
  }
  expect(seen).toHaveLength(500)
  expect(seen).toEqual([...new Set(seen)].toSorted())
})

test.each([
  ['status=open', 'nothing that there is'],
  ['kind=../..', 'a path'],
  [`after=${'x'.repeat(300)}`, 'an id that is too long'],
  ['after=nobody', 'an id that nobody has'],
  ['status[]=active&constructor=1', 'what is no filter'],
])('an address with %s (%s) begins at the beginning', async (query) => {
  await visit(app, olga, `${LIST}?${query}`)
  expect([olga.browser.page.status, names()[0]]).toEqual([200, 'Many 0000'])
})

test('one that was disabled is found, one that was deleted only where it is asked for', async () => {
  const { clients } = app.core.admin
  for (const id of ['ends', 'rests']) {
    await clients.add({ client_id: id, client_name: `It ${id}`, redirect_uris: ['https://a.example.org/'] }, WHO)
  }
  await clients.disable('rests', undefined, WHO)
  await clients.remove('ends', undefined, WHO)
  await app.followClients()
  await visit(app, olga, `${LIST}?text=It`)
  expect(names()).toEqual(['It rests'])
  await visit(app, olga, `${LIST}?text=It&status=deleted`)
  expect(names()).toEqual(['It ends'])
  await visit(app, olga, `${LIST}?text=nobody`)
  expect(text(olga.browser.page)).toContain('No application fits.')
})

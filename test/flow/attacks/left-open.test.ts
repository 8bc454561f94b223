/** Sign-ins and pushed requests that somebody begins without end and leaves (SECURITY M-06): how many are kept, and who notices. */
import { request as ask } from 'node:http'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { countedStore } from '../../support/app/counted-store.ts'
import { record } from '../../support/oidc/client-records.ts'
import { credentials } from '../../support/oidc/raw-oauth.ts'
import { EMAIL, PASSWORD, type RelyingParty, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const MOST = 6
/** Each counts for itself. */
const NODES = process.env.SIGMA_TEST_MONGODB ? 2 : 1
const EACH = [...Array(NODES).keys()]
const MANY = 30

clockOfAllTests()
const counted = countedStore()
/** Nothing more can be kept. */
let isFull = false
const here = forAllTests(() =>
  world({
    instrument: (store) =>
      counted.instrument({
        ...store,
        expiring: {
          ...store.expiring,
          putArtifact: async (...args) => {
            if (isFull) throw new Error('no space left on device')
            return store.expiring.putArtifact(...args)
          },
        },
      }),
    settings: { trustedProxies: 1, throttle: { sittingsPerAddress: MOST, pushedPerClient: MOST } },
    more: [record('spa-two', { token_endpoint_auth_method: 'none' })],
  }),
)
let house: RelyingParty
let number = 0
beforeAll(async () => {
  house = await relyingParty(here, 'house')
})
// Each has a network of its own.
beforeEach(() => {
  number += 1
})
afterEach(() => here.app.stick(undefined))

const from = (ip: string) => ({ 'x-forwarded-for': ip })
const address = (last = 1) => `198.18.${number}.${last}`

/** Begins so many sign-ins, each as a stranger, and leaves them: what came of it. */
async function begin(times: number, ip: string, headers: Record<string, string> = {}): Promise<Response[]> {
  const { url } = await house.request()
  const answers: Response[] = []
  for (let count = 0; count < times; count += 1)
    answers.push(await fetch(url, { headers: { accept: 'text/html', ...from(ip), ...headers }, redirect: 'manual' }))
  return answers
}

function begun(answers: Response[]): number {
  return answers.filter(({ status }) => status === 303).length
}

async function busy(door: string): Promise<number> {
  const text = await (await fetch(`${here.app.operationsOrigin}/metrics`)).text()
  return Number(new RegExp(`^sigma_busy_refused_total\\{door="${door}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
}

async function told(ip: string, what = 'throttle.engaged'): Promise<unknown[]> {
  const trail = await here.app.core.store.durable.listAudit({ limit: 500 })
  return trail.filter(({ type, source }) => type === what && source?.ip === ip)
}

test('M-06: of sign-ins that one address begins and leaves so many are kept, and the rest costs nothing', async () => {
  const logged = here.app.logged.length
  const before = await busy('sittings')
  let answers: Response[] = []
  const asked = await counted.during(async () => {
    answers = await begin(MANY, address())
  })
  expect(begun(answers)).toBe(MOST * NODES)
  expect(asked['putArtifact Interaction']).toBe(MOST * NODES)
  const refused = answers.filter(({ status }) => status !== 303)
  for (const { status, headers } of refused) {
    expect(status).toBe(503)
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(5)
    expect(Number(headers.get('retry-after'))).toBeLessThan(10)
    // The page asks again by itself.
    expect(headers.get('refresh')).toBe(headers.get('retry-after'))
  }
  expect(await refused[0]?.text()).toContain('It is busy right now')
  expect((await busy('sittings')) - before).toBe(refused.length / NODES)
  expect(await told(address())).toHaveLength(NODES)
  expect(here.app.logged.slice(logged).join('')).not.toContain('"level":"error"')
  // Nobody elsewhere notices.
  expect(begun(await begin(1, address(2)))).toBe(1)
})

test('a form that another site posts to begin one goes by the same', async () => {
  await begin(MANY, address())
  const { url } = await house.request()
  const person = new Person({ headers: from(address()) })
  await person.post(`${url.origin}${url.pathname}`, url.searchParams)
  expect(person.page.status).toBe(503)
})

test('an IPv6 network of one household is one address, and four addresses fill the network around them', async () => {
  expect(begun(await begin(MANY, `2001:db8:${number}:1::1`))).toBe(MOST * NODES)
  expect(begun(await begin(2, `2001:db8:${number}:1:ffff::2`))).toBe(0)
  for (const last of [2, 3, 4]) expect(begun(await begin(MANY, `2001:db8:${number}:${last}::1`))).toBe(MOST * NODES)
  expect(begun(await begin(MANY, `2001:db8:${number}:5::1`))).toBe(0)
  expect(begun(await begin(1, `2001:db8:f${number}:5::1`))).toBe(1)
})

test.for(EACH)(
  'whoever finishes, or cancels, where they began may begin as often as they like: node %i',
  async (node) => {
    here.app.stick(node)
    for (let count = 0; count < 3 * MOST; count += 1) {
      const person = new Person({ headers: from(address()) })
      await person.visit((await house.request()).url.href)
      expect([count, person.page.status, person.page.url]).toEqual([
        count,
        200,
        expect.stringContaining('/interaction/'),
      ])
      if (count % 2) await person.submit({ email: EMAIL, password: PASSWORD })
      else await person.submit({ action: 'cancel' })
      expect(person.page.url).toContain('/house/callback')
    }
  },
)

test('an end counts at the node where it comes: the one where it began has room as if it had been left', async () => {
  const seen: number[] = []
  for (let count = 0; count < 2 * MOST; count += 1) {
    const person = new Person({ headers: from(address()) })
    here.app.stick(0)
    await person.visit((await house.request()).url.href)
    seen.push(person.page.status)
    here.app.stick(NODES - 1)
    if (person.page.status === 200) await person.submit({ action: 'cancel' })
  }
  const finishedThere = NODES === 1 ? 2 * MOST : MOST
  expect(seen.filter((status) => status === 200)).toHaveLength(finishedThere)
  pass((20 * MINUTE) / MOST + SECOND)
  here.app.stick(0)
  expect(begun(await begin(1, address()))).toBe(1)
})

test('pages that are gone begin no more sign-ins than the front door does, and ask again where they are', async () => {
  const person = await beforeClosedPage()
  const page = person.page.url
  await begin(MANY, address())
  // The trail tells of it once a minute, wherever it is noticed.
  pass(MINUTE)
  const refused = await busy('sittings')
  const trail = (await told(address())).length
  const logged = here.app.logged.length
  const answers: Response[] = []
  const asked = await counted.during(async () => {
    for (let count = 0; count < MANY; count += 1) answers.push(await person.request('GET', page))
  })
  expect(asked['putArtifact Interaction'] ?? 0).toBe(0)
  for (const answer of answers) {
    const retry = answer.headers.get('retry-after')
    expect([answer.status, answer.headers.get('refresh')]).toEqual([503, `${retry};url=${new URL(page).pathname}`])
    expect(Number(retry)).toBeGreaterThanOrEqual(5)
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'none'")
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('location')).toBeNull()
    expect(await answer.text()).toContain('It is busy right now')
  }
  expect((await busy('sittings')) - refused).toBe(MANY / NODES)
  expect((await told(address())).length).toBe(trail + NODES)
  expect(await told(address(), 'request.refused')).toEqual([])
  expect(here.app.logged.slice(logged).join('')).not.toContain('"level":"error"')
  const json = await person.request('GET', page, undefined, { accept: 'application/json' })
  expect([json.status, await json.json()]).toEqual([503, expect.objectContaining({ error: 'temporarily_unavailable' })])
  // Nothing was lost: as soon as there is room, it goes on there.
  pass((20 * MINUTE) / MOST + SECOND)
  await person.visit(page)
  expect([person.page.status, person.page.url]).toEqual([200, expect.stringContaining('/interaction/')])
})

test('whoever is signed in goes on from such a page too, as often as they may', async () => {
  const person = new Person({ headers: from(address()) })
  await house.signIn(person)
  await person.visit((await house.request({ prompt: 'login' })).url.href)
  pass(21 * MINUTE)
  await begin(MANY, address())
  here.app.stick(0)
  const answers: Response[] = []
  for (let count = 0; count < 25; count += 1) answers.push(await person.copy().request('GET', person.page.url))
  expect(begun(answers)).toBe(20)
})

test('a password on a page that is gone begins none beyond that either, and leads back to the page', async () => {
  const person = await beforeClosedPage()
  const { pathname } = new URL(person.page.url)
  await begin(MANY, address())
  await person.submit({ email: EMAIL, password: PASSWORD })
  expect([person.page.status, person.page.headers.get('refresh')]).toEqual([
    503,
    expect.stringMatching(new RegExp(`^\\d;url=${pathname}$`)),
  ])
})

test('what is begun at pages that are gone locks nobody out for longer than sign-ins live', async () => {
  const person = await beforeClosedPage()
  const { url } = person.page
  for (let count = 0; count < 2 * MANY; count += 1) await person.request('GET', url)
  expect(begun(await begin(1, address()))).toBe(0)
  pass((20 * MINUTE) / MOST + SECOND)
  expect(begun(await begin(1, address()))).toBe(1)
})

/** Somebody whose page is gone, in a browser that still shows it. */
async function beforeClosedPage(): Promise<Person> {
  const person = new Person({ headers: from(address()) })
  await person.visit((await house.request()).url.href)
  pass(21 * MINUTE)
  return person
}

test('sittings that go on as the next ones, again and again, are still counted', async () => {
  const alive: Person[] = []
  for (let round = 0; round < 4; round += 1) {
    for (const person of alive) await person.visit(person.page.url.replace('/interaction/', '/auth/'))
    for (let count = 0; count < MOST * NODES; count += 1) {
      const person = new Person({ headers: from(address()) })
      await person.visit((await house.request()).url.href)
      if (person.page.status === 200) alive.push(person)
    }
    expect(alive.filter(({ page }) => page.status === 200)).toHaveLength(alive.length)
    expect(alive.length).toBeLessThanOrEqual(2 * MOST * NODES)
    pass(19 * MINUTE)
  }
})

test('whoever has begun goes on through their pages where nobody else begins', async () => {
  const person = new Person({ headers: from(address()) })
  await person.visit((await house.request({ prompt: 'login' })).url.href)
  // By now its end alone makes no room for another.
  pass(10 * MINUTE)
  await begin(MANY, address())
  await person.visit(person.page.url.replace('/interaction/', '/auth/'))
  expect(person.page.status).toBe(200)
  await person.submit({ email: EMAIL, password: PASSWORD })
  expect(person.page.url).toContain('/house/callback')
})

test('of sign-ins that cannot be kept none counts', async () => {
  const { url } = await house.request()
  isFull = true
  for (let count = 0; count < MANY; count += 1)
    expect((await fetch(url, { headers: from(address()), redirect: 'manual' })).status).toBe(500)
  isFull = false
  expect(begun(await begin(MANY, address()))).toBe(MOST * NODES)
})

/** By a client that says what a browser says: `fetch` has words of its own. */
function asBrowser(url: URL, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((done, fail) => {
    const asked = ask(url, { headers: { accept: 'text/html', ...from(address()), ...headers } }, (answer) => {
      answer.resume().on('end', () => done(answer.statusCode))
    })
    asked.on('error', fail).end()
  })
}

test.for([
  ['an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
  [
    'an image of a sibling domain',
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
  ],
  ['a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'script' }],
  ['a fetch', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
  ['what is not named', { 'sec-fetch-mode': 'no-cors' }],
] as Array<[string, Record<string, string>]>)('on the page of another site %s begins nothing', async ([, headers]) => {
  const { url } = await house.request()
  const asked = await counted.during(async () => {
    for (let count = 0; count < MANY; count += 1)
      expect(await asBrowser(url, { 'sec-fetch-site': 'cross-site', ...headers })).toBe(403)
  })
  expect(asked['putArtifact Interaction'] ?? 0).toBe(0)
  expect(begun(await begin(MANY, address()))).toBe(MOST * NODES)
})

test.for([
  ['a link', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
  [
    'an address that was typed',
    { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  ],
  ['a browser that says nothing', {}],
  ['a program', { 'sec-fetch-mode': 'cors' }],
] as Array<[string, Record<string, string>]>)('%s begins a sign-in', async ([, headers]) => {
  expect(await asBrowser((await house.request()).url, headers)).toBe(303)
})

test('silent sign-in in a frame of another site is answered, and begins nothing', async () => {
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }
  const { url } = await house.request({ prompt: 'none' })
  const asked = await counted.during(async () => expect(await asBrowser(url, headers)).toBe(303))
  expect(asked['putArtifact Interaction'] ?? 0).toBe(0)
})

test('what was left makes room again as it runs out', async () => {
  await begin(MANY, address())
  pass((20 * MINUTE) / MOST + SECOND)
  expect(begun(await begin(MANY, address()))).toBe(NODES)
  pass(20 * MINUTE)
  expect(begun(await begin(MANY, address()))).toBe(MOST * NODES)
})

test('whoever is signed in goes on, and begins another', async () => {
  const person = new Person({ headers: from(address()) })
  await house.signIn(person)
  await begin(MANY, address())
  const { url } = await house.request({ prompt: 'login' })
  const again = await person.request('GET', url.href)
  expect([again.status, again.headers.get('location')]).toEqual([303, expect.stringContaining('/interaction/')])
  // Only who has the cookie.
  expect(begun(await begin(4, address(), { cookie: 'sigma-session=made-up; sigma-session.sig=made-up' }))).toBe(0)
})

/** Pushes so many requests (RFC 9126), and nobody comes with them. */
async function push(id: string, times: number, ip: string): Promise<Response[]> {
  const party = await relyingParty(here, id)
  const { url } = await party.request()
  const { fields, headers } = credentials(here, id)
  const answers: Response[] = []
  for (let count = 0; count < times; count += 1) {
    const body = new URLSearchParams({ ...Object.fromEntries(url.searchParams), ...fields })
    const accept = 'application/json'
    answers.push(
      await fetch(`${here.app.origin}/request`, { method: 'POST', body, headers: { accept, ...headers, ...from(ip) } }),
    )
  }
  return answers
}

function kept(answers: Response[]): number {
  return answers.filter(({ status }) => status === 201).length
}

test('RFC 9126 2.3: an application that pushes requests without end is answered 429, and others go on', async () => {
  const before = await busy('pushed')
  const answers = await push('house', MANY, address())
  expect(kept(answers)).toBe(MOST * NODES)
  const refused = answers.filter(({ status }) => status !== 201)
  for (const one of refused) {
    expect([one.status, one.headers.get('retry-after')]).toEqual([429, '5'])
    expect(await one.json()).toMatchObject({
      error: 'temporarily_unavailable',
      error_description: expect.stringContaining('push one for each sign-in'),
    })
  }
  expect((await busy('pushed')) - before).toBe(refused.length / NODES)
  // It is counted wherever the application is.
  expect(kept(await push('house', 2, address(2)))).toBe(0)
  expect(kept(await push('second', 1, address()))).toBe(1)
  pass(MINUTE)
  expect(kept(await push('house', MANY, address()))).toBe(MOST * NODES)
})

test('whoever says the name of an application that proves nothing keeps nobody else out of it', async () => {
  expect(kept(await push('spa', MANY, address()))).toBe(MOST * NODES)
  expect(kept(await push('spa', 1, address(2)))).toBe(1)
  expect(kept(await push('spa-two', 1, address()))).toBe(1)
})

test.for(EACH)('pushed requests that were answered with a code are not left: node %i', async (node) => {
  for (const id of ['house', 'spa']) {
    const person = new Person({ headers: from(address()) })
    const party = await relyingParty(here, id)
    here.app.stick(node)
    await party.signIn(person)
    pass(MINUTE)
    for (let count = 0; count < 3 * MOST; count += 1) {
      const [pushed] = await push(id, 1, address())
      expect([id, count, pushed?.status]).toEqual([id, count, 201])
      const { request_uri } = (await (pushed as Response).json()) as { request_uri: string }
      const end = await person.request(
        'GET',
        `${here.app.origin}/auth?${new URLSearchParams({ client_id: id, request_uri })}`,
      )
      expect(end.headers.get('location')).toContain('code=')
    }
  }
})

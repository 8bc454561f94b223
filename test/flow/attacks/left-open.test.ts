/** Sign-ins and pushed requests that somebody begins without end and leaves (SECURITY M-06): how many are kept, and who notices. */
import { beforeAll, beforeEach, expect, test } from 'vitest'
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
const MANY = 30

clockOfAllTests()
const counted = countedStore()
const here = forAllTests(() =>
  world({
    instrument: counted.instrument,
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

async function engaged(ip: string): Promise<unknown[]> {
  const trail = await here.app.core.store.durable.listAudit({ limit: 500 })
  return trail.filter(({ type, source }) => type === 'throttle.engaged' && source?.ip === ip)
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
  expect(await engaged(address())).toHaveLength(NODES)
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

test('whoever finishes, or cancels, may begin as often as they like', async () => {
  for (let count = 0; count < 3 * MOST * NODES; count += 1) {
    const person = new Person({ headers: from(address()) })
    await person.visit((await house.request()).url.href)
    expect([count, person.page.status, person.page.url]).toEqual([count, 200, expect.stringContaining('/interaction/')])
    if (count % 2) await person.submit({ email: EMAIL, password: PASSWORD })
    else await person.submit({ action: 'cancel' })
    expect(person.page.url).toContain('/house/callback')
    // One more, so that the cluster's nodes, which take turns, begin and end as many.
    await fetch(`${here.app.origin}/jwks`)
  }
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

/** What belongs together is found together: the requests of one sign-in, and what a proxy calls them. */
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import type { Store } from '../../../src/store/store.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { EMAIL, PASSWORD, relyingParty, type Tokens, type World, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { oblige, startsOf } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

/** Records that are being kept: on MongoDB the answers of the provider do not wait for theirs. */
const keeping = new Set<Promise<void>>()

function watched(store: Store): Store {
  const { appendAudit } = store.durable
  return {
    ...store,
    durable: {
      ...store.durable,
      appendAudit(record) {
        const kept = appendAudit(record)
        keeping.add(kept)
        return kept.finally(() => keeping.delete(kept))
      },
    },
  }
}

const opened = (settings: Record<string, unknown> = {}) => world({ instrument: watched, settings })
const all = forAllTests(() => opened({ log: { audit: true }, trustedProxies: 1 }))
const house = forAllTests(() => relyingParty(all, 'house'))

clockOfEachTest()

interface Line {
  msg: string
  [field: string]: unknown
}

/** And a turn more: whoever waits for one goes on then. */
async function allKept(): Promise<void> {
  await Promise.all(keeping)
  await setImmediate()
}

/**
 * Once all that was asked before is logged and kept. The line of a request is written when its answer has left: on each
 * node, that of one more is behind all the others. Returns what these are called.
 */
async function settled({ app }: Pick<World, 'app'>): Promise<unknown[]> {
  const more: unknown[] = []
  for (const _node of app.nodes) more.push((await fetch(`${app.origin}/`)).headers.get('x-request-id'))
  const logged = () => app.logged.map((line) => (JSON.parse(line) as Line).correlation)
  await vi.waitFor(() => expect(logged()).toEqual(expect.arrayContaining(more)))
  await allKept()
  return more
}

/** What was logged meanwhile, by all nodes, each in its own order. */
async function logged(work: () => Promise<unknown>, { app }: Pick<World, 'app'> = all): Promise<Line[]> {
  await settled({ app })
  const before = app.logged.length
  await work()
  const more = await settled({ app })
  const lines = app.logged.slice(before).map((line): Line => JSON.parse(line))
  return lines.filter(({ correlation }) => !more.includes(correlation))
}

/** Without the exchange of a code, of which each node tells now and then. */
function events(lines: Line[]): unknown[] {
  return lines.flatMap(({ msg, type }) => (msg === 'audit' && type !== 'token.issued' ? [type] : []))
}

async function lastRecord({ app } = all) {
  await allKept()
  const [last] = await app.core.store.durable.listAudit({ limit: 1 })
  return last
}

function namesIn(lines: Line[]): unknown[] {
  return [...new Set(lines.map(({ signIn }) => signIn).filter((name) => name !== undefined))]
}

describe('one name for a whole sign-in', () => {
  test('with two steps: every page, every record, the exchange of the code and the refresh', async () => {
    const who = await startsOf(all.app, house).enrolled()
    let tokens: Tokens | undefined
    const lines = await logged(async () => {
      const request = await house.request()
      await who.browser.visit(request.url.href)
      await oblige(who)
      await oblige(who)
      tokens = await house.redeem(who.browser.page.url, request)
    })
    const [name, ...others] = namesIn(lines)
    expect([name, others]).toEqual([expect.stringMatching(/^[A-Z2-9]{12}$/), []])
    const its = lines.filter(({ signIn }) => signIn === name)
    expect(events(its)).toEqual(['sign-in.password', 'sign-in.second-factor', 'sign-in.completed'])
    // All but public files, which anybody asks for.
    const requests = lines.filter(({ msg, route }) => msg === 'request' && route !== 'other')
    expect(requests.length).toBeGreaterThan(5)
    for (const line of requests) expect(line).toMatchObject({ signIn: name, client: 'house' })
    const at = (path: string) => requests.filter(({ route }) => route === path)
    expect(at('/token')).toMatchObject([{ status: 200 }])
    // Its end is what the first request is called, on an error page and in the log.
    expect(at('/auth').map(({ correlation }) => correlation)).toEqual([String(name).slice(4)])

    pass(30 * MINUTE)
    expect(namesIn(await logged(() => house.refresh(tokens?.refresh_token)))).toEqual([name])
    // Nobody outside is told of it.
    for (const { url, headers } of who.browser.trail)
      expect(`${url} ${JSON.stringify([...headers])}`).not.toContain(name)
  })

  test('what is refused in it has it too: a wrong password, and a code that comes twice', async () => {
    const sanne = new Person()
    const lines = await logged(async () => {
      const request = await house.request()
      await sanne.visit(request.url.href)
      await sanne.submit({ email: EMAIL, password: 'a wrong one altogether' })
      await sanne.submit({ email: EMAIL, password: PASSWORD })
      await house.redeem(sanne.page.url, request)
      await house.redeem(sanne.page.url, request).catch(() => undefined)
    })
    const audited = lines.filter(({ msg }) => msg === 'audit')
    expect(events(audited)).toEqual(expect.arrayContaining(['sign-in.password', 'sign-in.completed', 'token.refused']))
    expect(namesIn(audited)).toHaveLength(1)
    for (const line of audited) expect(line.signIn).toBeDefined()
  })

  test('the next request of the same browser is another sign-in, also where nobody is asked for anything', async () => {
    const sanne = new Person()
    const first = await logged(() => house.signIn(sanne))
    const second = await logged(async () => {
      const request = await house.request({ prompt: 'none' })
      await sanne.visit(request.url.href)
      await house.redeem(sanne.page.url, request)
    })
    expect([namesIn(first).length, namesIn(second).length]).toEqual([1, 1])
    expect(namesIn(first)).not.toEqual(namesIn(second))
    expect(events(second)).toEqual(['sign-in.completed'])
  })

  test('a pushed request begins it', async () => {
    const sanne = new Person()
    const lines = await logged(async () => {
      const request = await house.push()
      await sanne.visit(request.url.href)
      await sanne.submit({ email: EMAIL, password: PASSWORD })
      await house.redeem(sanne.page.url, request)
    })
    expect(namesIn(lines)).toHaveLength(1)
    expect(lines.find(({ route }) => route === '/request')).toMatchObject({ signIn: namesIn(lines)[0] })
  })
})

describe('what a proxy calls a request', () => {
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
  const named = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, 'x-request-id': 'proxy-1.7_a' }
  const direct = forAllTests(() => opened())

  test('is in the log and in the trail, behind a trusted proxy', async () => {
    const lines = await logged(() => fetch(`${all.app.origin}/token`, { method: 'POST', headers: named }))
    expect(lines.find(({ msg }) => msg === 'request')).toMatchObject({ trace: TRACE, requestId: 'proxy-1.7_a' })
    const last = await lastRecord()
    // One of the two is enough there.
    expect(last).toMatchObject({ type: 'token.refused', details: { trace: TRACE } })
    expect(last?.details).not.toHaveProperty('requestId')
  })

  test('its own name is kept where there is no trace', async () => {
    const headers = { 'x-request-id': 'proxy-1.7_a', traceparent: '00-0-0-0' }
    await fetch(`${all.app.origin}/token`, { method: 'POST', headers })
    const last = await lastRecord()
    expect(last?.details).toMatchObject({ requestId: 'proxy-1.7_a' })
  })

  test.each([
    ['signs that are in no name', 'a"b'],
    ['more than 64 signs', 'x'.repeat(65)],
    ['nothing', ''],
  ])('a name with %s is left out', async (_what, id) => {
    const lines = await logged(() => fetch(`${all.app.origin}/healthz-not`, { headers: { 'x-request-id': id } }))
    expect(lines.find(({ msg }) => msg === 'request')).not.toHaveProperty('requestId')
  })

  test('from strangers, where no proxy is trusted, it is nowhere', async () => {
    const lines = await logged(() => fetch(`${direct.app.origin}/token`, { method: 'POST', headers: named }), direct)
    expect(lines.find(({ msg }) => msg === 'request')).toMatchObject({ route: '/token' })
    const last = await lastRecord(direct)
    expect(`${JSON.stringify(last)}${direct.app.logged}`).not.toMatch(new RegExp(`${TRACE}|proxy-1.7_a`))
  })
})

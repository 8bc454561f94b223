/** Nodes that are stopped in good order while people sign in, and one that stands still for a while (SECURITY ). */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { slowRequest } from '../support/app/connection.ts'
import { crowd, type Member, nth, PASSWORD } from '../support/nodes/crowd.ts'
import { faultTable } from '../support/nodes/faulty.ts'
import { load } from '../support/nodes/load.ts'
import { blocking } from '../support/nodes/node-process.ts'
import {
  bothInRow,
  isReady,
  type Nodes,
  readiness,
  type Stores,
  startStores,
  twoNodes,
  until,
} from '../support/nodes/nodes.ts'
import { Visit } from '../support/nodes/visit.ts'
import { describeWith } from '../support/services/services.ts'

const PER_SECOND = 5
/** Before the first stop and after the last start. */
const CALM = 10
/** Milliseconds: more than the node may lag behind, whenever its look at the clock comes. */
const STANDSTILL = 4000
/** Requests that it catches. */
const AT_ONCE = 5

describeWith(['mongo', 'redis'], 'two nodes', () => {
  let stores: Stores
  let both: Nodes
  const table = faultTable()

  beforeAll(async () => {
    stores = await startStores()
    both = await twoNodes({ stores })
    await Promise.all([both.a.start(), both.b.start()])
  })
  afterAll(async () => {
    await both.stop()
    await Promise.all([stores.mongo.remove(), stores.redis.remove()])
  })

  /** Puts it back for the next test. */
  async function restored(): Promise<void> {
    for (const node of [both.a, both.b]) if (!(await isReady(node))) await node.start()
    await bothInRow(both)
  }

  test('both are restarted, one after the other: no sign-in fails, what was begun goes on, each mail goes out once', async () => {
    const core = await both.core()
    const people = await crowd(core, 4 * PER_SECOND, { app: false })
    const [inTheMiddle, signedIn] = [await begun(nth(people, 0)), new Visit(both.origin)]
    await signedIn.signIn(nth(people, 1))
    const invited = new Set<string>()
    const invite = async (n: number) => {
      const email = `invited-${n}@sigma.example`
      const { ok } = await core.links.invite({ email, name: 'Sanne', locale: 'en' })
      if (ok) invited.add(email)
    }

    const signIns = load(PER_SECOND, (n) => new Visit(both.origin).signIn(nth(people, n)))
    const invitations = load(1, invite)
    onTestFinished(async () => void (await Promise.all([signIns.end(), invitations.end()])))
    await until('some have signed in', () => signIns.outcomes.length >= CALM)
    const began = performance.now()
    for (const node of [both.a, both.b]) {
      const { running } = node
      running.signal('SIGTERM')
      expect(await running.ended).toMatchObject({ code: 0, logged: '' })
      await node.start()
      await bothInRow(both)
    }
    const took = performance.now() - began
    const before = signIns.outcomes.length
    await until('more have signed in', () => signIns.outcomes.length >= before + CALM)
    const outcomes = await signIns.end()
    await invitations.end()
    expect(outcomes.flatMap(({ fault }) => fault ?? [])).toEqual([])
    expect(both.proxy.broken).toEqual([])

    // The sitting, and the session, of before both restarts.
    expect(await inTheMiddle.submit({ email: nth(people, 0).email, password: PASSWORD })).toBeDefined()
    expect(await signedIn.open({ prompt: 'none' })).toBeDefined()
    await until('the mails are out', () => mails().length >= invited.size)
    expect(mails().toSorted()).toEqual([...invited].sort())
    table({
      fault: 'rolling restart of both',
      saw: 'nothing',
      lost: `0 of ${outcomes.length} sign-ins`,
      recovery: took / 1000,
    })
  })

  test('stopped with twenty requests open and a slow one, it says so at once, answers all of them and ends with 0', async () => {
    const { a, b } = both
    const { running } = a
    const [slow, ...open] = Array.from({ length: 21 }, () => slowRequest(a.origin))
    await Promise.all([slow, ...open].map((request) => request?.underWay))
    const asked = performance.now()
    running.signal('SIGTERM')
    await expect.poll(() => isReady(a), { interval: 5, timeout: 20_000 }).toBe(false)
    const said = performance.now() - asked
    // Half of the time that whoever asks has until the listeners close.
    expect(said).toBeLessThan(2500)
    expect(await readiness(a)).toEqual({ status: 503, text: 'not ready\nstopping\n' })
    expect((await fetch(`${a.operationsOrigin}/healthz`)).status).toBe(200)
    for (const { finish } of open) finish()
    for (const { answer } of open) expect(await answer).toMatch(/^HTTP\/1\.1 40[01] [\s\S]*"invalid_/)
    await until('it takes no more', () =>
      fetch(`${a.origin}/jwks`).then(
        () => false,
        () => true,
      ),
    )
    slow?.finish()
    expect(await slow?.answer).toMatch(/^HTTP\/1\.1 40[01] [\s\S]*"invalid_/)
    expect(await running.ended).toMatchObject({ code: 0, logged: '' })
    expect(await isReady(b)).toBe(true)
    table({
      fault: 'SIGTERM with 21 requests open',
      saw: 'nothing',
      lost: 'nothing',
      recovery: (performance.now() - asked) / 1000,
    })
    console.log(`not ready ${Math.round(said)} ms after SIGTERM`)
    await restored()
  })

  test('a node that stands still says so, gets no requests for a while, and leaves no turn taken', async () => {
    const member = nth(await crowd(await both.core(), 1, { app: false }), 0)
    const { a, b, proxy } = both
    a.running.signal('SIGTERM')
    await a.running.ended
    const running = await a.start(blocking(STANDSTILL))
    await bothInRow(both)
    const visit = new Visit(both.origin)
    await visit.signIn(member)

    proxy.only('a')
    // In one session, so that all but one wait for their turn when it happens.
    const caught = Array.from({ length: 2 * AT_ONCE }, () => visit.copy().open({ prompt: 'none' }).catch(String))
    await until('it is busy with them', () => proxy.underWay('a') >= AT_ONCE)
    const began = performance.now()
    running.signal('SIGUSR2')
    proxy.only(undefined)
    // For as long as a standstill is not history; the answers may take longer.
    const out = until('it is out of the row', () => proxy.row().join() === 'b')
    await until('it has noticed', () => running.logged().includes('the event loop stood still'))
    // On a busy machine the answer may not come at the first time.
    await expect
      .poll(() => readiness(a), { timeout: 8000 })
      .toMatchObject({
        status: 503,
        text: expect.stringMatching(/^this process stood still for ([2-9]|\d\d) s$/m),
      })
    expect((await fetch(`${a.operationsOrigin}/healthz`)).status).toBe(200)
    // A code, or where a store's answer had come too late by then, a page that says when to try again.
    const answers = await Promise.all(caught)
    const putOff = answers.filter((answer) => answer === 'Error: page 503 /auth')
    expect(answers.filter((answer) => answer === undefined || answer.startsWith('Error'))).toEqual(putOff)
    await out
    // The same session goes on at the other node, at once.
    proxy.only('b')
    const asked = performance.now()
    expect(await visit.open({ prompt: 'none' })).toBeDefined()
    expect(performance.now() - asked).toBeLessThan(5000)
    proxy.only(undefined)
    await bothInRow(both)
    expect(await isReady(b)).toBe(true)
    table({
      fault: `event loop blocked ${STANDSTILL / 1000} s`,
      saw: `a delay, or «try again in a minute» (${putOff.length} of ${answers.length})`,
      lost: 'nothing',
      recovery: (performance.now() - began) / 1000,
    })
  })

  async function begun(member: Member): Promise<Visit> {
    const visit = new Visit(both.origin)
    await visit.open({ login_hint: member.email })
    return visit
  }

  function mails(): string[] {
    return [both.a, both.b].flatMap(({ mail }) => mail.messages.flatMap(({ to }) => to))
  }
})

/** Nodes that are lost without a word: killed while people sign in, or hung and back (SECURITY ). */
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { digest } from '../../src/lib/crypto.ts'
import { crowd, nth } from '../support/nodes/crowd.ts'
import { faultTable } from '../support/nodes/faulty.ts'
import { load } from '../support/nodes/load.ts'
import { begun, expectUsedUp, expectWhole, type Typed } from '../support/nodes/lost-node.ts'
import { bothInRow, type Nodes, type Stores, startStores, twoNodes, until } from '../support/nodes/nodes.ts'
import { type SlowLine, slowLine } from '../support/nodes/slow-line.ts'
import { Unexpected, Visit } from '../support/nodes/visit.ts'
import { codeOf } from '../support/people/second-factor.ts'
import { describeWith } from '../support/services/services.ts'

const PER_SECOND = 4
/** Sign-ins before the kill, and after it. */
const CALM = 10
const SETTING_UP = 8
/** At once. Which node takes them is chance. */
const INVITED = 12
/** Milliseconds in which a node looks for mails several times. */
const SOON = 3000
/** Of what a dead node had in hand (delivery/courier.ts), and of a turn that it had taken (lib/turns.ts). */
const PARCEL_LEASE = 60_000
const TURN_LEASE = 10_000

function invitees(from: number): string[] {
  return Array.from({ length: INVITED }, (_, n) => `invited-${from + n}@sigma.example`)
}

describeWith(['mongo', 'redis'], 'a node that is lost', () => {
  let stores: Stores
  let line: SlowLine
  let both: Nodes
  let redis: Redis
  let killedAt = 0
  const invited: string[] = []
  const table = faultTable()

  beforeAll(async () => {
    stores = await startStores()
    line = await slowLine(stores.redis.port)
    both = await twoNodes({ stores, redisPort: line.port })
    redis = new Redis(both.redis)
    await Promise.all([both.a.start(), both.b.start()])
    await bothInRow(both)
  })
  afterAll(async () => {
    redis?.disconnect()
    await both.stop()
    await line.close()
    await Promise.all([stores.mongo.remove(), stores.redis.remove()])
  })

  test('killed under load: who was not on its sockets notices nothing; what was acknowledged is there, once', async () => {
    const { a, proxy } = both
    const core = await both.core()
    // A code works once, and an app shows the next one after half a minute: then those without an app go on.
    const withApp = await crowd(core, 3 * CALM, { app: true })
    const people = await crowd(core, CALM, { app: false })
    const beginners = await Promise.all(
      (await crowd(core, SETTING_UP, { app: false })).map((member) => begun(both, member)),
    )
    const typed: Typed[] = []
    const signIns = load(PER_SECOND, async (n) => {
      const member = withApp[n] ?? nth(people, n)
      await new Visit(both.origin).signIn(member, (code) => typed.push({ member, code, acknowledged: false }))
      for (const one of typed) if (one.member === member) one.acknowledged = true
    })
    await until('some have signed in', () => signIns.outcomes.length >= CALM)
    // What it takes to deliver stays in its hands.
    a.mail.fail('DATA', 'hang')
    const inHand = a.mail.reached('DATA').then(() => true)
    do {
      for (const email of invitees(invited.length)) {
        await core.links.invite({ email, name: 'Sanne', locale: 'en' })
        invited.push(email)
      }
    } while (!(await Promise.race([inHand, pause(SOON, false)])))
    // Slow enough to be caught in the middle, some here and some there, also where the machine is slow to look.
    line.delay(200)
    const answers = beginners.map(async (beginner) => {
      await beginner.visit.submit({ step: 'code', code: codeOf(beginner.key, Date.now()) }).catch(lost)
      beginner.acknowledged = beginner.visit.person.page.html.includes('value="skip"')
    })
    await until('it is busy', () => proxy.underWay('a') >= SETTING_UP / 4)
    a.running.signal('SIGKILL')
    killedAt = Date.now()
    line.recover()
    await Promise.all(answers)
    const before = signIns.outcomes.length
    await until('more have signed in', () => signIns.outcomes.length >= before + CALM)
    const outcomes = await signIns.end()

    // Whoever failed was on a socket of the dead node at that moment.
    const failed = outcomes.filter(({ fault }) => fault !== undefined)
    for (const { began, took, fault } of failed) {
      expect(fault).toBeInstanceOf(Unexpected)
      expect(['connection broken', 'page 503', '503 at /token']).toContain((fault as Unexpected).seen)
      expect([began <= killedAt + 1000, began + took >= killedAt - 1000]).toEqual([true, true])
    }
    expect(proxy.broken.length).toBeGreaterThan(0)
    expect(proxy.broken.filter(({ node }) => node !== 'a')).toEqual([])
    const without = beginners.filter(({ acknowledged }) => !acknowledged)
    expect(failed.length + without.length).toBeLessThanOrEqual(proxy.broken.length)
    const last = Math.max(killedAt, ...failed.map(({ began, took }) => began + took))

    await expectUsedUp(both, typed.slice(-CALM))
    for (const beginner of beginners) await expectWhole(both, beginner)
    expect(await core.store.durable.verifyAudit()).toBeUndefined()
    a.mail.recover()
    await a.start()
    await bothInRow(both)
    const seen = `${failed.length} of ${outcomes.length}: «not possible at the moment», once`
    table({
      fault: 'kill -9 of a node under load',
      saw: seen,
      lost: 'nothing acknowledged',
      recovery: (last - killedAt) / 1000,
    })
  })

  test('hung in the middle of requests and back: what it still writes does no harm', async () => {
    const { a, b, proxy } = both
    const core = await both.core()
    const people = await crowd(core, 2, { app: false })
    const [ended, giver] = [nth(people, 0), nth(people, 1)]
    const [session, application] = [new Visit(both.origin), new Visit(both.origin)]
    await session.signIn(ended)
    await application.signIn(giver)
    const code = (await application.open({ prompt: 'none' })) ?? ''

    proxy.only('a')
    line.delay(500)
    const calls = await scripts()
    const late = session.copy()
    const answered = late.open({ prompt: 'none' }).catch((fault: Unexpected) => fault)
    await until('it has its turn', () => hasTurn(late))
    // The session is read.
    await until('it works on it', async () => (await scripts()) >= calls + 3)
    const redeemedLate = application.tokenRequest(code, a.origin)
    await until('it looks the code up', async () => (await scripts()) >= calls + 4)
    a.running.signal('SIGSTOP')
    proxy.only('b')
    const [open] = await core.sessions.list(ended.id)
    if (!open) throw new Error('no session')
    await core.sessions.end(ended.id, open)
    const redeemed = await application.tokenRequest(code, b.origin)
    a.running.signal('SIGCONT')
    line.recover()
    const codeOfLate = await answered

    expect([redeemed.status, (await redeemedLate).status]).toEqual([200, 400])
    for (const name of ['a', 'b']) {
      proxy.only(name)
      for (const visit of [session, late])
        await expect(visit.copy().open({ prompt: 'none' })).rejects.toThrow('login_required')
    }
    // Whatever the late answer held opens nothing.
    if (typeof codeOfLate === 'string') expect((await late.tokenRequest(codeOfLate, b.origin)).status).toBe(400)
    proxy.only(undefined)
    await bothInRow(both)
    const saw = typeof codeOfLate === 'string' ? 'a late answer that opens nothing' : `${codeOfLate}, late`
    table({ fault: 'SIGSTOP for a moment', saw, lost: 'nothing' })
  })

  test('hung for long: the others go on at the other node, who waits for its turn does so when the lease is over', async () => {
    const { a, proxy } = both
    const people = await crowd(await both.core(), 2, { app: true })
    const [waiting, free] = [nth(people, 0), nth(people, 1)]
    const visit = new Visit(both.origin)
    await visit.signIn(waiting)
    proxy.only('a')
    line.delay(500)
    const late = visit.copy()
    const answered = late.open({ prompt: 'none' }).catch((fault: Unexpected) => fault)
    await until('it has its turn', () => hasTurn(late))
    a.running.signal('SIGSTOP')
    const hungAt = performance.now()
    proxy.only(undefined)
    await until('it is out of the row', () => proxy.row().join() === 'b')
    const away = performance.now() - hungAt
    await new Visit(both.origin).signIn(free)
    const others = performance.now() - hungAt

    // Waits for its turn, and goes on then; or is told to try again.
    await until('the turn is free', () =>
      visit
        .copy()
        .open({ prompt: 'none' })
        .then(
          () => true,
          () => false,
        ),
    )
    const waited = performance.now() - hungAt
    expect(waited).toBeLessThan(TURN_LEASE + 15_000)
    await visit.person.visit(`${both.origin}/session/end`)
    await visit.person.submit({ logout: 'yes' })
    expect(visit.person.page.status).toBe(200)
    a.running.signal('SIGCONT')
    line.recover()
    await answered
    await bothInRow(both)
    for (const name of ['a', 'b']) {
      proxy.only(name)
      for (const one of [visit, late])
        await expect(one.copy().open({ prompt: 'none' })).rejects.toThrow('login_required')
    }
    proxy.only(undefined)
    table({
      fault: 'SIGSTOP: the others',
      saw: `nothing after ${(away / 1000).toFixed(1)} s`,
      lost: 'nothing',
      recovery: others / 1000,
    })
    table({
      fault: 'SIGSTOP: same session',
      saw: 'a page that takes long, once',
      lost: 'nothing',
      recovery: waited / 1000,
    })
  })

  test('what the killed node was to deliver is delivered by the other, each mail once', async () => {
    const messages = () => [...both.a.mail.messages, ...both.b.mail.messages]
    await until(
      'they are out',
      () => invited.every((email) => messages().some(({ to }) => to.includes(email))),
      2 * PARCEL_LEASE,
    )
    const took = Date.now() - killedAt
    await until('nothing waits', async () => (await (await both.core()).store.durable.backlog()).waiting === 0)
    const ids = messages().map(({ headers }) => headers['message-id'])
    expect(new Set(ids).size).toBe(ids.length)
    expect(messages().filter(({ to }) => to.some((email) => invited.includes(email)))).toHaveLength(invited.length)
    table({
      fault: 'mails in hand at the kill',
      saw: 'a later mail',
      lost: 'nothing, none twice',
      recovery: took / 1000,
    })
  })

  /** Whether a request in this session is being worked on (lib/turns.ts, store/redis/leases.ts). */
  async function hasTurn({ person }: Visit): Promise<boolean> {
    const session = person.cookie('__Host-sigma-session') ?? ''
    return (await redis.exists(`{sigma-id}:lease:${digest(digest(session))}`)) === 1
  }

  /** How many scripts Redis has run: what nodes read and write. */
  async function scripts(): Promise<number> {
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1])
  }
})

function lost(): void {}

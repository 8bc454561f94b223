/**
 * `node test/bench/overload.ts [seconds]`: what is left of a server that is asked for more than it can do. Prints tables and
 * judges nothing, for machines differ. The server runs on one core and whoever comes on the others, as far as there are any
 * (Linux). People arrive at a fixed rate, whether or not it keeps up, each with a connection of their own; nobody pauses to
 * type. Meanwhile people who are signed in ask for userinfo and for a silent sign-in, over the connection that they
 * have and over new ones. Whoever is refused goes away, but for the three hundred who come at once: they come back when
 * they were told to.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../support/app/ports.ts'
import { CLIENT, installation, PASSWORD } from './installation.ts'
import { type Answer, beginning, formOf, type Sent, Visitor } from './visitor.ts'

const SECONDS = Number(process.argv[2] ?? 8)
const PEOPLE = 40
const OFFICE = 300
/** Who are signed in, and how often one of them asks, in milliseconds. */
const SIGNED_IN = 10
const PROBE = 100
/** Wrong passwords, or first pages, a second. */
const FLOOD = 200
/** Milliseconds after which nobody waits any more. */
const PATIENCE = 40_000

interface Came {
  outcome: string
  milliseconds: number
  /** How often a password was typed that nobody looked at. */
  retyped?: number
}

const emails = Array.from({ length: PEOPLE }, (_, n) => `person-${n}@sigma.example`)
const operations = await freePort()
const server = await installation(
  { trustedProxies: 1, operations: { port: operations }, log: { level: 'silent' } },
  emails,
)
let arrived = 0
/** Pages that guesses are sent from; a page takes as many as one likes. */
const guessers: Array<Promise<[Visitor, { action: string; fields: Record<string, string> } | undefined]>> = []

try {
  pin('0')
  await server.start()
  pin(`1-${Math.max(1, cpus().length - 1)}`)
  console.log(
    `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'processor'}, load before ${loadavg()[0]?.toFixed(1)}`,
  )
  await server.activateEverybody()
  const signedIn = await Promise.all(Array.from({ length: SIGNED_IN }, signedInPerson))
  await capacity(3)
  const most = await capacity(SECONDS)
  console.log(`capacity: ${most.toFixed(1)} sign-ins with a code a second`)
  const tables: Record<string, unknown> = {}
  for (const times of [0.5, 1, 2, 4]) tables[`${times} × capacity`] = await load(most * times, most, signedIn)
  tables[`0.5 ×, and ${FLOOD} wrong passwords a second`] = await load(most / 2, most, signedIn, wrongPassword)
  tables[`0.5 ×, and ${FLOOD} first pages a second`] = await load(most / 2, most, signedIn, firstPage)
  console.table(tables)
  console.log(`${OFFICE} people within a second`)
  console.table(await office())
} finally {
  await server.stop()
  server.remove()
}
console.log(`load after ${loadavg()[0]?.toFixed(1)}`)

/**
 * As many as a core would do that has nothing else to do, by what one of them costs: what other work on the machine takes
 * away is left out, here and in the goodput.
 */
async function capacity(seconds: number): Promise<number> {
  const began = performance.now()
  const used = server.processorTime()
  let done = 0
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (performance.now() - began < seconds * 1000) {
        const { outcome } = await signIn()
        if (outcome !== 'in') throw new Error(`nobody gets in: ${outcome}`)
        done += 1
      }
    }),
  )
  return (done * 1000) / (server.processorTime() - used)
}

/** `rate` people a second, and what came of them and of whoever else was there. */
async function load(rate: number, most: number, signedIn: SignedIn[], flood?: () => Promise<Came>): Promise<object> {
  await lag()
  const used = server.processorTime()
  const people: Array<Promise<Came>> = []
  const others: Array<Promise<Came>> = []
  const probes: Record<string, Array<Promise<Came>>> = {}
  const began = performance.now()
  await Promise.all([
    arrivals(rate, () => people.push(signIn())),
    flood && arrivals(FLOOD, () => others.push(flood())),
    arrivals(1000 / PROBE, (n) => {
      const { visitor, token } = signedIn[n % signedIn.length] as SignedIn
      const [what, silent, newConnection] = (
        [
          ['userinfo', false, false],
          ['userinfo, new', false, true],
          ['silent', true, false],
          ['silent, new', true, true],
        ] as const
      )[n % 4] as [string, boolean, boolean]
      probes[what] = [
        ...(probes[what] ?? []),
        silent ? silently(visitor, newConnection) : userinfo(visitor, token, newConnection),
      ]
    }),
  ])
  const came = await Promise.all(people)
  const seconds = (performance.now() - began) / 1000
  const processor = (server.processorTime() - used) / seconds / 10
  const flooded = await Promise.all(others)
  const perProcessor = count(came, 'in') / ((processor * seconds) / 100)
  const row: Record<string, unknown> = {
    offered: came.length,
    in: count(came, 'in'),
    'of capacity, by processor time': Number((perProcessor / most).toFixed(2)),
    'in a second': Number((count(came, 'in') / seconds).toFixed(1)),
    'not in': refusals(came),
    'in p50, p99 ms': spread(came.filter(({ outcome }) => outcome === 'in')),
  }
  for (const [what, all] of Object.entries(probes)) {
    const each = await Promise.all(all)
    row[`${what} p50, p99 ms`] = `${spread(each)}${count(each, 'in') < each.length ? ` (${refusals(each)})` : ''}`
  }
  if (flood) row['the flood'] = refusals(flooded)
  row['loop delay p99, longest ms'] = await lag()
  row['processor %'] = Math.round(processor)
  await pause(2000)
  return row
}

async function arrivals(rate: number, come: (n: number) => unknown): Promise<void> {
  const began = performance.now()
  for (let n = 0; n < rate * SECONDS; n += 1) {
    await pause(Math.max(0, began + (n * 1000) / rate - performance.now()))
    come(n)
  }
}

async function office(): Promise<object> {
  const began = performance.now()
  const came = await Promise.all(
    Array.from({ length: OFFICE }, async (_, n) => {
      await pause((n * 1000) / OFFICE)
      const started = performance.now()
      let retyped = 0
      for (;;) {
        const came = await signIn(started, true)
        retyped += came.retyped ?? 0
        if (came.outcome === 'in' || performance.now() - began > 60_000) return { ...came, retyped }
        await pause(1000)
      }
    }),
  )
  return {
    in: count(came, 'in'),
    'not in': refusals(came),
    'p50, slowest ms': spread(came, 1),
    'everybody was in after, s': ((performance.now() - began) / 1000).toFixed(1),
    'typed again': came.reduce((sum, { retyped = 0 }) => sum + retyped, 0),
  }
}

function somewhere(): string {
  arrived += 1
  return `10.${(arrived >> 16) & 255}.${(arrived >> 8) & 255}.${arrived & 255}`
}

/** First page, password, back to the application, tokens. `persistent` comes back when it was told to. */
async function signIn(started = performance.now(), persistent = false): Promise<Came> {
  const visitor = new Visitor(server.origin, somewhere())
  let retyped = 0
  const ask = async (method: string, path: string, sent?: Sent): Promise<Answer> => {
    for (;;) {
      const answer = await visitor.send(method, path, sent)
      if (answer.status !== 503 || !persistent || method === 'POST') return answer
      await pause(Math.max(0.5, answer.retryAfter) * 1000)
    }
  }
  const go = async (): Promise<string> => {
    const verifier = randomBytes(32).toString('base64url')
    const first = await ask('GET', beginning(verifier))
    if (!first.location) return `${first.status} at the door`
    const email = emails[arrived % PEOPLE] ?? ''
    let answered: Answer
    do {
      const page = await ask('GET', first.location)
      const form = formOf(page.text)
      if (!form) return `${page.status} at the page`
      answered = await ask('POST', form.action, { form: { ...form.fields, email, password: PASSWORD } })
      if (answered.status === 503) {
        retyped += 1
        await pause(persistent ? Math.max(0.5, answered.retryAfter) * 1000 : 0)
      }
    } while (persistent && answered.status === 503)
    if (!answered.location) return `${answered.status} at the password`
    const resumed = await ask('GET', answered.location)
    const to = resumed.location ?? /content="0;\s*url=([^"]+)"/.exec(resumed.text)?.[1]?.replaceAll('&amp;', '&')
    const code = to && new URL(to, server.origin).searchParams.get('code')
    if (!code) return `${resumed.status} after the password`
    const got = await tokens(visitor, code, verifier)
    return got.status === 200 ? 'in' : `${got.status} at the tokens`
  }
  const outcome = await patiently(go)
  visitor.leave()
  return { outcome, milliseconds: performance.now() - started, retyped }
}

function patiently(go: () => Promise<string>): Promise<string> {
  const { promise: late, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(() => resolve('gave up'), PATIENCE)
  const came = go().catch((fault: NodeJS.ErrnoException) => fault.code ?? 'no answer')
  return Promise.race([came, late]).finally(() => clearTimeout(timer))
}

function tokens(visitor: Visitor, code: string, verifier: string): Promise<Answer> {
  return visitor.send('POST', '/token', {
    headers: {
      authorization: `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`,
      accept: 'application/json',
    },
    form: { grant_type: 'authorization_code', code, redirect_uri: CLIENT.redirect, code_verifier: verifier },
  })
}

interface SignedIn {
  visitor: Visitor
  token: string
}

async function signedInPerson(): Promise<SignedIn> {
  const visitor = new Visitor(server.origin, somewhere())
  const verifier = randomBytes(32).toString('base64url')
  const first = await visitor.send('GET', beginning(verifier))
  const form = formOf((await visitor.send('GET', first.location ?? '')).text)
  const fields = { ...form?.fields, email: emails[arrived % PEOPLE] ?? '', password: PASSWORD }
  const answered = await visitor.send('POST', form?.action ?? '', { form: fields })
  const { location, text } = await visitor.send('GET', answered.location ?? '')
  const to = location ?? /content="0;\s*url=([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const got = await tokens(visitor, new URL(to, server.origin).searchParams.get('code') ?? '', verifier)
  return { visitor, token: JSON.parse(got.text).access_token }
}

async function userinfo(visitor: Visitor, token: string, newConnection: boolean): Promise<Came> {
  const started = performance.now()
  const outcome = await patiently(async () => {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
    const { status } = await visitor.send('GET', '/me', { headers, newConnection })
    return status === 200 ? 'in' : `${status}`
  })
  return { outcome, milliseconds: performance.now() - started }
}

async function silently(visitor: Visitor, newConnection: boolean): Promise<Came> {
  const started = performance.now()
  const outcome = await patiently(async () => {
    const address = beginning(randomBytes(32).toString('base64url'), { prompt: 'none' })
    const { status, location, text } = await visitor.send('GET', address, { newConnection })
    return (location ?? text).includes('code=') ? 'in' : `${status}`
  })
  return { outcome, milliseconds: performance.now() - started }
}

async function wrongPassword(): Promise<Came> {
  const at = arrived % 20
  guessers[at] ??= (async () => {
    const visitor = new Visitor(server.origin, somewhere())
    const first = await visitor.send('GET', beginning('guess'))
    return [visitor, formOf((await visitor.send('GET', first.location ?? '')).text)]
  })()
  const outcome = await patiently(async () => {
    const [visitor, form] = (await guessers[at]) as Awaited<(typeof guessers)[number]>
    if (!form) {
      delete guessers[at]
      return 'no page'
    }
    const fields = { ...form.fields, email: `nobody-${arrived}@sigma.example`, password: 'een verkeerd wachtwoord' }
    const headers = { 'x-forwarded-for': somewhere() }
    return `${(await visitor.send('POST', form.action, { form: fields, headers, newConnection: true })).status}`
  })
  return { outcome, milliseconds: 0 }
}

async function firstPage(): Promise<Came> {
  const outcome = await patiently(async () => {
    const visitor = new Visitor(server.origin, somewhere())
    const { status } = await visitor.send('GET', beginning('flood'), { newConnection: true })
    visitor.leave()
    return `${status}`
  })
  return { outcome, milliseconds: 0 }
}

/** Of the server's loop since it was asked last. */
async function lag(): Promise<string> {
  const text = await (await fetch(`http://localhost:${operations}/metrics`)).text()
  const of = (name: string) => Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)`, 'm').exec(text)?.[1])
  return `${Math.round(of('p99') * 1000)}, ${Math.round(of('max') * 1000)}`
}

/** This process, and what it starts from now on. */
function pin(cores: string): void {
  execFileSync('taskset', ['-apc', cores, String(process.pid)], { stdio: 'ignore' })
}

function count(came: Came[], outcome: string): number {
  return came.filter((one) => one.outcome === outcome).length
}

function refusals(came: Came[]): string {
  const outcomes = [...new Set(came.map(({ outcome }) => outcome))].filter((outcome) => outcome !== 'in').sort()
  return outcomes.map((outcome) => `${count(came, outcome)} × ${outcome}`).join(', ') || 'none'
}

function spread(came: Came[], last = 0.99): string {
  const sorted = came.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  const at = (part: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0)
  return `${at(0.5)}, ${at(last)}`
}

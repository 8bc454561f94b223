/**
 * `node test/bench/floods.ts`: who still gets in while somebody guesses at passwords as fast as they can. Prints tables
 * and judges nothing, for machines differ: the attackers and the people run on the same machine as the server.
 *
 * Attackers arrive at a fixed rate, whether or not the server keeps up, and stop by themselves after ten seconds. Every
 * guess is at another address, which is what costs the server most: no counter of one account is ever in its way.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { Agent, request } from 'node:http'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { Person } from '../support/people/person.ts'
import { CLIENT, type Installation, installation, PASSWORD } from './installation.ts'

const RATE = 200
const SECONDS = 10
const KNOWN = 20
const OFFICE = 300
/** Pages that guesses are sent from; a page takes as many as one likes. */
const PAGES = 20
/** One proxy stands in front, which tells where everybody comes from. */
const SETTINGS = { trustedProxies: 1, throttle: {}, log: { level: 'silent' } }

/** Of the attackers, who should cost as little as they can: they are on one machine with the server. */
const agent = new Agent({ keepAlive: true, maxSockets: 400 })

type Came = { outcome: string; milliseconds: number; retryAfter: number }

console.log(
  `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'processor'}, load before ${loadavg()[0]?.toFixed(1)}\n`,
)
console.log(
  `${RATE} wrong passwords a second for ${SECONDS} s; meanwhile ${KNOWN} people sign in with a browser that is known,`,
)
console.log(`and ${KNOWN} with one that is not, each once`)
console.table({
  'nobody guesses': await flood(0, 1),
  'from 1 address': await flood(RATE, 1),
  'from 1,000 addresses': await flood(RATE, 1000),
})
console.log(`${OFFICE} right passwords of ${OFFICE} people at once, from one address`)
console.table(await office())
console.log(`load after ${loadavg()[0]?.toFixed(1)}`)

async function flood(rate: number, addresses: number): Promise<Record<string, unknown>> {
  const emails = Array.from({ length: 2 * KNOWN }, (_, n) => `person-${n}@sigma.example`)
  const server = await installation(SETTINGS, emails)
  await server.start()
  await server.activateEverybody()
  const known = emails.slice(0, KNOWN)
  const browsers = await Promise.all(known.map((email) => knownBrowser(server, email)))
  const pages = await Promise.all(Array.from({ length: PAGES }, () => atPassword(server, new Person())))
  const from = Array.from({ length: addresses }, (_, n) => `10.${n >> 8}.${n & 255}.${randomInt(1, 255)}`)

  const guesses: Array<Promise<Came>> = []
  const people: Array<Promise<Came>> = []
  const strangers: Array<Promise<Came>> = []
  const began = performance.now()
  for (let turn = 0; turn < RATE * SECONDS; turn += 1) {
    await pause(Math.max(0, began + (turn * 1000) / RATE - performance.now()))
    if (rate > 0) {
      guesses.push(guess(pages[turn % PAGES] as Person, `nobody-${turn}@sigma.example`, from[turn % from.length] ?? ''))
    }
    // Half a second apart, from two seconds on.
    const arrived = turn / RATE - 2
    const n = people.length
    if (n < KNOWN && arrived >= (n * (SECONDS - 3)) / KNOWN) {
      people.push(visit(server, browsers[n] as Person, known[n] ?? '', `192.0.2.${n + 1}`))
      strangers.push(visit(server, new Person(), emails[KNOWN + n] ?? '', `198.51.100.${n + 1}`))
    }
  }
  const [came, unknown, guessed] = await Promise.all([people, strangers, guesses].map((all) => Promise.all(all)))
  await server.stop()
  server.remove()
  return {
    'known in': `${count(came, 'in')} of ${KNOWN}`,
    'known p50 ms': spread(came, 0.5),
    'known slowest ms': spread(came, 1),
    'known refused': refusals(came),
    'unknown in': `${count(unknown, 'in')} of ${KNOWN}`,
    'unknown refused': refusals(unknown),
    guesses: refusals(guessed),
  }
}

async function office(): Promise<unknown> {
  const emails = Array.from({ length: OFFICE }, (_, n) => `person-${n}@sigma.example`)
  const server = await installation(SETTINGS, emails)
  await server.start()
  await server.activateEverybody()
  const ready: Person[] = []
  for (let n = 0; n < OFFICE; n += 1) ready.push(await atPassword(server, new Person()))
  const headers = { 'x-forwarded-for': '192.0.2.1' }
  const came = await Promise.all(
    ready.map((person, n) => submit(person, { email: emails[n] ?? '', password: PASSWORD }, headers)),
  )
  await server.stop()
  server.remove()
  return {
    'at once': {
      in: count(came, 'in'),
      refused: refusals(came),
      'longest wait told, s': Math.max(...came.map(({ retryAfter }) => retryAfter)),
      'slowest ms': spread(came, 1),
    },
  }
}

/** A browser in which this person signed in before, and nothing else is left. */
async function knownBrowser(server: Installation, email: string): Promise<Person> {
  const person = await atPassword(server, new Person())
  const came = await submit(person, { email, password: PASSWORD }, {})
  if (came.outcome !== 'in') throw new Error(`no sign-in before the flood but ${came.outcome}`)
  const browser = new Person()
  browser.cookies = person.cookies.filter(({ name }) => name === 'sigma-browser')
  return browser
}

async function visit(server: Installation, browser: Person, email: string, ip: string): Promise<Came> {
  const started = performance.now()
  const at = await atPassword(server, browser).catch(() => browser)
  const came = await submit(at, { email, password: PASSWORD }, { 'x-forwarded-for': ip })
  return { ...came, milliseconds: performance.now() - started }
}

async function atPassword({ origin }: Installation, person: Person): Promise<Person> {
  const address = new URL(`${origin}/auth`)
  address.search = new URLSearchParams({
    client_id: CLIENT.id,
    redirect_uri: CLIENT.redirect,
    response_type: 'code',
    scope: 'openid',
    state: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  await person.visit(address.href)
  return person
}

/** The form with the password; `in` where the provider goes on from there. */
async function submit(person: Person, fields: Record<string, string>, headers: Record<string, string>): Promise<Came> {
  const started = performance.now()
  const [form] = person.forms()
  if (!form) return { outcome: `no page (${person.page.status})`, milliseconds: 0, retryAfter: 0 }
  const url = new URL(form.action, person.page.url).href
  const body = new URLSearchParams({ ...form.fields, ...fields })
  const answered = await person.request('POST', url, body, headers).catch(() => undefined)
  const milliseconds = performance.now() - started
  if (!answered) return { outcome: 'no answer', milliseconds, retryAfter: 0 }
  await answered.body?.cancel()
  const retryAfter = Number(answered.headers.get('retry-after') ?? 0)
  return { outcome: answered.status === 303 ? 'in' : `${answered.status}`, milliseconds, retryAfter }
}

function guess(person: Person, email: string, ip: string): Promise<Came> {
  const { page, cookies } = person
  const [form] = person.forms()
  const body = new URLSearchParams({ ...form?.fields, email, password: 'een verkeerd wachtwoord' }).toString()
  const { origin } = new URL(page.url)
  const headers = {
    origin,
    accept: 'text/html',
    cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    'x-forwarded-for': ip,
  }
  return new Promise((resolve) => {
    const sent = request(new URL(form?.action ?? '', page.url), { method: 'POST', agent, headers }, (answered) => {
      answered.resume()
      resolve({ outcome: `${answered.statusCode}`, milliseconds: 0, retryAfter: 0 })
    })
    sent.on('error', () => resolve({ outcome: 'no answer', milliseconds: 0, retryAfter: 0 }))
    sent.end(body)
  })
}

function count(came: Came[] = [], outcome: string): number {
  return came.filter((one) => one.outcome === outcome).length
}

/** What came of those who did not get in: how many of each. */
function refusals(came: Came[] = []): string {
  const outcomes = [...new Set(came.map(({ outcome }) => outcome))].filter((outcome) => outcome !== 'in').sort()
  return outcomes.map((outcome) => `${count(came, outcome)} × ${outcome}`).join(', ') || 'none'
}

function spread(came: Came[] = [], part: number): number {
  const sorted = came.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0)
}

/**
 * `node test/bench/pipelined.ts [seconds] [rows]`: how long everybody else waits while somebody sends requests without waiting for
 * answers, a thousand at once on each connection, and begins anew as soon as the connection is closed. Prints a table and
 * judges nothing, for machines differ. The server runs on one core and whoever sends on the others, as far as there are any (Linux).
 *
 * Two things are looked at: the longest turn of the server's event loop, as it counts itself (it looks every 10 ms, so 10 is
 * none), and how long somebody waits for the health page, which is asked for over one connection all the time.
 */
import { execFileSync } from 'node:child_process'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { cpus, loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../support/app/ports.ts'
import { CLIENT, installation } from './installation.ts'
import { beginning } from './visitor.ts'

const SECONDS = Number(process.argv[2] ?? 4)
/** A part of their names. */
const ROWS = process.argv[3] ?? ''
const AT_ONCE = 1000
const CONNECTIONS = [1, 50]

const operations = await freePort()
const server = await installation({ operations: { port: operations }, log: { level: 'silent' } }, [])
const port = Number(new URL(server.origin).port)

const AGENT = `Host: localhost:${port}\r\nAccept: text/html\r\n`
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n'
const basic = Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')
const asking = (path: string) => `GET ${path} HTTP/1.1\r\n${AGENT}\r\n`
const posting = (path: string, body: string, headers = '') =>
  `POST ${path} HTTP/1.1\r\n${AGENT}${FORM}${headers}Origin: ${server.origin}\r\nContent-Length: ${body.length}\r\n\r\n${body}`

const REQUESTS: Record<string, string> = {
  'nothing there': asking('/nothing'),
  'kept bytes': asking('/.well-known/openid-configuration'),
  'a page': asking('/recover'),
  'a sign-in begins': asking(beginning('flood')),
  'a faulty request': asking('/auth?client_id=nobody'),
  'a page of no sitting': asking('/interaction/none'),
  'a password of no sitting': posting('/interaction/none/login', 'email=a&password=b'),
  'a token is refused': posting(
    '/token',
    'grant_type=authorization_code&code=none',
    `Authorization: Basic ${basic}\r\n`,
  ),
  'a token is introspected': posting('/token/introspection', 'token=none', `Authorization: Basic ${basic}\r\n`),
  'a long form': posting('/token', `grant_type=none${'&a=b'.repeat(3000)}`),
  'a person is asked for': `GET /me HTTP/1.1\r\n${AGENT}Authorization: Bearer none\r\n\r\n`,
}

try {
  pin('0')
  await server.start()
  pin(`1-${Math.max(1, cpus().length - 1)}`)
  console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'processor'}, load before ${loadavg()[0]?.toFixed(1)}`)
  const table: Record<string, unknown> = { nobody: await during(async () => pause(SECONDS * 1000)) }
  for (const [what, request] of Object.entries(REQUESTS).filter(([what]) => what.includes(ROWS)))
    for (const connections of CONNECTIONS)
      table[`${what}, ${connections} at a time`] = await during(() => flood(request, connections))
  console.table(table)
} finally {
  await server.stop()
  server.remove()
}
console.log(`load after ${loadavg()[0]?.toFixed(1)}`)

async function during(work: () => Promise<unknown>): Promise<object> {
  await longestTurn()
  const used = server.processorTime()
  const began = performance.now()
  let over = false
  const waits: number[] = []
  const probing = (async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!over) waits.push(await healthAfter(agent))
    agent.destroy()
  })()
  const sent = await work()
  over = true
  await probing
  const milliseconds = performance.now() - began
  waits.sort((a, b) => a - b)
  const at = (part: number) => Math.round(waits[Math.min(waits.length - 1, Math.floor(waits.length * part))] ?? 0)
  return {
    connections: sent,
    'longest turn, ms': await longestTurn(),
    'wait for health p50, p99, longest, ms': `${at(0.5)}, ${at(0.99)}, ${at(1)}`,
    'processor %': Math.round(((server.processorTime() - used) / milliseconds) * 100),
  }
}

/** How many connections there were. */
async function flood(request: string, connections: number): Promise<number> {
  const bytes = request.repeat(AT_ONCE)
  const until = performance.now() + SECONDS * 1000
  let made = 0
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) {
        made += 1
        await sendAll(bytes, until)
      }
    }),
  )
  return made
}

function sendAll(bytes: string, until: number): Promise<void> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const timer = setTimeout(() => socket.destroy(), Math.max(1, until - performance.now()))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      done()
    })
    socket.resume()
  })
}

function healthAfter(agent: Agent): Promise<number> {
  const began = performance.now()
  return new Promise((done) => {
    const asked = get({ host: '127.0.0.1', port: operations, path: '/healthz', agent }, (answer) => {
      answer.resume().once('end', () => setTimeout(() => done(performance.now() - began), 5))
    })
    asked.on('error', () => done(performance.now() - began))
  })
}

/** Since it was asked last, in milliseconds. */
async function longestTurn(): Promise<number> {
  const text = await (await fetch(`http://localhost:${operations}/metrics`)).text()
  return Math.round(Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1]) * 1000)
}

/** This process, and what it starts from now on. */
function pin(cores: string): void {
  execFileSync('taskset', ['-apc', cores, String(process.pid)], { stdio: 'ignore' })
}

/** L-01, L-02, L-04, L-07: what the provider may fetch, by whatever name it is called. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerOf } from '../../../src/doctor/back-channel.ts'
import { egress } from '../../../src/oidc/egress.ts'

let server: Server
let origin: string
let seen: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.url ?? '')
    if (request.url === '/redirect') response.writeHead(302, { location: `${origin}/landed` })
    response.end('internal')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

/** Stands for the library's dispatcher, with its class: whatever gets this far would have been sent, under a guard. */
function guarded(): { options: RequestInit; asked: () => number } {
  let count = 0
  class Dispatcher {
    readonly connect: { lookup?: unknown } | undefined

    constructor(options: { connect?: { lookup?: unknown } } = {}) {
      this.connect = options.connect
    }
    dispatch() {
      count += 1
      throw new Error(`guard was asked ${this.connect?.lookup ? '' : 'and looks too late'}`)
    }
  }
  return { options: { dispatcher: new Dispatcher() } as RequestInit, asked: () => count }
}

/** Node's own, as the library finds it. */
function agent(): object {
  Response
  const found = [1, 2].map((n) => (globalThis as Record<symbol, unknown>)[Symbol.for(`undici.globalDispatcher.${n}`)])
  const [one] = found.filter((each) => each instanceof Object)
  return new ((one as object).constructor as new () => object)()
}

test.each([
  'http://rp.example/logout',
  'http://127.0.0.1/logout',
  'http://169.254.169.254/latest/meta-data/',
  'http://metadata.google.internal/',
  'http://[::1]/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_INFO',
  'ftp://rp.example/',
  'data:text/plain,x',
  'https://rp.example:22/',
  'https://rp.example:25/',
  'https://rp.example:6379/',
  'https://rp.example:27017/',
  'https://rp.example:8080/',
  'https://127.0.0.1:6379/',
])('L-04 %s is refused before anything is sent', async (address) => {
  const { options, asked } = guarded()
  await expect(egress([])(address, options)).rejects.toMatchObject({ code: 'egress-refused' })
  expect(asked()).toBe(0)
})

test.each(['https://rp.example/logout', 'https://rp.example:443/', 'https://rp.example:8443/'])(
  'L-01 %s goes out through the guard against private addresses and in no other way',
  async (address) => {
    const { options, asked } = guarded()
    await expect(egress([])(address, options)).rejects.toMatchObject({ cause: { message: 'guard was asked ' } })
    expect(asked()).toBe(1)
  },
)

test.each([
  'https://localhost:8443/',
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://2130706433/',
])('L-01 %s is private before anything connects: an open door and a shut one look alike', async (address) => {
  const fault: unknown = await egress([])(address, { dispatcher: agent() } as RequestInit).catch(
    (each: unknown) => each,
  )
  expect(answerOf(fault)).toBe('private')
})

test('L-07 without the guard nothing goes out, not even to a public address', async () => {
  await expect(egress([])('https://rp.example/logout', {})).rejects.toMatchObject({ code: 'egress-refused' })
  await expect(egress([])('https://rp.example/logout')).rejects.toMatchObject({ code: 'egress-refused' })
})

test('an origin on the list of the operator is reached though it is private, and only that origin', async () => {
  const { options, asked } = guarded()
  const fetched = await egress([origin])(`${origin}/logout`, { ...options, method: 'POST', body: 'x' })
  expect([fetched.status, asked()]).toEqual([200, 0])
  for (const near of [
    origin.replace('127.0.0.1', 'localhost'),
    origin.replace('http', 'https'),
    origin.replace('127.0.0.1', '127.0.0.1.evil.example'),
    origin.replace('127.0.0.1', '127.0.0.2'),
    `http://${new URL(origin).host}@evil.example/`,
    origin.replace(/:\d+/, ':1'),
  ]) {
    seen = []
    await expect(egress([origin])(near, options)).rejects.toMatchObject({ code: 'egress-refused' })
    expect(seen).toEqual([])
  }
})

test('L-02 a redirect is not followed, so an allowed origin cannot send us elsewhere', async () => {
  seen = []
  const { status } = await egress([origin])(`${origin}/redirect`, { redirect: 'follow' })
  expect([status, seen]).toEqual([302, ['/redirect']])
})

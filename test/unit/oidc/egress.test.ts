/** L-01, L-02, L-04, L-07: what the provider may fetch, by whatever name it is called. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

/** Stands for the library's dispatcher: whatever gets this far would have been sent, under its guard. */
function guarded(): { options: RequestInit; asked: () => number } {
  let count = 0
  const dispatcher = {
    dispatch(_options: unknown, handler: { onError?: (error: Error) => void }) {
      count += 1
      throw new Error(`guard was asked ${handler ? '' : 'without a handler'}`)
    },
  }
  return { options: { dispatcher } as RequestInit, asked: () => count }
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

test.each(['https://rp.example/logout', 'https://rp.example:443/', 'https://rp.example:8443/', 'https://127.0.0.1/'])(
  'L-01 %s goes out through the guard against private addresses and in no other way',
  async (address) => {
    const { options, asked } = guarded()
    await expect(egress([])(address, options)).rejects.toThrow()
    expect(asked()).toBe(1)
  },
)

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

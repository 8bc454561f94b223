/**
 * What programs ask takes the short way to the library, by exactly the addresses of oidc/doors.ts. By another spelling it
 * takes the way of pages, and nobody can tell the two apart.
 */
import { expect, test } from 'vitest'
import { raw } from '../../support/attack/attack.ts'
import { basic } from '../../support/oidc/raw-oauth.ts'
import { relyingParty, type World, world } from '../../support/oidc/relying-party.ts'
import { forAllTests } from '../../support/runner/made.ts'

const here: World = forAllTests(() => world())
const house = forAllTests(() => relyingParty(here, 'house'))

const FORM = 'application/x-www-form-urlencoded'
const ADDRESSES = ['/token', '/token/introspection', '/token/revocation', '/me', '/request']
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE']

interface Seen {
  status: number
  headers: Array<[string, string]>
  body: string
  line: Record<string, unknown>
}

async function ask(path: string, init: RequestInit): Promise<Seen> {
  const response = await fetch(here.app.origin + path, init)
  const reference = response.headers.get('x-request-id') ?? ''
  const found = () => here.app.logged.find((one) => one.includes(`"${reference}"`) && one.includes('"request"'))
  await expect.poll(found).toBeDefined()
  const { time, milliseconds, correlation, ...line } = JSON.parse(found() ?? '{}') as Record<string, unknown>
  expect([typeof time, typeof milliseconds, correlation]).toEqual(['string', 'number', reference])
  const headers = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id')
  const plain = headers.map(([name, value]): [string, string] => [name, withoutDrawn(value)])
  return { status: response.status, headers: plain, body: withoutDrawn(await response.text(), reference), line }
}

/** Without what is of this answer alone. */
function withoutDrawn(text: string, reference = ''): string {
  return text
    .replace(reference, '')
    .replace(/nonce(=")?-?[\w+/]{22}==/g, 'nonce')
    .replace(/sigma-form=[^;]*;.*/, 'form')
}

/** By the address as it is written, and in capitals. */
async function expectSame(path: string, init: RequestInit, query = ''): Promise<void> {
  const short = await ask(path + query, init)
  expect(short).toEqual(await ask(path.toUpperCase() + query, init))
  expect(short.line).toMatchObject({ msg: 'request', method: init.method, route: path, status: short.status })
  expect(short.headers).toContainEqual(['cache-control', 'no-store'])
  expect(short.headers).toContainEqual(['x-content-type-options', 'nosniff'])
}

function manners(): Array<[string, Record<string, string>]> {
  return [
    ['a program', {}],
    ['an application that says who it is', basic('house', house.secret)],
    ['somebody with a token', { authorization: 'Bearer not-a-token' }],
    ['a script of another origin', { origin: 'https://app.example.org' }],
    ['a browser before such a script', { origin: 'https://app.example.org', 'access-control-request-method': 'POST' }],
    ['a person who is lost', { accept: 'text/html', 'accept-language': 'nl' }],
  ]
}

test.each(ADDRESSES)('%s: answer, headers and line in the log are the same by both ways', async (path) => {
  for (const method of METHODS)
    for (const [, headers] of manners()) {
      const posted = method === 'POST' && { body: 'token=x&grant_type=client_credentials' }
      await expectSame(path, { method, headers: { ...headers, ...(posted && { 'content-type': FORM }) }, ...posted })
    }
})

test.each(ADDRESSES)('%s: what is too long is refused alike by both ways', async (path) => {
  const [long, form] = ['x'.repeat(17 * 1024), { 'content-type': FORM }]
  for (const [, headers] of manners()) {
    await expectSame(path, { method: 'POST', headers: { ...headers, ...form }, body: `x=${long}` })
    // Node refuses a longer one by itself.
    if (path === '/request') await expectSame(path, { method: 'POST', headers }, `?x=${'x'.repeat(8 * 1024)}`)
  }
})

test('a fragment is no part of a query: it goes the way of pages, which leaves it out', async () => {
  const ask = (path: string) =>
    raw(
      here.app.origin,
      `POST ${path}?x#${'x'.repeat(8 * 1024)} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    )
  // What the library says of a request without an application.
  for (const path of ['/request', '/REQUEST']) expect(await ask(path)).toMatch(/^HTTP.1.1 400 /)
})

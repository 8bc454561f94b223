/** Discovery and keys: kept as text after the first answer, and the same as the library's in everything that is seen of it. */
import { expect, test, vi } from 'vitest'
import { type World, world } from '../../support/oidc/relying-party.ts'
import { forAllTests } from '../../support/runner/made.ts'

const here: World = forAllTests(() => world())

const ADDRESSES = ['/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST']

interface Seen {
  status: number
  headers: Array<[string, string]>
  body: string
}

async function ask(path: string, init: RequestInit = {}): Promise<Seen> {
  const response = await fetch(here.app.origin + path, init)
  // These are of this answer alone.
  const reference = response.headers.get('x-request-id') ?? ''
  const headers = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id')
  return { status: response.status, headers, body: (await response.text()).replace(reference, '') }
}

/** A query is of no meaning here, and with one it is always the library that answers. */
function askLibrary(path: string, init?: RequestInit): Promise<Seen> {
  return ask(`${path}?of-no-meaning`, init)
}

/** How many requests get to the library meanwhile. */
async function reachLibrary(work: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(here.app.oidc.provider(), 'createContext')
  try {
    await work()
    return spy.mock.calls.length
  } finally {
    spy.mockRestore()
  }
}

const MANNERS: Array<[string, RequestInit]> = [
  ['a program', {}],
  ['a script of another origin', { headers: { origin: 'https://app.example.org' } }],
  [
    'a browser before such a script',
    { headers: { origin: 'https://app.example.org', 'access-control-request-method': 'GET' } },
  ],
]

test.each(ADDRESSES)('%s: headers and body are the library’s, to every method and whoever asks', async (path) => {
  await ask(path)
  for (const method of METHODS)
    for (const [who, init] of MANNERS)
      expect([method, who, await ask(path, { ...init, method })]).toEqual([
        method,
        who,
        await askLibrary(path, { ...init, method }),
      ])
  expect((await ask(path)).headers).toContainEqual(['access-control-allow-origin', '*'])
})

test.each(ADDRESSES)('%s: after the first answer no GET and no HEAD costs the library anything', async (path) => {
  await ask(path)
  expect(await reachLibrary(() => ask(path))).toBe(0)
  expect(await reachLibrary(() => ask(path, { method: 'HEAD' }))).toBe(0)
  expect(await reachLibrary(() => ask(path, { method: 'OPTIONS' }))).toBe(1)
})

test.each(ADDRESSES)('%s: each answer has its own reference, and its line in the log', async (path) => {
  await ask(path)
  const references = new Set<string>()
  for (let n = 0; n < 3; n += 1) {
    const { headers } = await fetch(here.app.origin + path)
    const reference = headers.get('x-request-id') ?? ''
    references.add(reference)
    const line = () => here.app.logged.find((one) => one.includes(`"${reference}"`)) ?? '{}'
    await expect
      .poll(() => JSON.parse(line()))
      .toMatchObject({ msg: 'request', method: 'GET', route: path, status: 200, correlation: reference })
  }
  expect(references.size).toBe(3)
})

test('the node that rotated its keys answers with the new ones at once', async () => {
  const kids = async () =>
    (JSON.parse((await ask('/jwks')).body) as { keys: Array<{ kid: string }> }).keys.map(({ kid }) => kid)
  const before = await kids()
  expect(await kids()).toEqual(before)
  expect(await here.app.core.keys.rotate({ forced: true })).toBe('rotated')
  expect(await here.app.oidc.refresh()).toBe(true)
  const after = await kids()
  expect(after.filter((kid) => !before.includes(kid))).toHaveLength(2)
  expect(await ask('/jwks')).toEqual(await askLibrary('/jwks'))
})

/** How much of the crowd gets in at once; who gets in at all is test/flow/attacks/crowd.test.ts. */
import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ParameterizedContext } from 'koa'
import { expect, test } from 'vitest'
import { type CrowdDoor, type CrowdDoorParts, crowdDoor } from '../../../src/web/crowd-door.ts'
import { receive } from '../../../src/web/request.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('four requests of programs begin in one turn of the event loop, and one of anybody else', async () => {
  const begun: string[] = []
  const never = () => {
    throw new Error('nobody is asked')
  }
  const handle = ({ url = '' }: IncomingMessage) => void begun.push(url)
  const door = crowdDoor({ now: () => 0 } as unknown as CrowdDoorParts, handle, never)
  const enter = (url: string) =>
    door.enter({ method: 'GET', url } as IncomingMessage, { destroyed: false } as ServerResponse)
  for (const path of ['/me', '/token', '/me', '/jwks', '/me', '/account', '/account']) enter(path)
  expect(begun).toEqual(['/me', '/token', '/me', '/jwks'])
  await turn()
  expect(begun.slice(4)).toEqual(['/me'])
  await turn()
  expect(begun.slice(5)).toEqual(['/account'])
  await turn()
  expect(begun.slice(6)).toEqual(['/account'])
})

/** Passwords wait for so long that only whoever is signed in goes in; `known` says who is. */
function full(known: (session: string) => Promise<boolean>) {
  const begun: string[] = []
  const refused: string[] = []
  const asked: string[] = []
  const parts = {
    now: () => 0,
    wait: () => 60_000,
    session: 'session',
    isSignedIn: (session: string) => {
      asked.push(session)
      return known(session)
    },
    metrics: { countBusy: () => undefined },
    cookies: { get: () => undefined },
    busy({ url = '' }: IncomingMessage) {
      refused.push(url)
      return { status: 503, headers: {}, bytes: Buffer.of() }
    },
  } as unknown as CrowdDoorParts
  const door: CrowdDoor = crowdDoor(
    parts,
    ({ url = '' }) => void begun.push(url),
    // Signed is what begins so.
    ({ headers }) =>
      ({
        cookies: { get: () => (headers.cookie?.startsWith('signed') ? headers.cookie : undefined) },
        query: {},
        accepts: () => 'json',
      }) as unknown as ParameterizedContext,
  )
  /** Posts a password on this page. */
  function enter(page: string, cookie?: string) {
    const response = Object.assign(new EventEmitter(), {
      destroyed: false,
      writeHead: () => response,
      end: () => response,
    })
    const request = {
      method: 'POST',
      url: `/interaction/${page}/login`,
      headers: { cookie },
      socket: {},
      rawHeaders: [],
    }
    facts(request as unknown as IncomingMessage)
    door.enter(request as unknown as IncomingMessage, response as unknown as ServerResponse)
    return () => {
      response.destroyed = true
      response.emit('close')
    }
  }
  return { begun, refused, asked, enter }
}

/** As the server notes them of each request. */
function facts(request: IncomingMessage): void {
  request.headers.host = 'id.example'
  receive(request, new URL('https://id.example'), 0)
}

test('whose cookie is not signed is refused at once, and nobody is looked up', () => {
  const { refused, asked, enter } = full(async () => true)
  enter('a')
  enter('b', 'made up')
  expect([refused.length, asked]).toEqual([2, []])
})

test('whose session the store does not find, or cannot look up, is a stranger', async () => {
  const { begun, refused, enter } = full(async (session) => {
    if (session === 'signed, no answer') throw new Error('the store does not answer')
    return false
  })
  enter('a', 'signed, nobody')
  enter('b', 'signed, no answer')
  await turn()
  expect([begun, refused]).toEqual([[], ['/interaction/a/login', '/interaction/b/login']])
})

test('a share is used up before anybody is looked up', async () => {
  const { asked, begun, refused, enter } = full(async () => true)
  for (const page of ['a', 'b', 'c', 'd']) enter(page, 'signed')
  for (let turns = 0; turns < 4; turns += 1) await turn()
  expect([asked.length, begun.length, refused.length]).toEqual([2, 2, 2])
})

test('of two passwords of one page that are looked up together one goes in, and the page is free once it is answered', async () => {
  const { begun, refused, enter } = full(async () => true)
  const ends = [enter('a', 'signed 1'), enter('a', 'signed 2')]
  await turn()
  expect([begun.length, refused.length]).toEqual([1, 1])
  for (const end of ends) end()
  enter('a', 'signed 3')
  await turn()
  await turn()
  expect([begun.length, refused.length]).toEqual([2, 1])
})

test('whose connection is closed while they are looked up is neither begun nor counted', async () => {
  const first = Promise.withResolvers<boolean>()
  const { begun, refused, enter } = full(async (session) => (session === 'signed 1' ? first.promise : true))
  const close = enter('a', 'signed 1')
  close()
  first.resolve(true)
  await turn()
  expect([begun, refused]).toEqual([[], []])
  // It would be under way for ever.
  enter('a', 'signed 2')
  await turn()
  await turn()
  expect(begun).toHaveLength(1)
})

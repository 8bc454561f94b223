/** What operators ask, many at once. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { SECOND } from '../../../src/lib/time.ts'
import { operations } from '../../../src/web/operations.ts'

/** More than the system keeps for whoever does not read. */
const LARGE = 'x'.repeat(2 ** 23)
const SCRAPE = 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'

/** A time that passes when it is told to. */
function time() {
  let at = 0
  const due = new Map<() => void, number>()
  return {
    due,
    timing: {
      now: () => at,
      after(milliseconds: number, work: () => void) {
        due.set(work, at + milliseconds)
        return () => void due.delete(work)
      },
    },
    pass(milliseconds: number) {
      at += milliseconds
      for (const [work, then] of due) if (then <= at) work()
    },
  }
}

async function listening(text: () => Promise<string>) {
  const { timing, pass, due } = time()
  const expose = async () => ({ text: await text(), type: 'text/plain' })
  const server = operations({ troubles: async () => [], metrics: { expose }, timing }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  const statusOf = async () => {
    const response = await get('/metrics')
    await response.arrayBuffer()
    return response.status
  }
  /** One that has answers under way, and does not read them. */
  const silent = async (scrapes = 1) => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    onTestFinished(() => void socket.destroy())
    await Promise.all([once(socket, 'data'), socket.write(SCRAPE.repeat(scrapes))])
    socket.pause()
    return socket
  }
  const connections = () => promisify(server.getConnections.bind(server))()
  return { port, get, statusOf, silent, connections, pass, due }
}

/** Reads on to the end of the answer, or a little further. */
async function whole(socket: Socket): Promise<void> {
  socket.resume()
  while (socket.bytesRead < LARGE.length + 100) await once(socket, 'data')
}

/** What it waits for happens in other turns of this event loop. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate)
}

test('300 scrapes at once are one rendering for 20, the others are told when to come again; the next one is made anew', async () => {
  const renderings: Array<() => void> = []
  const { get } = await listening(async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const number = renderings.push(resolve)
    await promise
    return `rendering ${number}`
  })
  let refused = 0
  const all = Array.from({ length: 300 }, async () => {
    const response = await get('/metrics')
    if (response.status === 503) refused += 1
    return [response.status, response.headers.get('retry-after'), await response.text()].join(' ')
  })
  await until(() => refused === 280)
  expect(renderings).toHaveLength(1)
  expect(await (await get('/readyz')).text()).toBe('ready\n')
  renderings[0]?.()
  const told = Object.entries(Object.groupBy(await Promise.all(all), (answer) => answer))
  expect(Object.fromEntries(told.map(([answer, those]) => [answer, those?.length]))).toEqual({
    '200  rendering 1': 20,
    '503 1 too many scrapes at once\n': 280,
  })

  const next = get('/metrics')
  await until(() => renderings.length === 2)
  renderings[1]?.()
  expect(await (await next).text()).toBe('rendering 2')
})

test('whoever takes an answer and does not read it has a place until the connection ends', async () => {
  const { statusOf, silent } = await listening(async () => LARGE)
  const sockets = await Promise.all(Array.from({ length: 20 }, () => silent()))
  expect(await statusOf()).toBe(503)
  for (const socket of sockets) socket.destroy()
  while ((await statusOf()) !== 200);
})

test('whoever has had a place longest, for a second at least, gives it up when there is none', async () => {
  const { get, statusOf, silent, pass } = await listening(async () => LARGE)
  const first = await silent()
  pass(1)
  const others = await Promise.all(Array.from({ length: 19 }, () => silent()))
  pass(SECOND - 2)
  expect(await statusOf()).toBe(503)
  expect(await (await get('/readyz')).text()).toBe('ready\n')
  pass(1)
  expect(await statusOf()).toBe(200)
  first.resume()
  await once(first, 'close')
  expect(first.bytesRead).toBeLessThan(LARGE.length)
  // And nobody else had to go.
  for (const other of others) await whole(other)
})

test('a connection ends when not everything was read after ten seconds, however much was', async () => {
  const { silent, connections, pass, due } = await listening(async () => LARGE)
  const socket = await silent(3)
  pass(5 * SECOND)
  await whole(socket)
  // Into the second.
  await once(socket, 'data')
  socket.pause()
  pass(5 * SECOND - 1)
  expect(await connections()).toBe(1)
  pass(1)
  await until(async () => (await connections()) === 0)
  await until(() => due.size === 0)
})

test('a connection that was answered may stay', async () => {
  const { silent, connections, pass, due } = await listening(async () => 'well')
  const socket = await silent()
  for (let time = 0; time < 3; time += 1) {
    await until(() => due.size === 0)
    pass(10 * SECOND)
    await Promise.all([once(socket.resume(), 'data'), socket.write(SCRAPE)])
  }
  expect(await connections()).toBe(1)
})

test('scrapes of one connection, one behind the other, have one place', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const { port, statusOf, due } = await listening(() => promise)
  const socket = connect(port, '127.0.0.1')
  let read = ''
  socket.on('data', (data) => {
    read += data
  })
  socket.write(SCRAPE.repeat(16))
  await until(() => due.size === 1)
  const statuses: number[] = []
  for (let other = 0; other < 20; other += 1) void statusOf().then((status) => statuses.push(status))
  await until(() => statuses.length === 1)
  expect([statuses, due.size]).toEqual([[503], 20])
  resolve('well')
  await until(() => statuses.length === 20 && read.split('well').length === 17)
  expect(statuses.slice(1)).toEqual(Array(19).fill(200))
  await until(() => due.size === 0)

  // More than that are nobody's who means well.
  socket.write(SCRAPE.repeat(17))
  await once(socket, 'close')
  await until(() => due.size === 0)
  expect(await statusOf()).toBe(200)
})

test('a rendering that fails is told as such, and the next one is made anew', async () => {
  const texts = ['', 'well']
  const { get } = await listening(async () => texts.shift() || Promise.reject(new Error('no')))
  expect((await get('/metrics')).status).toBe(503)
  expect(await (await get('/metrics')).text()).toBe('well')
})

/** What operators ask, many at once. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { operations } from '../../../src/web/operations.ts'

async function listening(text: () => Promise<string>) {
  const expose = async () => ({ text: await text(), type: 'text/plain' })
  const server = operations({ troubles: async () => [], metrics: { expose } }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { port, get: (path: string) => fetch(`http://127.0.0.1:${port}${path}`) }
}

/** What it waits for happens in other turns of this event loop. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
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
  // More than the system keeps for whoever does not read.
  const { port, get } = await listening(async () => 'x'.repeat(2 ** 23))
  const statusOf = async () => {
    const response = await get('/metrics')
    await response.arrayBuffer()
    return response.status
  }
  const sockets = Array.from({ length: 20 }, () => connect(port, '127.0.0.1').pause())
  for (const socket of sockets) socket.write('GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n')
  while ((await statusOf()) !== 503);
  for (const socket of sockets) socket.destroy()
  while ((await statusOf()) !== 200);
})

test('a rendering that fails is told as such, and the next one is made anew', async () => {
  const texts = ['', 'well']
  const { get } = await listening(async () => texts.shift() || Promise.reject(new Error('no')))
  expect((await get('/metrics')).status).toBe(503)
  expect(await (await get('/metrics')).text()).toBe('well')
})

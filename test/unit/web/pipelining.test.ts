import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { pipelining, readNoMoreOfClosed } from '../../../src/web/pipelining.ts'

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

async function served(answer: (response: ServerResponse) => void) {
  const isTooMany = pipelining()
  const seen = { handed: 0, begun: 0, over: 0 }
  const server: Server = createServer((request, response) => {
    seen.handed += 1
    if (isTooMany(request, response)) return
    seen.begun += 1
    response.once('close', () => {
      seen.over += 1
      expect(response.destroyed).toBe(true)
    })
    answer(response)
  })
  readNoMoreOfClosed(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { seen, port: (server.address() as AddressInfo).port }
}

/** All of it in one packet; resolves to what came back until the other side closed. */
async function send(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let back = ''
  socket.setEncoding('latin1').on('data', (part) => {
    back += part
  })
  socket.on('error', () => undefined)
  socket.write(text)
  await once(socket, 'close')
  return back
}

test('of a thousand requests that one connection sends at once sixteen are begun, and the rest is not even read', async () => {
  const { seen, port } = await served(() => undefined)
  await send(port, REQUEST.repeat(1000))
  // And whoever is at work for them hears that nobody waits for it any more.
  await expect.poll(() => seen).toEqual({ handed: 17, begun: 16, over: 16 })
})

test('nor are more begun in one turn where each is answered at once, and has a body', async () => {
  const turns: number[] = []
  let begun = 0
  const { port } = await served((response) => {
    if (begun === 0)
      setImmediate(() => {
        turns.push(begun)
        begun = 0
      })
    begun += 1
    response.end('there')
  })
  await send(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody'.repeat(1000))
  expect(Math.max(...turns)).toBeLessThanOrEqual(16)
})

test('the next connection is read as ever, whatever parser it gets', async () => {
  const { seen, port } = await served((response) => setImmediate(() => response.end('there')))
  for (let times = 0; times < 5; times += 1) await send(port, REQUEST.repeat(1000))
  const before = seen.begun
  const close = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
  expect((await send(port, REQUEST.repeat(15) + close)).split('there')).toHaveLength(17)
  expect(seen.begun - before).toBe(16)
})

test('whoever waits for answers may send as many requests as they like', async () => {
  const { seen, port } = await served((response) => response.end('there'))
  for (let times = 0; times < 3; times += 1)
    await send(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody')
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  for (let times = 0; times < 50; times += 1) {
    socket.write(REQUEST)
    await once(socket, 'data')
  }
  expect(seen.begun).toBe(53)
})

/** What is changed in MongoDB's driver, against the driver itself. */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openMongoStore } from '../../src/store/mongo/open.ts'
import { slowLine } from '../support/nodes/slow-line.ts'
import { NOW } from '../support/samples/records.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'

interface DriverConnection {
  command(namespace: unknown, command: object, options: object): Promise<unknown>
}

const ofMongoose = createRequire(createRequire(import.meta.url).resolve('mongoose'))
const { Connection } = ofMongoose('mongodb/lib/cmap/connection.js') as {
  Connection: new (socket: object, options: object) => DriverConnection
}
const { HostAddress, ns } = ofMongoose('mongodb/lib/utils.js') as {
  HostAddress: { fromString(address: string): unknown }
  ns: (name: string) => unknown
}

test('a command to a socket that was destroyed a moment ago ends with it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const connection = new Connection(socket, { hostAddress: HostAddress.fromString(`127.0.0.1:${port}`), id: 1 })
  socket.destroy()
  const ended = connection.command(ns('admin.$cmd'), { ping: 1 }, {}).catch((fault: Error) => fault.name)
  expect(await Promise.race([ended, pause(3000, 'never')])).toBe('MongoNetworkError')
})

describeWith(['mongo'], 'a MongoDB behind a line that closes its connections in good order', () => {
  test('is found again each time it was killed in the middle of writes', async () => {
    const server = await mongoServer()
    const line = await slowLine(server.port)
    const { durable, ping, close } = await openMongoStore(`mongodb://127.0.0.1:${line.port}/driver`)
    onTestFinished(async () => {
      await close()
      await line.close()
      await server.remove()
    })
    for (let round = 0; round < 3; round += 1) {
      const writes = Array.from({ length: 30 }, (_, n) =>
        durable.spendWindow(`${n}`, NOW, 5, 1000).catch(() => undefined),
      )
      await Promise.race(writes)
      await server.kill()
      await Promise.all(writes)
      await server.start()
      await expect.poll(() => ping().then(() => 'there', String), { timeout: 10_000 }).toBe('there')
    }
  })
})

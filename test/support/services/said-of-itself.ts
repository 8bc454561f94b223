/**
 * In front of a server that speaks MongoDB's protocol, and has it say of itself what one of a replica set or a router of a
 * sharded cluster does. Everything else passes as it is: it makes no replica set.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import mongoose from 'mongoose'

const { deserialize, serialize } = mongoose.mongo.BSON
/** Bytes before the document, by the kind of message (OP_REPLY, OP_MSG). */
const BEFORE: Record<number, number> = { 1: 36, 2013: 21 }

export interface SaidOfItself {
  uri: string
  close(): void
}

/** `say` gets the address that it is asked at. */
export async function sayingOfItself(uri: string, say: (at: string) => object): Promise<SaidOfItself> {
  const { hostname, port } = new URL(uri)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const there = connect(Number(port), hostname)
    for (const socket of [client, there]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    }
    client.pipe(there)
    let rest = Buffer.alloc(0)
    there.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      for (let size = sizeOf(rest); size > 0 && rest.length >= size; size = sizeOf(rest)) {
        client.write(changed(rest.subarray(0, size), say(at)))
        rest = rest.subarray(size)
      }
    })
    there.on('end', () => client.end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    uri: `mongodb://${at}`,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function sizeOf(bytes: Buffer): number {
  return bytes.length < 4 ? 0 : bytes.readInt32LE()
}

function changed(message: Buffer, said: object): Buffer {
  const before = BEFORE[message.readInt32LE(12)]
  if (before === undefined) return message
  const document = deserialize(message.subarray(before), { promoteValues: false })
  if (!('ismaster' in document || 'isWritablePrimary' in document)) return message
  const whole = Buffer.concat([message.subarray(0, before), serialize({ ...document, ...said })])
  whole.writeInt32LE(whole.length)
  return whole
}

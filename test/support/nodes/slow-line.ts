/** A line to a server that can be made slow, silent or dead while connections are open. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface SlowLine {
  port: number
  /** What comes back from the server is held up this many milliseconds, from now on. */
  delay(milliseconds: number): void
  /** Nothing gets through any more and nothing is closed, as behind a firewall that forgot a connection. */
  swallow(): void
  /** New connections get through; those that were swallowed stay so. */
  recover(): void
  /** How many connections were made. */
  connections(): number
  close(): Promise<void>
}

export async function slowLine(to: number): Promise<SlowLine> {
  const sockets = new Set<Socket>()
  let held = 0
  let swallowing = false
  let made = 0

  const server = createServer((near) => {
    made += 1
    const far = connect(to, '127.0.0.1')
    let dead = swallowing
    const isDead = () => {
      dead ||= swallowing
      return dead
    }
    const ends: Array<[Socket, Socket, () => number]> = [
      [near, far, () => 0],
      [far, near, () => held],
    ]
    for (const [from, other, wait] of ends) {
      sockets.add(from)
      let before: Promise<unknown> = Promise.resolve()
      // One behind the other, whatever the wait was: bytes that overtake each other are not what a slow line does.
      const later = (what: () => void) => {
        const due = performance.now() + wait()
        before = before
          .then(() => pause(Math.max(0, due - performance.now()), undefined, { ref: false }))
          .then(() => isDead() || what())
      }
      from.on('data', (chunk) => isDead() || later(() => other.write(chunk)))
      from.on('close', () => {
        sockets.delete(from)
        later(() => other.destroy())
      })
      from.on('error', () => from.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    delay(milliseconds) {
      held = milliseconds
    },
    swallow() {
      swallowing = true
    },
    recover() {
      held = 0
      swallowing = false
    },
    connections: () => made,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

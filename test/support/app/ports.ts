/**
 * Free ports that stay free until they are used, and while their server is down. A process has a block of them, and
 * claims it by listening on its first port for as long as it lives: the kernel gives a port to one process only, so that
 * neither another worker nor a second checkout takes one in between, and a process that is killed leaves no claim behind.
 */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

// Below those that the system gives to outgoing connections (ip_local_port_range begins at 32768).
const FIRST = 10_000
const BLOCKS = 88
const EACH = 250

let block: Promise<number> | undefined
let turn = 0

/** None comes twice before all the others of the block have. */
export async function freePort(): Promise<number> {
  block ??= claimed()
  const first = await block
  for (let tries = 1; tries < EACH; tries += 1) {
    turn = (turn % (EACH - 1)) + 1
    // Another call takes its turn while this one looks.
    const port = first + turn
    if (await isFree(port)) return port
  }
  throw new Error(`every port from ${first} to ${first + EACH - 1} is in use`)
}

/** The first port of a block that nobody else has. */
async function claimed(): Promise<number> {
  const start = randomInt(BLOCKS)
  for (let tries = 0; tries < BLOCKS; tries += 1) {
    const first = FIRST + ((start + tries) % BLOCKS) * EACH
    const claim = await listening(first)
    if (!claim) continue
    claim.on('connection', (socket) => socket.destroy())
    claim.unref()
    return first
  }
  throw new Error('every block of ports is claimed')
}

async function isFree(port: number): Promise<boolean> {
  const probe = await listening(port)
  if (!probe) return false
  probe.close()
  await once(probe, 'close')
  return true
}

async function listening(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1')
  return once(server, 'listening').then(
    () => server,
    () => undefined,
  )
}

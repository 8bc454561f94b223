/** Start and stop: configuration, application, listeners, and a clean end on SIGTERM. */
import { availableParallelism } from 'node:os'

// Node would end the process by it. Until there is a configuration to read anew (run.ts), it means nothing.
process.on('SIGHUP', () => undefined)
// Argon2 and signatures run on libuv's threads: one for each core, and the four that other work expects.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4)
const parent = process.ppid
const { run } = await import('./run.ts')
await run(parent)

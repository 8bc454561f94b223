/** Start and stop: configuration, application, listeners, and a clean end on SIGTERM. */
import { enableCompileCache } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

// Node would end the process by it. Until there is a configuration to read anew (run.ts), it means nothing.
process.on('SIGHUP', () => undefined)
// Argon2 and signatures run on libuv's threads: one for each core, and the four that other work expects.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4)
// Compiled modules are kept between starts, which takes a third off the time to the first request. Not in the system's
// temporary folder, where another user could leave code for us to run.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compiled'))
const { run } = await import('./run.ts')
await run()

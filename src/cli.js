#!/usr/bin/env node
/** What `npm run sigma-id` runs: plain JavaScript, so that nothing is made of TypeScript that was made the time before. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { entryOf } from './packed.js'

// V8 takes memory by what the machine has: 48 MB of room for what lives for a moment, and several times what is in use for the
// rest. That is a good bargain for a server, and none for a command that runs beside it. It is asked at each collection.
setFlagsFromString('--optimize-for-size')
// As start.js does: half of the time of a command, and 20 MB of its memory, went into that.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compiled'))
await import(entryOf('cli'))

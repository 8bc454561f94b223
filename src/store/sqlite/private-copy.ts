/**
 * A copy of a file to try something on: in a folder that only we may enter, and gone afterwards, also on a signal. Those of
 * processes that were killed go with the next one (leftover-copies.ts).
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { prefixOf, removeLeftovers } from './leftover-copies.ts'

export interface PrivateCopy {
  file: string
  bytes: number
  sha256: string
  remove(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** In the system's temporary folder, which TMPDIR names. Rejects if `from` cannot be read, or there is no room. */
export async function privateCopy(from: string, now: number): Promise<PrivateCopy> {
  removeLeftovers(tmpdir(), now)
  // Whoever is stopped in the moment in which it is made has it removed as well.
  let folder: string | undefined
  const removeFolder = () => folder !== undefined && rmSync(folder, { recursive: true, force: true })
  const endBy = (signal: NodeJS.Signals) => {
    remove()
    process.kill(process.pid, signal)
  }
  const remove = () => {
    for (const signal of SIGNALS) process.off(signal, endBy)
    process.off('exit', removeFolder)
    removeFolder()
  }
  for (const signal of SIGNALS) process.on(signal, endBy)
  process.on('exit', removeFolder)
  const digest = createHash('sha256')
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      digest.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  try {
    folder = mkdtempSync(join(tmpdir(), prefixOf(process.pid)))
    const file = join(folder, 'sigma-id.db')
    await pipeline(createReadStream(from), counted, createWriteStream(file, { flags: 'wx', mode: 0o600 }))
    return { file, bytes, sha256: digest.digest('hex'), remove }
  } catch (fault) {
    remove()
    throw fault
  }
}

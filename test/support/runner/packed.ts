/** Packs once what tests start as a process: hundreds of servers and commands are there in half of the time. */
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'

const PACK = resolve(import.meta.dirname, '../../../src/pack.js')

export default function setup(): void {
  execFileSync(process.execPath, [PACK], { stdio: 'inherit' })
}

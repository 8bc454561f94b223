/**
 * A process that wants to be the only server on a file: it prints whether it is, and stays until it is killed. For each line
 * that it reads it gives a sign of life, and prints what came of that.
 */
import { createInterface } from 'node:readline'
import { RELEASE } from '../../src/lib/release.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { openServed } from '../../src/store/sqlite/served.ts'
import { NOW } from '../support/samples/records.ts'

const [, , path = ''] = process.argv
const say = (text: string) => process.stdout.write(`${text}\n`)
const words = (fault: unknown) => (fault instanceof Error ? fault.message : String(fault))
try {
  const self = { process: process.pid, host: 'here', release: RELEASE, since: NOW }
  let warned = ''
  const warn = (_told: object, text: string) => {
    warned = `${text}; `
  }
  const store = openServed(path, self, () => openSqliteStore(path), { warn: warn as never })
  store.failed?.then((fault) => say(`ends: ${words(fault)}`))
  createInterface(process.stdin).on('line', async () => {
    warned = ''
    await store.pings.sqlite?.().then(
      () => say(`${warned}well`),
      // The first of these said so.
      () => undefined,
    )
  })
  say('mine')
} catch (fault) {
  say(words(fault))
  process.exit()
}

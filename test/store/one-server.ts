/** A process that wants to be the only server on a file: it prints whether it is, and stays until it is killed. */
import { RELEASE } from '../../src/lib/release.ts'
import { onlyServer } from '../../src/store/sqlite/one-server.ts'
import { NOW } from '../support/samples/records.ts'

const [, , path = ''] = process.argv
try {
  onlyServer(path, { process: process.pid, host: 'here', release: RELEASE, since: NOW })
  process.stdout.write('mine\n')
  setInterval(() => undefined, 1000)
} catch (fault) {
  process.stdout.write(`${fault instanceof Error ? fault.message : fault}\n`)
}

/** A process that copies one file into another, and is killed as it puts this many records in. */
import { copyStore } from '../../src/store/copy.ts'
import { openSqlitePortable } from '../../src/store/sqlite/portable.ts'
import { NOW } from '../support/samples/records.ts'
import { failingAt } from './inhabited.ts'

const [, , from, to, writes] = process.argv
if (!from || !to || !writes) throw new Error('usage: copier.ts <from> <to> <records>')
const target = failingAt(await openSqlitePortable(to), Number(writes), () => process.kill(process.pid, 'SIGKILL'))
await copyStore(await openSqlitePortable(from), target, { now: () => NOW })

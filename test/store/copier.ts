/** A process that copies one file into another, and prints a line after every page, until it is done or killed. */
import { writeSync } from 'node:fs'
import { copyStore } from '../../src/store/copy.ts'
import { openSqlitePortable } from '../../src/store/sqlite/portable.ts'
import { NOW } from './conformance/samples.ts'

const [, , from, to] = process.argv
if (!from || !to) throw new Error('usage: copier.ts <from> <to>')
const [source, target] = [await openSqlitePortable(from), await openSqlitePortable(to)]
writeSync(1, 'begun\n')
await copyStore(source, target, { now: () => NOW, onProgress: (section) => writeSync(1, `${section}\n`) })
await source.close()
await target.close()

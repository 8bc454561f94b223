/** A process that writes until it is killed, and prints the id of each parcel once it was told that it is kept. */
import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { artifact, NOW, parcel } from '../support/samples/records.ts'

const [, , path] = process.argv
if (!path) throw new Error('usage: writer.ts <database file>')
const store = openSqliteStore(path)

async function write(): Promise<void> {
  const one = parcel({ sealed: 'x'.repeat(2000) })
  await store.durable.enqueue([one])
  writeSync(1, `${one.id}\n`)
}

for (;;) {
  // What comes and goes meanwhile makes pages be freed and used again, and the log be put back.
  const passing = artifact({ sealed: 'y'.repeat(5000) })
  await Promise.all([write(), write(), write(), store.expiring.insertArtifact(passing, NOW)])
  await store.expiring.removeArtifact(passing.model, passing.key)
}

/** Records on every store: the conformance suite, and what only one of them can go through. */
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { portableRecords } from '../../src/store/sqlite/portable-records.ts'
import { queue } from '../../src/store/sqlite/queue.ts'
import { records } from '../../src/store/sqlite/records.ts'
import { recordConformance } from './conformance/records.ts'
import { TOY } from './conformance/records-toy.ts'
import { temporaryFile } from './temporary.ts'

recordConformance('SQLite, two processes on one file', async () => {
  const { path, remove } = temporaryFile()
  const [one, other] = [openDatabase(path, { kinds: [TOY] }), openDatabase(path, { kinds: [TOY] })]
  const revision = one.prepare<{ id: string }, { revision: number }>('SELECT revision FROM toys WHERE id = :id')
  return {
    one: records(one, TOY),
    other: records(other, TOY),
    section: portableRecords(one, TOY),
    queue: queue(one),
    revision: async (id) => revision.get({ id })?.revision,
    async destroy() {
      for (const db of [one, other]) await db.close()
      remove()
    },
  }
})

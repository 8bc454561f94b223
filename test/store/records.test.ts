/** Records on every store: the conformance suite, and what only one of them can go through. */
import { clientKind } from '../../src/client/record.ts'
import { personKind } from '../../src/person/kind.ts'
import type { Kind } from '../../src/record/kind.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { portableRecords } from '../../src/store/sqlite/portable-records.ts'
import { queue } from '../../src/store/sqlite/queue.ts'
import { records } from '../../src/store/sqlite/records.ts'
import { clientRaces } from './conformance/client-races.ts'
import { peopleRaces } from './conformance/people-races.ts'
import { recordConformance } from './conformance/records.ts'
import type { OpenedRecords } from './conformance/records-opened.ts'
import { TOY } from './conformance/records-toy.ts'
import { temporaryFile } from './temporary.ts'

async function twoProcesses<R extends object, F extends string>(kind: Kind<R, F>): Promise<OpenedRecords<R, F>> {
  const { path, remove } = temporaryFile()
  const [one, other] = [openDatabase(path, { kinds: [kind] }), openDatabase(path, { kinds: [kind] })]
  const revision = one.prepare<{ id: string }, { revision: number }>(`SELECT revision FROM ${kind.name} WHERE id = :id`)
  return {
    one: records(one, kind),
    other: records(other, kind),
    section: portableRecords(one, kind),
    queue: queue(one),
    revision: async (id) => revision.get({ id })?.revision,
    async destroy() {
      for (const db of [one, other]) await db.close()
      remove()
    },
  }
}

recordConformance('SQLite, two processes on one file', () => twoProcesses(TOY))
peopleRaces('SQLite, two processes on one file', () => twoProcesses(personKind))
clientRaces('SQLite, two processes on one file', () => twoProcesses(clientKind))

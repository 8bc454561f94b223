/** People for copying: their documents without what is made anew at every save, and without their parcels. */
import type { Connection } from 'mongoose'
import { isNobody, type PersonRecord } from '../../person/person.ts'
import { bare, PAGE, type Section } from '../portable.ts'
import { documentPages } from './document-pages.ts'
import type { People } from './people.ts'
import { emptyPerson, type Person, personFinders } from './person.ts'

/** Of the document, not of the person. */
const OURS = ['_id', 'rev', 'outbox', 'order', 'forgets', ...Object.keys(personFinders(emptyPerson('')))]

export function portablePeople(connection: Connection, people: People): Section<PersonRecord> {
  const documents = connection.collection<Person>('people')

  return {
    async *pages() {
      for await (const page of documentPages(documents, PAGE)) {
        const entries = page.map((kept) => ({ key: kept._id, record: toRecord(kept) }))
        // A document stays when the last thing in it went.
        yield entries.filter(({ record }) => !isNobody(record))
      }
    },
    async find(id) {
      const kept = await documents.findOne({ _id: id })
      const record = kept && toRecord(kept)
      return !record || isNobody(record) ? undefined : record
    },
    put: (id, record) =>
      people.change(id, (draft) => {
        const { rev, outbox, order } = draft
        for (const field of Object.keys(draft)) Reflect.deleteProperty(draft, field)
        Object.assign(draft, emptyPerson(id), record, { rev, outbox, order })
      }),
  }
}

/** What this release does not know stays in it: the copy, which does not have it, then differs, and nothing is lost. */
function toRecord(kept: Person): PersonRecord {
  const parts = Object.entries({ ...emptyPerson(kept._id), ...kept }).filter(([name]) => !OURS.includes(name))
  return bare(Object.fromEntries(parts)) as unknown as PersonRecord
}

/** The documents of people: how they are found, by account and by what is in them, and how one is changed. */
import type { Connection, Model, ProjectionType } from 'mongoose'
import { type Change, type ChangeOptions, changer, Taken } from './change.ts'
import { emptyPerson, type Person, type PersonDocument, personFinders } from './person.ts'
import { personModel } from './schema.ts'
import { withUndefined } from './with-undefined.ts'

export interface People {
  model: Model<PersonDocument>
  change: Change<Person>
  find<F extends keyof Person>(accountId: string, ...fields: F[]): Promise<Pick<Person, F> | undefined>
  /** Whoever has something with this key, see `keyOf`. */
  findByKey<F extends keyof Person>(key: string, ...fields: F[]): Promise<Pick<Person, F> | undefined>
  /** Changes the document that has the key; without one, the outcome is `absent`. */
  changeByKey<T>(key: string, absent: T, work: (draft: Person) => T): Promise<T>
  /** The same as `change`, for a `work` that needs `key`: where another account has it, `free` may take it away there. */
  changeOver<T>(accountId: string, key: string, free: (holder: Person) => void, work: (draft: Person) => T): Promise<T>
}

export function people(connection: Connection, options: ChangeOptions): People {
  const model = personModel(connection)
  const change: Change<Person> = changer<Person>(
    {
      model: model as unknown as Model<Person>,
      empty: emptyPerson,
      whole: withUndefined,
      finders: personFinders,
    },
    options,
  )

  async function findOne<F extends keyof Person>(filter: { _id: string } | { keys: string }, fields: F[]) {
    const projection = Object.fromEntries(fields.map((field) => [field, 1])) as ProjectionType<PersonDocument>
    const found = await model.findOne(filter, projection).lean<Pick<Person, F>>()
    return found ? withUndefined(found) : undefined
  }

  async function changeByKey<T>(key: string, absent: T, work: (draft: Person) => T): Promise<T> {
    const holder = await findOne({ keys: key }, ['_id'])
    return holder ? change(holder._id, work) : absent
  }

  return {
    model,
    change,
    changeByKey,
    find: (accountId, ...fields) => findOne({ _id: accountId }, fields),
    findByKey: (key, ...fields) => findOne({ keys: key }, fields),
    async changeOver(accountId, key, free, work) {
      try {
        return await change(accountId, work)
      } catch (fault) {
        if (!isTaken(fault, 'keys')) throw fault
        await changeByKey(key, undefined, free)
        return change(accountId, work)
      }
    },
  }
}

/** What `change` becomes if what has to be unique is another's. */
export async function unlessTaken<T>(index: 'emailKey' | 'keys', taken: T, change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (fault) {
    if (!isTaken(fault, index)) throw fault
    return taken
  }
}

function isTaken(fault: unknown, index: string): boolean {
  return fault instanceof Taken && fault.index === index
}

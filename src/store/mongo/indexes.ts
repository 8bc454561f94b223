/**
 * The indexes that the schemas ask for. A unique one is what keeps two accounts from one address, or one code from two
 * people: without it nothing may start. So they are made where they are missing, then looked at as they are.
 */
import type { Connection, IndexDefinition, IndexOptions, mongo } from 'mongoose'
import { type Fault, InputError } from '../../lib/errors.ts'
import { mayPass, storeFault } from './faults.ts'

interface Index {
  collection: string
  name: string
  key: IndexDefinition
  options: IndexOptions
}

/** What decides which documents an index holds, and refuses. `expireAfterSeconds` would even delete them. */
const TELLING = ['unique', 'sparse', 'partialFilterExpression', 'collation', 'expireAfterSeconds', 'hidden'] as const

/** Of all models that the connection has by now. */
export async function ensureIndexes(connection: Connection): Promise<void> {
  const faults: Fault[] = []
  for (const index of wanted(connection)) {
    const reason = (await refusal(connection, index)) ?? (await difference(connection, index))
    if (reason) faults.push({ path: `${index.collection}.${index.name}`, reason })
  }
  if (faults.length > 0) throw new InputError('MongoDB does not have the indexes that it must have:', faults)
}

function wanted({ models }: Connection): Index[] {
  return Object.values(models).flatMap((model) =>
    model.schema.indexes().map(([key, { name, ...options }]) => ({
      collection: model.collection.collectionName,
      name: String(name),
      key,
      options,
    })),
  )
}

/** Makes it unless it is there. Why it could not be made, where that is so. */
async function refusal(connection: Connection, { collection, name, key, options }: Index): Promise<string | undefined> {
  const listed = await list(connection, collection)
  if (listed.some((index) => index.name === name)) return undefined
  try {
    await connection.collection(collection).createIndex(key as mongo.IndexSpecification, {
      ...(telling(options) as mongo.CreateIndexesOptions),
      name,
    })
    return undefined
  } catch (fault) {
    if (mayPass(fault) || !(fault instanceof Error && 'codeName' in fault)) throw storeFault(fault)
    // No more of it: the message tells the values that are there twice.
    return `is missing, and cannot be made: ${fault.codeName}`
  }
}

async function difference(connection: Connection, { collection, name, key, options }: Index) {
  const index = (await list(connection, collection)).find((candidate) => candidate.name === name)
  if (!index) return 'is missing'
  const [there, needed] = [describe(index.key, index), describe(key, options)]
  return there === needed ? undefined : `is ${there}, and must be ${needed}`
}

async function list(connection: Connection, collection: string) {
  try {
    return await connection.collection(collection).listIndexes().toArray()
  } catch (fault) {
    // No collection yet.
    if (fault instanceof Error && 'codeName' in fault && fault.codeName === 'NamespaceNotFound') return []
    throw storeFault(fault)
  }
}

function describe(key: IndexDefinition, options: IndexOptions): string {
  return JSON.stringify({ key, ...telling(options) })
}

function telling(options: IndexOptions): IndexOptions {
  return Object.fromEntries(
    TELLING.filter((name) => options[name] !== undefined && options[name] !== false).map((name) => [
      name,
      options[name],
    ]),
  )
}

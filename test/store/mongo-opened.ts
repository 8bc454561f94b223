/** A MongoDB store for one test: a database of its own on a shared server, gone when the test is over. */
import { randomUUID } from 'node:crypto'
import { type Connection, createConnection } from 'mongoose'
import { onTestFinished } from 'vitest'
import { type MongoOptions, type MongoStore, openMongoStore } from '../../src/store/mongo/open.ts'
import type { Service } from '../support/services/service-process.ts'

/** The address of a database that is not there yet. */
export function newDatabase(server: Service): string {
  return `${server.uri}/sigma-${randomUUID()}`
}

export async function openedMongo(uri: string, options: MongoOptions = {}): Promise<MongoStore> {
  const store = await openMongoStore(uri, options)
  onTestFinished(() => store.close())
  return store
}

/** A connection of somebody else to the same database. */
export async function onlooker(uri: string): Promise<Connection> {
  const connection = await createConnection(uri, { serverSelectionTimeoutMS: 3000 }).asPromise()
  onTestFinished(() => connection.close())
  return connection
}

export async function dropDatabase(uri: string): Promise<void> {
  const connection = await createConnection(uri).asPromise()
  await connection.dropDatabase()
  await connection.close()
}

/** What a call ends with that met a MongoDB which cannot answer. */
export const UNAVAILABLE = { code: 'store-unavailable', status: 503, retryAfter: 5 }

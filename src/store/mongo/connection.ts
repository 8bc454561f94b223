/** The connection to MongoDB: what every read and write waits for, and for how long at most. */
import mongoose, { type Connection, Mongoose } from 'mongoose'
import { InputError } from '../../lib/errors.ts'
import { SECOND } from '../../lib/time.ts'
import './driver.ts'
import { storeFault } from './faults.ts'

export interface TimeOuts {
  /** Milliseconds to find a server that can take the operation. */
  serverSelection?: number
  /** Milliseconds until a connection is made. */
  connect?: number
  /** Milliseconds that a connection may be silent in the middle of an operation. */
  silence?: number
}

const { MongoServerError } = mongoose.mongo
const POOL = 50
/** By name: the parser of addresses, a package of its own, has another class of that name. */
const UNCLEAR = new Set(['MongoParseError', 'MongoInvalidArgumentError', 'MongoMissingCredentialsError', 'TypeError'])
const AUTHENTICATION_FAILED = 18
/** The driver would take one that is called `test`. */
const WITH_DATABASE = /^mongodb(\+srv)?:\/\/[^/]+\/[^/?]/

/** Rejects with `invalid-input` if the address makes no sense, with `store-unavailable` if there is no server. */
export async function connect(uri: string, timeOuts: TimeOuts = {}): Promise<Connection> {
  const { serverSelection = 3 * SECOND, connect: connecting = 3 * SECOND, silence = 4 * SECOND } = timeOuts
  if (!WITH_DATABASE.test(uri)) throw refused('is not mongodb://… or mongodb+srv://… with the database in it')
  // Of its own: settings of this one are nobody else's.
  const own = new Mongoose({ strictQuery: 'throw', sanitizeFilter: true, bufferCommands: false })
  const connection = own.createConnection()
  try {
    return await connection.openUri(uri, {
      // What was told of survives the loss of any minority of the servers, and what is read was told of. Not in an
      // object of their own, which the address could overrule.
      w: 'majority',
      journal: true,
      wtimeoutMS: silence,
      readConcernLevel: 'majority',
      readPreference: 'primary',
      retryWrites: true,
      ignoreUndefined: true,
      autoIndex: false,
      autoCreate: false,
      bufferCommands: false,
      maxPoolSize: POOL,
      waitQueueTimeoutMS: serverSelection,
      serverSelectionTimeoutMS: serverSelection,
      connectTimeoutMS: connecting,
      socketTimeoutMS: silence,
      appName: 'sigma-id',
    })
  } catch (fault) {
    await connection.close().catch(() => undefined)
    throw addressFault(fault) ?? storeFault(fault)
  }
}

function addressFault(fault: unknown): InputError | undefined {
  // In its own words there could be what is in the address.
  if (fault instanceof Error && UNCLEAR.has(fault.name)) return refused('is not one that MongoDB’s driver understands')
  if (!(fault instanceof MongoServerError) || fault.code !== AUTHENTICATION_FAILED) return undefined
  return refused('has a user or password that MongoDB does not take')
}

function refused(reason: string): InputError {
  return new InputError('mongodb', [{ path: 'address', reason }])
}

/** Tells a store that cannot answer now (503, try again) from a mistake of ours (500). */
import mongoose from 'mongoose'
import { unavailable } from '../unavailable.ts'

const {
  MongoAPIError,
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoCryptError,
  MongoError,
  MongoExpiredSessionError,
  MongoNotConnectedError,
  MongoParseError,
  MongoServerClosedError,
  MongoServerError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} = mongoose.mongo
const { CastError, MongooseServerSelectionError, ValidationError } = mongoose.Error

const DUPLICATE = 11000

/**
 * Of the driver: it was asked for something that it does not do. Whatever else it tells of, by any name, is about the way to
 * the server, or about an answer that makes no sense: no server, no connection, no room in the pool, cut off in the middle.
 */
const MISTAKES = [MongoAPIError, MongoParseError, MongoCryptError]

/** What it calls the same, and is about connections that were closed. */
const CLOSED = [
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
  MongoExpiredSessionError,
]

/** By which the server, or the driver, says that the same may be tried again. */
const AGAIN = [
  'RetryableWriteError',
  'RetryableError',
  'TransientTransactionError',
  'PoolRequestedRetry',
  'SystemOverloadedError',
]

/** Of the server, github.com/mongodb/mongo src/mongo/base/error_codes.yml. */
const UNAVAILABLE = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  24, // LockTimeout
  43, // CursorNotFound: the server was started again, or another one took over, in the middle of a list
  46, // LockBusy
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  146, // ExceededMemoryLimit
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  262, // ExceededTimeLimit
  365, // TemporarilyUnavailable
  391, // ReauthenticationRequired
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
  14031, // OutOfDiskSpace
])

/** The fault to hand on: `store-unavailable` if waiting may help; if not, the fault without what was to be kept. */
export function storeFault(fault: unknown): unknown {
  return mayPass(fault) ? unavailable('MongoDB cannot answer now', fault) : (discreet(fault) ?? fault)
}

/** The name of the unique index that refused a write; undefined if that was not the fault. */
export function duplicateIndex(fault: unknown): string | undefined {
  if (!(fault instanceof MongoServerError) || fault.code !== DUPLICATE) return undefined
  // The name comes before the value, so nothing that was typed is taken for it.
  return / index: (?:\S*\$)?(\S+) /.exec(fault.message)?.[1] ?? 'unknown'
}

/** Of those whose message has addresses and digests in it: the same without. */
function discreet(fault: unknown): Error | undefined {
  if (fault instanceof CastError) return new Error(`${fault.path} is no ${fault.kind}`)
  if (fault instanceof ValidationError) return new Error(`not as the schema says: ${Object.keys(fault.errors)}`)
  const index = duplicateIndex(fault)
  return index === undefined ? undefined : new Error(`taken, by the index ${index}`)
}

/** Whether waiting may help. */
export function mayPass(fault: unknown): boolean {
  if (fault instanceof MongooseServerSelectionError) return true
  if (!(fault instanceof MongoError)) return false
  if (AGAIN.some((label) => fault.hasErrorLabel(label))) return true
  if (fault instanceof MongoServerError) return isPassingAnswer(fault)
  return isOneOf(CLOSED, fault) || !isOneOf(MISTAKES, fault)
}

function isPassingAnswer(fault: InstanceType<typeof MongoServerError>): boolean {
  if (fault instanceof MongoWriteConcernError) return true
  // Without a code it is no answer of the server: the driver puts what it met on the way under this name.
  if (fault instanceof MongoBulkWriteError && fault.code === undefined) return true
  return typeof fault.code === 'number' && UNAVAILABLE.has(fault.code)
}

function isOneOf(classes: ReadonlyArray<new (...given: never[]) => Error>, fault: Error): boolean {
  return classes.some((one) => fault instanceof one)
}

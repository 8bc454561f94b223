/** Tells a store that cannot answer now (503, try again) from a mistake of ours (500). */
import mongoose from 'mongoose'
import { unavailable } from '../unavailable.ts'

const { MongoBulkWriteError, MongoError, MongoServerError } = mongoose.mongo
const { CastError, ValidationError } = mongoose.Error

const DUPLICATE = 11000

/** Of the driver: no server, no connection, no answer. */
const UNREACHABLE = new Set([
  'MongooseServerSelectionError',
  'MongoServerSelectionError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoOperationTimeoutError',
  'MongoWaitQueueTimeoutError',
  'MongoWriteConcernError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoNotConnectedError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoExpiredSessionError',
  'MongoStalePrimaryError',
])

/** Of the server, github.com/mongodb/mongo src/mongo/base/error_codes.yml. */
const UNAVAILABLE = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  24, // LockTimeout
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
  if (!(fault instanceof Error)) return false
  if (UNREACHABLE.has(fault.name)) return true
  if (!(fault instanceof MongoError)) return false
  // Without a code it is no answer of the server: the driver puts what it met on the way under this name.
  if (fault instanceof MongoBulkWriteError && fault.code === undefined) return true
  if (typeof fault.code === 'number' && UNAVAILABLE.has(fault.code)) return true
  return fault.hasErrorLabel('RetryableWriteError') || fault.hasErrorLabel('TransientTransactionError')
}

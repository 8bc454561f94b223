/** Which of MongoDB's faults may pass, and what is told of one that will not. */
import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { AppError } from '../../../src/lib/errors.ts'
import { duplicateIndex, mayPass, storeFault } from '../../../src/store/mongo/faults.ts'

const {
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoParseError,
  MongoServerError,
  MongoWriteConcernError,
} = mongoose.mongo
const { CastError, ValidationError, ValidatorError } = mongoose.Error

const server = (code: number, message = 'no', errorLabels: string[] = []) =>
  new MongoServerError({ message, code, errorLabels })

test.each<[string, Error]>([
  ['no network', new MongoNetworkError('gone')],
  ['no connection', new MongoNotConnectedError('gone')],
  ['no answer', new MongoOperationTimeoutError('late')],
  ['no majority', new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64, errmsg: 'late' } } as never)],
  ['not the primary', server(10107)],
  ['stepped down', server(189)],
  ['interrupted', server(11602)],
  ['no space', server(14031)],
  ['what the server says may be tried again', server(1, 'no', ['RetryableWriteError'])],
])('%s: 503, with the cause for the log', (_what, fault) => {
  expect(storeFault(fault)).toMatchObject({ code: 'store-unavailable', status: 503, retryAfter: 5, cause: fault })
})

test.each<[string, unknown]>([
  ['a failed command', server(9)],
  ['no right to it', server(13)],
  ['an address that makes no sense', new MongoParseError('no')],
  ['a fault of ours', new TypeError('no')],
  ['one of ours already', new AppError('other', 'no')],
  ['no error at all', 'MongoNetworkError'],
])('%s stays what it is', (_what, fault) => expect(storeFault(fault)).toBe(fault))

test.each([
  [
    'E11000 duplicate key error collection: sigma.people index: emailKey dup key: { emailKey: "x index: keys " }',
    'emailKey',
  ],
  ['E11000 duplicate key error collection: sigma.people index: _id_ dup key: { _id: "x" }', '_id_'],
  ['E11000 duplicate key error index: sigma.people.$keys dup key: { : "x" }', 'keys'],
])('the index that refused a write is read from %j', (message, index) => {
  expect(duplicateIndex(server(11000, message))).toBe(index)
  expect(duplicateIndex(server(1, message))).toBeUndefined()
})

const CANARY = 'sanne@sigma.example'

test.each<[string, Error, string]>([
  [
    'a value that is taken',
    server(11000, `E11000 duplicate key error collection: s.p index: emailKey dup key: { emailKey: "${CANARY}" }`),
    'taken, by the index emailKey',
  ],
  ['a value of another kind', new CastError('Number', CANARY, 'epoch'), 'epoch is no Number'],
  ['a document not as the schema says', invalid(), 'not as the schema says: email'],
])('%s: what is handed on and logged has no address in it', (_what, fault, message) => {
  expect(fault.message).toContain(CANARY)
  const told = storeFault(fault)
  expect(told).toMatchObject({ message })
  expect(inspect(told, { depth: 9 })).not.toContain(CANARY)
})

function invalid(): Error {
  const error = new ValidationError()
  error.addError('email', new ValidatorError({ message: `\`${CANARY}\` is no address`, path: 'email', value: CANARY }))
  error.message = `people validation failed: email: \`${CANARY}\` is no address`
  return error
}

type Fault = Error & { [name: string]: unknown }
type FaultClass = new (...given: unknown[]) => Fault

const ofMongoose = createRequire(createRequire(import.meta.url).resolve('mongoose'))

/** Every class of error that the driver has, exported or not, by its name. */
const classes = Object.fromEntries(
  ['mongodb', 'mongodb/lib/error.js', 'mongodb/lib/cmap/errors.js', 'mongodb/lib/client-side-encryption/errors.js']
    .flatMap((file) => Object.entries(ofMongoose(file) as Record<string, unknown>))
    .filter(([, one]) => typeof one === 'function' && one.prototype instanceof Error),
) as Record<string, FaultClass>

/** What their constructors want: a text, an answer of the server, a pool, or what a bulk of writes ended with. */
const GIVEN: unknown[][] = [
  ['no', { cause: new Error('no') }],
  [{ message: 'no' }, {}],
  [{ address: '127.0.0.1:9', serverError: new Error('no') }, 'no'],
  [{ writeConcernError: { code: 64, errmsg: 'late' } }],
]

function constructed(name: string): Fault {
  const one = classes[name] as FaultClass
  for (const given of GIVEN) {
    try {
      return new one(...given)
    } catch {}
  }
  throw new Error(`how is a ${name} made?`)
}

/** Of what we asked: it stays so however long one waits. Without a code, an answer of the server tells of no more. */
const MISTAKES = `
  MongoAPIError MongoBatchReExecutionError MongoClientBulkWriteError MongoCompatibilityError MongoCryptAzureKMSRequestError
  MongoCryptCreateDataKeyError MongoCryptCreateEncryptedCollectionError MongoCryptError MongoCryptInvalidArgumentError
  MongoCryptKMSRequestNetworkTimeoutError MongoCursorExhaustedError MongoCursorInUseError MongoInvalidArgumentError
  MongoMissingCredentialsError MongoMissingDependencyError MongoParseError MongoServerError MongoTailableCursorError
  MongoTransactionError`

/** Of the way to the server, and of answers that make no sense. */
const PASSING = `
  MongoAWSError MongoAzureError MongoBulkWriteError MongoChangeStreamError MongoClientBulkWriteCursorError
  MongoClientBulkWriteExecutionError MongoClientClosedError MongoDecompressionError MongoDriverError MongoError
  MongoExpiredSessionError MongoGCPError MongoGridFSChunkError MongoGridFSStreamError MongoKerberosError MongoNetworkError
  MongoNetworkTimeoutError MongoNotConnectedError MongoOIDCError MongoOperationTimeoutError MongoRuntimeError
  MongoServerClosedError MongoServerSelectionError MongoStalePrimaryError MongoSystemError MongoTopologyClosedError
  MongoUnexpectedServerResponseError MongoWriteConcernError PoolClearedError PoolClearedOnNetworkError PoolClosedError
  WaitQueueTimeoutError`

test('every error that the driver has is known to pass, or to be a mistake of ours', () => {
  const names = Object.keys(classes).sort()
  const passing = names.filter((name) => mayPass(constructed(name)))
  expect(passing).toEqual(PASSING.trim().split(/\s+/))
  expect(names.filter((name) => !passing.includes(name))).toEqual(MISTAKES.trim().split(/\s+/))
})

test('a kind of network fault, or of a pool, that the next driver may have passes without a line of ours', () => {
  const { MongoDriverError, PoolClearedOnNetworkError } = classes
  class ByAnotherName extends (PoolClearedOnNetworkError as FaultClass) {}
  class OfThePool extends (MongoDriverError as FaultClass) {}
  const pool = { address: '127.0.0.1:9', serverError: new Error('no') }
  expect(mayPass(new ByAnotherName(pool))).toBe(true)
  expect(mayPass(new OfThePool('no'))).toBe(true)
})

test('every code and label by which the driver itself tries again is one that may pass', () => {
  const { isRetryableReadError, isStateChangeError, isRetryableWriteError, MONGODB_ERROR_CODES, MongoErrorLabel } =
    ofMongoose('mongodb/lib/error.js') as {
      isRetryableReadError: (fault: Error) => boolean
      isStateChangeError: (fault: Error) => boolean
      isRetryableWriteError: (fault: Error) => boolean
      MONGODB_ERROR_CODES: Record<string, number>
      MongoErrorLabel: Record<string, string>
    }
  const again = (fault: Error) =>
    isRetryableReadError(fault) || isStateChangeError(fault) || isRetryableWriteError(fault)
  const answers = [
    ...Object.values(MONGODB_ERROR_CODES).map((code) => server(code)),
    ...Object.values(MongoErrorLabel).map((label) => server(1, 'no', [label])),
  ]
  expect(answers.filter(again).length).toBeGreaterThan(10)
  expect(answers.filter((fault) => again(fault) && !mayPass(fault))).toEqual([])
})

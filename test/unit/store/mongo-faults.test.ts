/** Which of MongoDB's faults may pass, and what is told of one that will not. */
import { inspect } from 'node:util'
import mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { AppError } from '../../../src/lib/errors.ts'
import { duplicateIndex, storeFault } from '../../../src/store/mongo/faults.ts'

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

/** Which of Redis's faults may pass, and what is told of one that will not. */
import { createRequire } from 'node:module'
import { ReplyError } from 'ioredis'
import { expect, test } from 'vitest'
import { redisFault } from '../../../src/store/redis/faults.ts'

const ofRedis = createRequire(createRequire(import.meta.url).resolve('ioredis'))

type FaultClass = new (...given: unknown[]) => Error

const { default: ClusterAllFailedError } = ofRedis('./errors/ClusterAllFailedError.js') as { default: FaultClass }
const { MaxRetriesPerRequestError } = ofRedis('./errors/index.js') as { MaxRetriesPerRequestError: FaultClass }
/** What the parser of answers, and whoever breaks a command off, know. */
const kinds = ofRedis('redis-errors') as Record<
  'AbortError' | 'InterruptError' | 'ParserError' | 'RedisError',
  FaultClass
>

const reply = (message: string) => new ReplyError(message) as Error
const refusedBySystem = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), {
  code: 'ECONNREFUSED',
  syscall: 'connect',
})

test.each<[string, Error]>([
  ['no connection', new Error('Connection is closed.')],
  ['no answer in time', new Error('Command timed out')],
  ['refused by the system', refusedBySystem],
  ['tried too often', new MaxRetriesPerRequestError(0)],
  ['no node of a Cluster', new ClusterAllFailedError('no', new Error('no'))],
  ['broken off', new kinds.AbortError('no')],
  ['interrupted', new kinds.InterruptError('no')],
  ['an answer that makes no sense', new kinds.ParserError('no', 'x', 0)],
  ['whatever else it may call so', new (class ByAnotherName extends kinds.RedisError {})('no')],
  ['reading its file', reply('LOADING Redis is loading the dataset in memory')],
  ['a disk that is full', reply('MISCONF Errors writing to the AOF file')],
  ['no memory, in a script', reply('ERR Error running script: -OOM command not allowed when used memory')],
  ['a replica', reply('READONLY You can’t write against a read only replica.')],
  ['another password', reply('WRONGPASS invalid username-password pair')],
  ['protected from the network', reply('DENIED Redis is running in protected mode')],
  ['too many connections', reply('ERR max number of clients reached')],
])('%s: 503, with the cause for the log', (_what, fault) => {
  expect(redisFault(fault)).toMatchObject({
    code: 'store-unavailable',
    status: 503,
    retryAfter: 5,
    cause: { message: fault.message },
  })
})

test.each<[string, Error]>([
  ['a command that there is not', reply('ERR unknown command')],
  ['a value of another type', reply('WRONGTYPE Operation against a key holding the wrong kind of value')],
  ['keys of several slots', reply('CROSSSLOT Keys in request don’t hash to the same slot')],
  ['an argument that nobody can send', new TypeError('no')],
  ['an endless recursion', new RangeError('no')],
])('%s is a mistake of ours', (_what, fault) => {
  expect(redisFault(fault)).toMatchObject({ name: fault.name, message: fault.message })
  expect(redisFault(fault)).not.toMatchObject({ code: 'store-unavailable' })
})

test('what was to be kept stays out of what is told', () => {
  const told = redisFault(reply('ERR wrong number, with args beginning with: canary'))
  expect(told).toMatchObject({ message: 'ERR wrong number' })
})

/** What a log may have of a failed attempt. */
import { expect, test } from 'vitest'
import { reasonOf } from '../../../src/delivery/attempt.ts'
import { AppError } from '../../../src/lib/errors.ts'

const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND portal.sigma.example'), { code: 'ENOTFOUND' })

test.each([
  ['an error of ours', new AppError('timed-out', 'an attempt took more than 9 ms'), 'timed-out'],
  ['one of ours before what caused it', new AppError('smtp-esocket', 'no', { cause: notFound }), 'smtp-esocket'],
  ['what caused a fetch to fail', new TypeError('fetch failed', { cause: notFound }), 'ENOTFOUND'],
  ['a code that could be anything', Object.assign(new Error('no'), { code: '550 for sanne@sigma.example' }), 'unknown'],
  ['an error that says nothing', new Error('for sanne@sigma.example'), 'unknown'],
  ['no error', 'sanne@sigma.example', 'unknown'],
])('%s', (_, error, reason) => {
  expect(reasonOf(error)).toBe(reason)
})

test('an error that is its own cause', () => {
  const error = new Error('round')
  error.cause = error
  expect(reasonOf(error)).toBe('unknown')
})

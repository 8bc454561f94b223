import { expect, test, vi } from 'vitest'
import { unanswered } from '../../../src/lib/listener.ts'

test.each([
  ['a connection that was broken off', Object.assign(new Error('write'), { code: 'ECONNRESET' }), 'debug'],
  ['one that is closed', Object.assign(new Error('write'), { code: 'EPIPE' }), 'debug'],
  ['a fault of ours', new TypeError('of undefined'), 'error'],
  ['a fault with a code', Object.assign(new Error('no'), { code: 'EACCES' }), 'error'],
  ['what is no error', 'thrown', 'error'],
])('the log is told of %s', (_, fault, level) => {
  const log = { error: vi.fn(), debug: vi.fn() }
  unanswered(log)(fault)
  expect(log.error.mock.calls).toEqual(level === 'error' ? [[{ fault }, 'koa']] : [])
  expect(log.debug.mock.calls).toEqual(level === 'debug' ? [[{ fault }, 'koa']] : [])
})

/**
 * Two carriers as one. Time-outs are real, and short only where nobody answers; how long a carrier rests is the clock's
 * business.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isPermanent } from '../../../src/delivery/attempt.ts'
import type { SendSms } from '../../../src/delivery/ports.ts'
import { failover } from '../../../src/delivery/sms-failover.ts'
import { httpGateway } from '../../../src/delivery/sms-gateway.ts'
import { logger } from '../../../src/lib/log.ts'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { type CarrierServer, carrierServer, reply, silence } from '../../support/delivery/carrier-server.ts'

const TO = '+31612345678'
const TEXT = 'Your code is 123456'

let first: CarrierServer
let second: CarrierServer
let send: SendSms
let now: number
let logged: string[]

beforeEach(async () => {
  ;[first, second] = await Promise.all([carrierServer(), carrierServer()])
  now = 1_000_000
  logged = []
  const log = logger('info', { write: (line: string) => void logged.push(line) })
  const options = { now: () => now, log, share: 10 * SECOND, tolerance: 3, rest: MINUTE }
  send = failover(httpGateway({ url: first.url }), httpGateway({ url: second.url }), options)
})
afterEach(() => Promise.all([first.close(), second.close()]))

function calls(): [number, number] {
  return [first.calls.length, second.calls.length]
}

test('a message goes to the first carrier, and to no other', async () => {
  await send(TO, TEXT, 'a')
  expect(calls()).toEqual([1, 0])
})

test('the second is asked when the first fails, with the same message and id', async () => {
  first.answer(reply(500))
  await send(TO, TEXT, 'a')
  expect(calls()).toEqual([1, 1])
  expect(JSON.parse(second.calls[0]?.body ?? '')).toEqual({ to: TO, text: TEXT, id: 'a' })
})

test('the second is asked when the first hangs, and the first is cut off', async () => {
  first.answer(silence)
  const options = { now: () => now, log: logger('silent'), share: 2 * SECOND }
  const hasty = failover(httpGateway({ url: first.url }), httpGateway({ url: second.url }), options)
  await hasty(TO, TEXT, 'a')
  expect(calls()).toEqual([1, 1])
  await first.hungUp()
})

test('a carrier that ignores the signal cannot hold up a message either', async () => {
  const options = { now: () => now, log: logger('silent'), share: 2 * SECOND }
  const stuck = failover(() => new Promise(() => undefined), httpGateway({ url: second.url }), options)
  await stuck(TO, TEXT, 'a')
  expect(calls()).toEqual([0, 1])
})

test('a number that is refused for good is not offered to the second', async () => {
  first.answer(reply(422))
  const error = await send(TO, TEXT, 'a').catch((reason: unknown) => reason)
  expect(isPermanent(error)).toBe(true)
  expect(calls()).toEqual([1, 0])
})

test('both fail: the message was not taken, and may be tried again', async () => {
  first.answer(reply(500))
  second.answer(reply(503))
  await expect(send(TO, TEXT, 'a')).rejects.toMatchObject({ code: 'gateway-503' })
})

test('after three failures in a row the first rests; after a minute one message tries it, not all', async () => {
  first.answer(reply(500))
  for (const id of ['a', 'b', 'c', 'd']) await send(TO, TEXT, id)
  expect(calls()).toEqual([3, 4])

  now += MINUTE
  await Promise.all(['e', 'f', 'g'].map((id) => send(TO, TEXT, id)))
  expect(calls()).toEqual([4, 7])

  now += MINUTE
  first.answer(reply(202))
  await send(TO, TEXT, 'h')
  await send(TO, TEXT, 'i')
  expect(calls()).toEqual([6, 7])
})

test('failures that are not in a row, and refusals for good, do not make it rest', async () => {
  first.answer(reply(500), reply(500), reply(202), reply(500), reply(500), reply(422), reply(500), reply(202))
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await send(TO, TEXT, id).catch(() => undefined)
  expect(first.calls).toHaveLength(8)
})

test('a carrier that rests is asked all the same when the other fails', async () => {
  first.answer(reply(500), reply(500), reply(500), reply(202))
  for (const id of ['a', 'b', 'c']) await send(TO, TEXT, id)
  second.answer(reply(500))
  await send(TO, TEXT, 'd')
  expect(first.calls).toHaveLength(4)
})

test('a carrier that asks to be left alone for a while is, but not for ever', async () => {
  first.answer(reply(429, '', { 'retry-after': '20' }), reply(429, '', { 'retry-after': '999999' }), reply(202))
  await send(TO, TEXT, 'a')
  now += 19 * SECOND
  await send(TO, TEXT, 'b')
  expect(first.calls).toHaveLength(1)
  now += SECOND
  await send(TO, TEXT, 'c')
  expect(first.calls).toHaveLength(2)
  now += 10 * MINUTE
  await send(TO, TEXT, 'd')
  expect(first.calls).toHaveLength(3)
})

test('the log tells which carrier failed and why, and neither number nor text', async () => {
  first.answer(reply(500, `${TO} ${TEXT}`))
  await send(TO, TEXT, 'parcel-a')
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    { carrier: 'first', reason: 'gateway-500', parcel: 'parcel-a' },
  ])
  expect(logged.join()).not.toMatch(/123456/)
})

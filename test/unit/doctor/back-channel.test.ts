/** What became of a logout token, as a code. */
import { expect, test } from 'vitest'
import { answerOf, tellingOf } from '../../../src/doctor/back-channel.ts'
import { AppError } from '../../../src/lib/errors.ts'
import { PrivateAddress } from '../../../src/oidc/egress.ts'
import type { Observed } from '../../../src/oidc/observed.ts'

const answered = (status: number, type = 'text/html') =>
  Object.assign(new Error('expected 200 OK'), {
    response: new Response('', { status, headers: { 'content-type': type } }),
  })
const failed = (code: string, message = '') =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) })

test.each<[string, unknown]>([
  ['http-403', answered(403)],
  ['not-allowed', new AppError('egress-refused', 'http://10.0.0.1 is not https')],
  ['private', new TypeError('fetch failed', { cause: new PrivateAddress() })],
  ['certificate', failed('UNABLE_TO_VERIFY_LEAF_SIGNATURE')],
  ['certificate', failed('ERR_TLS_CERT_ALTNAME_INVALID')],
  ['not-found', failed('ENOTFOUND')],
  ['refused', failed('ECONNREFUSED')],
  ['timed-out', new DOMException('The operation was aborted due to timeout', 'TimeoutError')],
  ['failed', new Error('something else')],
  ['failed', undefined],
])('%s', (code, fault) => expect(answerOf(fault)).toBe(code))

test('it is told, and the courier hears of it as before', async () => {
  const told: Observed[] = []
  const fault = answered(403)
  const tell = (one: Observed) => void told.push(one)
  await expect(tellingOf('roster', tell, () => Promise.reject(fault))).rejects.toBe(fault)
  await tellingOf('roster', tell, async () => undefined)
  expect(told).toEqual([
    { what: 'refused', client: 'roster', refusal: { endpoint: 'back-channel', error: 'http-403', refused: 'html' } },
    { what: 'told', client: 'roster' },
  ])
})

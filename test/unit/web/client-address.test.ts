/** Whom a request is from, in whatever form the proxies of this world write it (SECURITY THR-07). */
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress } from '../../../src/web/request.ts'

const PROXY = '10.0.0.1'

function from(header: string | undefined, trustedProxies = 1): string {
  const request = { socket: { remoteAddress: PROXY }, headers: { 'x-forwarded-for': header } }
  return clientAddress(request as unknown as IncomingMessage, trustedProxies)
}

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['192.0.2.7:50123', '192.0.2.7'],
  ['2001:db8::7', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['[2001:db8::7]:50123', '2001:db8::7'],
  ['2001:db8:1:2:3:4:5:6:50123', '2001:db8:1:2:3:4:5:6'],
  ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
  ['[::ffff:192.0.2.7]:1', '::ffff:192.0.2.7'],
  ['203.0.113.1:1, [2001:db8::7]:2', '2001:db8::7'],
  ['[2001:db8::7]:2,192.0.2.7:1', '192.0.2.7'],
  [' 192.0.2.7:50123 ', '192.0.2.7'],
])('%j is from %s', (header, address) => expect(from(header)).toBe(address))

test.each([
  undefined,
  '',
  'unknown',
  '192.0.2.7:',
  '192.0.2.7:x',
  '192.0.2.7:123456',
  '192.0.2.7:1:2',
  '[192.0.2.7',
  '2001:db8::7]',
  '[]',
  '[]:80',
  '[2001:db8::7]80',
  '[[2001:db8::7]]',
  '[2001:db8::7]:1:2',
  ':80',
  '"192.0.2.7"',
  '192.0.2.7, ',
])('%j is no address: it is from the proxy itself', (header) => expect(from(header)).toBe(PROXY))

test('the address is the one that the outermost trusted proxy saw', () => {
  const header = '203.0.113.1:1, 192.0.2.7:2, [2001:db8::7]:3'
  expect([0, 1, 2, 3, 4].map((proxies) => from(header, proxies))).toEqual([
    PROXY,
    '2001:db8::7',
    '192.0.2.7',
    '203.0.113.1',
    PROXY,
  ])
})

test('M-04: a header as long as it may be is read at once', async () => {
  const took = () => {
    const began = performance.now()
    for (const part of [':', '[', ']', '[1', '1:', '1.']) expect(from(part.repeat(16_000 / part.length))).toBe(PROXY)
    return performance.now() - began
  }
  // A machine that is busy holds up one try; what looks at each sign anew takes this long every time.
  await expect.poll(took, { timeout: 20_000 }).toBeLessThan(50)
})

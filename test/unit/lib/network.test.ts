/** Which counters an address belongs to: one machine or household must be one, however it is written (SECURITY C-10). */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { networks, shortened } from '../../../src/lib/network.ts'

test.each([
  ['192.0.2.17', '192.0.2.17/32', '192.0.2.0/24'],
  ['::ffff:192.0.2.17', '192.0.2.17/32', '192.0.2.0/24'],
  ['::FFFF:192.0.2.17', '192.0.2.17/32', '192.0.2.0/24'],
  ['::ffff:c000:211', '192.0.2.17/32', '192.0.2.0/24'],
  ['0:0:0:0:0:ffff:192.0.2.17', '192.0.2.17/32', '192.0.2.0/24'],
  ['2001:db8:a:b:c:d:e:f', '2001:db8:a:b::/64', '2001:db8:a::/48'],
  ['2001:0DB8:000A:000B::1', '2001:db8:a:b::/64', '2001:db8:a::/48'],
  ['2001:db8::', '2001:db8:0:0::/64', '2001:db8:0::/48'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64', '2001:db8:0::/48'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64', 'fe80:0:0::/48'],
  ['::1', '0:0:0:0::/64', '0:0:0::/48'],
  ['unknown', 'unknown', 'unknown'],
  ['', 'unknown', 'unknown'],
  ['999.1.1.1', 'unknown', 'unknown'],
  ['1.2.3.4, 5.6.7.8', 'unknown', 'unknown'],
])('%s counts as %s in %s', (ip, address, network) => {
  expect(networks(ip)).toEqual({ address, network })
  expect(shortened(ip)).toBe(network === 'unknown' ? '' : network)
})

test('every address of a /64, in every spelling, is one', () => {
  const group = fc.integer({ min: 0, max: 0xffff })
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 8, maxLength: 8 }),
      fc.array(group, { minLength: 4, maxLength: 4 }),
      (groups, host) => {
        const short = groups.map((value) => value.toString(16))
        // What stands for an IPv4 address is counted as one.
        fc.pre(groups.slice(0, 5).some((value) => value !== 0))
        const long = [...short.slice(0, 4), ...host.map((value) => value.toString(16))].map((text) =>
          text.padStart(4, '0'),
        )
        expect(networks(long.join(':').toUpperCase())).toEqual(networks(short.join(':')))
        // The URL parser writes an address in its shortest form.
        expect(networks(new URL(`http://[${short.join(':')}]`).hostname.slice(1, -1))).toEqual(
          networks(short.join(':')),
        )
      },
    ),
  )
})

test('two neighbors are two', () => {
  expect(networks('192.0.2.1').address).not.toBe(networks('192.0.2.2').address)
  expect(networks('2001:db8:0:1::1').address).not.toBe(networks('2001:db8:0:2::1').address)
  expect(networks('2001:db8:0:1::1').network).toBe(networks('2001:db8:0:2::1').network)
  expect(networks('2001:db8:1::1').network).not.toBe(networks('2001:db8:2::1').network)
})

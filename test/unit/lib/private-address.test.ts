/** Which addresses are not of the Internet. */
import { expect, test } from 'vitest'
import { isPrivateAddress } from '../../../src/lib/private-address.ts'

test.each([
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['172.31.255.255', true],
  ['172.32.0.1', false],
  ['192.168.0.1', true],
  ['169.254.169.254', true],
  ['100.100.100.100', true],
  ['0.0.0.0', true],
  ['8.8.8.8', false],
  ['::1', true],
  ['::', true],
  ['fd00::1', true],
  ['fe80::1', true],
  ['::ffff:127.0.0.1', true],
  ['::FFFF:8.8.8.8', false],
  ['2001:4860:4860::8888', false],
  ['roster.example.org', false],
])('%s: %s', (address, expected) => expect(isPrivateAddress(address)).toBe(expected))

/** Addresses that are not of the Internet (RFC 6890): of a private network, of this machine, or of nobody. */
import { BlockList, isIP } from 'node:net'

const SPECIAL = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  SPECIAL.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  SPECIAL.addSubnet(network, prefix, 'ipv6')

/** False for what is no IP address. An IPv4 address that is written as IPv6 is looked at as what it is. */
export function isPrivateAddress(text: string): boolean {
  const [, mapped = text] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text) ?? []
  const family = isIP(mapped)
  return family !== 0 && SPECIAL.check(mapped, family === 6 ? 'ipv6' : 'ipv4')
}

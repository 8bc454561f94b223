/** A client's address as it is kept once it need not be whole: its neighborhood only. */
import { isIPv4, isIPv6 } from 'node:net'

/** IPv4 to /24, IPv6 to /48; empty for what is no address. */
export function shortened(ip: string): string {
  if (isIPv4(ip)) return ipv4(ip)
  // fe80::1%eth0: the zone is the machine's own business, and no part of the address.
  const [address = ''] = ip.split('%')
  if (!isIPv6(address)) return ''
  const groups = expand(address)
  // IPv4 seen through an IPv6 socket (RFC 4291 section 2.5.5.2).
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') return ipv4(groups.slice(6).flatMap(bytes).join('.'))
  return `${groups.slice(0, 3).join(':')}::/48`
}

function ipv4(ip: string): string {
  return `${ip.split('.').slice(0, 3).join('.')}.0/24`
}

/** The eight groups, without leading zeros. The URL parser brings every spelling down to one. */
function expand(ip: string): string[] {
  const halves = new URL(`http://[${ip}]`).hostname.slice(1, -1).split('::')
  const [left = [], right = []] = halves.map((half) => half.split(':').filter(Boolean))
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
}

function bytes(group: string): number[] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 255]
}

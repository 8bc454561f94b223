/** What a client address belongs to: which counters, and what is kept of it in the end. */
import { isIPv4, isIPv6 } from 'node:net'

export interface Network {
  /** One customer: an IPv4 address, or an IPv6 /64, which is what one household or machine is given. */
  address: string
  /** The neighborhood: IPv4 /24, IPv6 /48. */
  network: string
}

export type Networks = (ip: string) => Network

const UNKNOWN = 'unknown'

export const networks: Networks = (ip) => {
  if (isIPv4(ip)) return ipv4(ip.split('.'))
  if (!isIPv6(ip)) return { address: UNKNOWN, network: UNKNOWN }
  const groups = expand(ip)
  // IPv4 seen through an IPv6 socket (RFC 4291 section 2.5.5.2), however it is spelled.
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') return ipv4(groups.slice(6).flatMap(bytes))
  return { address: `${groups.slice(0, 4).join(':')}::/64`, network: `${groups.slice(0, 3).join(':')}::/48` }
}

function ipv4(parts: Array<string | number>): Network {
  return { address: `${parts.join('.')}/32`, network: `${parts.slice(0, 3).join('.')}.0/24` }
}

/** The eight groups of an IPv6 address, without leading zeros. The URL parser brings every spelling down to one. */
function expand(ip: string): string[] {
  const canonical = new URL(`http://[${ip.split('%')[0]}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const left = head ? head.split(':') : []
  const right = tail ? tail.split(':') : []
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
}

function bytes(group: string): number[] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 255]
}

/** A client's address as it is kept once it need not be whole: its neighborhood only; empty for what is no address. */
export function shortened(ip: string): string {
  const { network } = networks(ip)
  return network === UNKNOWN ? '' : network
}

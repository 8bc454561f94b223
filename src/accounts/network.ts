/** Which counters a client address belongs to. */
import { isIPv4, isIPv6 } from 'node:net'

export interface Network {
  /** One customer: an IPv4 address, or an IPv6 /64, which is what one household or machine is given. */
  address: string
  /** The neighborhood: IPv4 /24, IPv6 /48. */
  network: string
}

export type Networks = (ip: string) => Network

export const networks: Networks = (ip) => {
  // IPv4 seen through an IPv6 socket.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip
  if (isIPv4(mapped)) return { address: `${mapped}/32`, network: `${mapped.split('.').slice(0, 3).join('.')}.0/24` }
  if (!isIPv6(mapped)) return { address: 'unknown', network: 'unknown' }
  const groups = expand(mapped)
  return { address: `${groups.slice(0, 4).join(':')}::/64`, network: `${groups.slice(0, 3).join(':')}::/48` }
}

/** The eight groups of an IPv6 address, without leading zeros. */
function expand(ip: string): string[] {
  const [head = '', tail] = (ip.split('%')[0] ?? '').toLowerCase().split('::')
  const left = head ? head.split(':') : []
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ''))
}

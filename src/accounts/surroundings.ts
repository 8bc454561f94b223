/**
 * What is counted of a stranger's surroundings, whichever way they try to sign in: one machine, its network, and everyone,
 * because spraying comes from many.
 */
import type { Networks } from '../lib/network.ts'
import type { WindowRule } from '../lib/throttle.ts'
import { MINUTE } from '../lib/time.ts'

/** Failed sign-ins, see `throttle` in settings.ts. */
export interface SignInLimits {
  perAddress: number
  perNetwork: number
  perMinute: number
}

/** The counter that all strangers share. */
const EVERYONE = 'sign-in/everyone'

export function surroundingsOf(networks: Networks, limits: SignInLimits, ip: string): Array<[string, WindowRule]> {
  const { address, network } = networks(ip)
  return [
    [`sign-in/${address}`, { most: limits.perAddress, window: 15 * MINUTE }],
    [`sign-in/${network}`, { most: limits.perNetwork, window: 15 * MINUTE }],
    [EVERYONE, { most: limits.perMinute, window: MINUTE }],
  ]
}

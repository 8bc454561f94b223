/**
 * An address that was refused, and whether the doctor may offer to register it. What is offered comes from whoever sent a
 * request with this client_id, which is no secret: somebody may send one so that an administrator, in good faith, adds an
 * address of theirs, and then fetch people's codes there. So only an address on an origin that the record has already is
 * offered, whole as it was sent, and never one that the record could not have; any other has to be typed.
 */
import { isIP } from 'node:net'
import { uriFault } from '../client/uri.ts'
import { isPrivateAddress } from '../lib/private-address.ts'
import type { Refusal } from './memory.ts'

/** A name within a network, as of a container, or an address that is reached from there only. */
export function isInside(address: string): boolean {
  if (!URL.canParse(address)) return false
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return isPrivateAddress(host)
  return !host.includes('.') || /\.(?:local|internal|lan|localdomain|home\.arpa)$/.test(host)
}

export function originOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).origin : undefined
}

export function isOnOriginOf(address: string, registered: readonly string[]): boolean {
  const origin = originOf(address)
  // Of a private scheme: `null` is not one origin.
  return origin !== undefined && origin !== 'null' && registered.some((one) => originOf(one) === origin)
}

export interface Offering {
  /** All addresses of the record, whatever they are for. */
  registered: readonly string[]
  production: boolean
}

/** Whether one press may add it. */
export function mayOffer({ refused, whole }: Pick<Refusal, 'refused' | 'whole'>, about: Offering): boolean {
  if (refused === undefined || whole !== true) return false
  if (uriFault(refused, about.production) !== undefined) return false
  if (about.production && isInside(refused)) return false
  return isOnOriginOf(refused, about.registered)
}

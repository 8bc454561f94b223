/**
 * What strangers and applications may leave open. Each authorization request that shows a page makes a sitting, and each
 * pushed request is kept until it has run out: whoever begins without end would fill the store up.
 *
 * Sittings are counted by address, and by the network around it. Pushed requests are counted by client: of one that proves who
 * it is by itself, of another by address too, for anybody may say its name.
 */
import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { sourceOf } from '../audit/source.ts'
import { networks } from '../lib/network.ts'
import { openCount } from '../lib/open-count.ts'
import { type Clock, MINUTE, SECOND } from '../lib/time.ts'

/** Seconds that they live. */
export const LIVES = { sitting: (20 * MINUTE) / SECOND, pushed: 60 }

/** So many times as many come from a network. */
const NETWORK = 4
/** Seconds after which an application may push again: by then there is room for hundreds. */
const RETRY = 5

export interface LeftOpen {
  /** Of sittings that begin at this address. */
  sittings: Room
  /** Of pushed requests of this client. */
  pushed: Room
}

export interface Room {
  has(key: string): boolean
  begun(key: string): void
  ended(key: string): void
}

export interface LeftOpenRules {
  /** Sittings of one address. */
  readonly sittingsPerAddress: number
  /** Pushed requests of one client. */
  readonly pushedPerClient: number
}

/** Of this process. `rules` are read each time. */
export function leftOpen(rules: LeftOpenRules, now: Clock): LeftOpen {
  const life = LIVES.sitting * SECOND
  const addresses = openCount({ most: () => rules.sittingsPerAddress, life }, now)
  const around = openCount({ most: () => rules.sittingsPerAddress * NETWORK, life }, now)
  const pushed = openCount({ most: () => rules.pushedPerClient, life: LIVES.pushed * SECOND }, now)

  return {
    sittings: {
      has(ip) {
        const { address, network } = networks(ip)
        return addresses.hasRoom(address) && around.hasRoom(network)
      },
      begun(ip) {
        const { address, network } = networks(ip)
        addresses.begun(address)
        around.begun(network)
      },
      ended(ip) {
        const { address, network } = networks(ip)
        addresses.ended(address)
        around.ended(network)
      },
    },
    pushed: { has: pushed.hasRoom, begun: pushed.begun, ended: pushed.ended },
  }
}

/**
 * Counts what begins and ends here. A sitting that leads to the next is taken up and begun again, so it stays one. They are
 * refused at the front door (web/crowd-door.ts), where that costs nothing.
 */
export function countSittings(provider: Provider, { sittings }: LeftOpen): void {
  provider.on('interaction.started', (ctx) => sittings.begun(addressOf(ctx)))
  provider.on('interaction.destroyed', () => {
    if (Provider.ctx) sittings.ended(addressOf(Provider.ctx))
  })
}

/** RFC 9126 section 2.3 has a status for it. `onRefused` is told of each. */
export function boundPushed(provider: Provider, { pushed }: LeftOpen, onRefused: () => void): void {
  const prototype = provider.PushedAuthorizationRequest.prototype as { save(ttl: number): Promise<string> }
  const save = prototype.save
  prototype.save = async function (this: typeof prototype, ttl: number) {
    const key = pusherOf(Provider.ctx)
    if (!pushed.has(key)) {
      onRefused()
      Provider.ctx?.set('Retry-After', String(RETRY))
      throw new TooManyPushed()
    }
    pushed.begun(key)
    return save.call(this, ttl)
  }
}

class TooManyPushed extends errors.OIDCProviderError {
  error_description = 'this client has pushed too many requests that nobody came with: push one for each sign-in only'

  constructor() {
    super(429, 'temporarily_unavailable')
  }
}

function pusherOf(ctx: KoaContextWithOIDC | undefined): string {
  const { clientId = '', clientAuthMethod } = ctx?.oidc.client ?? {}
  // Ids of clients have no spaces in them.
  return clientAuthMethod === 'none' ? `${clientId} ${networks(addressOf(ctx)).address}` : clientId
}

function addressOf(ctx: Pick<KoaContextWithOIDC, 'req'> | undefined): string {
  return (ctx && sourceOf(ctx.req)?.ip) ?? ''
}

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
import { ration } from '../lib/ration.ts'
import { type Clock, MINUTE, SECOND, seconds } from '../lib/time.ts'

/** Seconds that they live. */
export const LIVES = { sitting: (20 * MINUTE) / SECOND, pushed: 60 }

/** So many times as many come from a network. */
const NETWORK = 4
/** Seconds after which an application may push again: by then there is room for hundreds. */
const RETRY = 5
/** Sittings that one account may begin where there is no room: nobody types that many passwords. */
const SIGNED_IN = { each: 20, all: 50_000, window: 10 * SECOND }

export interface LeftOpen {
  /** Of sittings that begin at this address. */
  sittings: Room
  /** Of pushed requests of this client. */
  pushed: Room
}

export interface Room {
  has(key: string): boolean
  begun(key: string): void
  /** `left`: the part of its life that was left of it, from 0 to 1. */
  ended(key: string, left: number): void
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
      ended(ip, left) {
        const { address, network } = networks(ip)
        addresses.ended(address, left)
        around.ended(network, left)
      },
    },
    pushed: { has: pushed.hasRoom, begun: pushed.begun, ended: pushed.ended },
  }
}

/** What a model of the library has in common with the others, as far as it is needed here. */
interface Kept {
  exp?: number
  save(ttl: number): Promise<string>
}

/**
 * Decides wherever a sitting is made, whatever led there: the front door (web/crowd-door.ts) looks first, because refusing
 * costs nothing there, but a page that is gone begins its request anew without it. A sitting that leads to the next is taken
 * up and begun again, so it stays one, and goes on. Who is signed in goes on too.
 */
export function boundSittings(
  provider: Provider,
  { sittings }: LeftOpen,
  { onRefused, now }: { onRefused: (ctx: KoaContextWithOIDC) => void; now: Clock },
): void {
  const goesOn = ration(SIGNED_IN, now)
  const prototype = provider.Interaction.prototype as unknown as Kept
  const save = prototype.save
  prototype.save = function (ttl) {
    const ctx = Provider.ctx
    if (!ctx || this.exp !== undefined) return save.call(this, ttl)
    const ip = addressOf(ctx)
    const { route, session } = ctx.oidc
    const { accountId } = session ?? {}
    if (route !== 'resume' && !sittings.has(ip) && !(accountId !== undefined && goesOn(accountId))) {
      onRefused(ctx)
      throw new TooManySittings()
    }
    return counted(sittings, ip, () => save.call(this, ttl))
  }
  provider.on('interaction.destroyed', (sitting) => {
    if (Provider.ctx) sittings.ended(addressOf(Provider.ctx), leftOf(sitting, LIVES.sitting, now))
  })
}

/**
 * RFC 9126 section 2.3 has a status for it. `onRefused` is told of each. One that a browser came with, and that was answered
 * with a code, is not left; of an application that proves nothing it is counted where the browser is.
 */
export function boundPushed(
  provider: Provider,
  { pushed }: LeftOpen,
  { onRefused, now }: { onRefused: () => void; now: Clock },
): void {
  const prototype = provider.PushedAuthorizationRequest.prototype as unknown as Kept & { consume(): Promise<void> }
  const { save, consume } = prototype
  prototype.save = async function (ttl) {
    const key = pusherOf(Provider.ctx)
    if (!pushed.has(key)) {
      onRefused()
      Provider.ctx?.set('Retry-After', String(RETRY))
      throw new TooManyPushed()
    }
    return counted(pushed, key, () => save.call(this, ttl))
  }
  prototype.consume = async function () {
    await consume.call(this)
    pushed.ended(pusherOf(Provider.ctx), leftOf(this, LIVES.pushed, now))
  }
}

/** Counts before it waits for the store: of many at once none is overlooked. What could not be kept is not there. */
async function counted<T>(room: Room, key: string, keep: () => Promise<T>): Promise<T> {
  room.begun(key)
  try {
    return await keep()
  } catch (fault) {
    room.ended(key, 1)
    throw fault
  }
}

/** `life` in seconds. */
function leftOf({ exp = 0 }: { exp?: number | undefined }, life: number, now: Clock): number {
  return Math.min(1, Math.max(0, (exp - seconds(now())) / life))
}

/** The person reads of it, and not the application: nothing was wrong with its request. */
export class TooManySittings extends errors.OIDCProviderError {
  override allow_redirect = false
  error_description = 'too many sign-ins were begun at this address and left'

  constructor() {
    super(503, 'temporarily_unavailable')
    // An answer, and no fault of ours.
    this.expose = true
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

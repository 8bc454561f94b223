/**
 * The cookie of remembered devices. One browser may be remembered for several accounts (one person has two employers), so
 * it holds a few tokens; each says nothing but itself.
 */

import type { ParameterizedContext } from 'koa'
import type { Source } from '../audit/audit.ts'
import type { RememberedDevices, Token } from '../mfa/remembered-device.ts'
import type { Account } from '../person/account.ts'
import type { RememberedFactor } from '../person/second-factor.ts'
import type { CookieJar } from './cookies.ts'

export interface DeviceCookie {
  /** If this browser is remembered for the account: how that was earned. Its token is renewed. */
  recognize(ctx: ParameterizedContext, account: Account, source: Source): Promise<RememberedFactor | undefined>
  /** Whether it is remembered for somebody else too, as far as it shows without asking: `own` is how it is for the account. */
  hasOthers(ctx: ParameterizedContext, own: RememberedFactor | undefined): boolean
  remember(ctx: ParameterizedContext, account: Account, method: RememberedFactor, source: Source): Promise<void>
}

const MOST = 5

export function deviceCookie(devices: RememberedDevices, cookies: CookieJar): DeviceCookie {
  function tokens(ctx: ParameterizedContext): string[] {
    const value = cookies.get(ctx, 'device') ?? ''
    return value
      .split('.')
      .filter((token) => /^[\w-]{86}$/.test(token))
      .slice(0, MOST)
  }

  function keep(ctx: ParameterizedContext, next: Token, others: string[]): void {
    // The cookie lives as long as its newest token; the store knows when each one ends.
    cookies.set(ctx, 'device', [next.token, ...others].slice(0, MOST).join('.'))
  }

  return {
    async recognize(ctx, account, source) {
      const known = tokens(ctx)
      for (const token of known) {
        const recognized = await devices.recognize(token, account, source)
        if (!recognized.ok) continue
        if (recognized.next)
          keep(
            ctx,
            recognized.next,
            known.filter((other) => other !== token),
          )
        return recognized.method
      }
      return undefined
    },
    hasOthers: (ctx, own) => tokens(ctx).length > (own ? 1 : 0),
    async remember(ctx, account, method, source) {
      const agent = agentName(ctx.get('User-Agent'))
      const token = await devices.remember(account, { method, agent, source })
      if (token) keep(ctx, token, tokens(ctx))
    },
  }
}

/** Browser and system as a person would name them, from what the browser says of itself. */
export function agentName(userAgent: string): string {
  const browser = BROWSERS.find(([, sign]) => userAgent.includes(sign))?.[0] ?? 'Browser'
  const system = SYSTEMS.find(([, sign]) => userAgent.includes(sign))?.[0]
  return system ? `${browser}, ${system}` : browser
}

/** Whether its owner would call it a phone; everything else is a device. */
export function isPhone(userAgent: string): boolean {
  return /iPhone|Android.*Mobile/.test(userAgent)
}

// In this order: every browser claims to be those that came before it.
const BROWSERS = [
  ['Edge', 'Edg/'],
  ['Opera', 'OPR/'],
  ['Samsung Internet', 'SamsungBrowser/'],
  ['Firefox', 'Firefox/'],
  ['Chrome', 'Chrome/'],
  ['Safari', 'Safari/'],
] as const
const SYSTEMS = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['macOS', 'Mac OS X'],
  ['Linux', 'Linux'],
] as const

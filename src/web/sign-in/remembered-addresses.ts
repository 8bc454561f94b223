/** Addresses that people asked this browser to remember. Sealed: a cookie with an address in it would be personal data in the open. */
import type { ParameterizedContext } from 'koa'
import type { Sealer } from '../../lib/crypto.ts'
import type { CookieJar } from '../cookies.ts'

export interface RememberedAddresses {
  /** The latest first. */
  list(ctx: ParameterizedContext): string[]
  /** Remembers the address, or forgets it. */
  keep(ctx: ParameterizedContext, email: string, wanted: boolean): void
}

const MOST = 5
const RECORD = 'cookie/accounts'

export function rememberedAddresses(seal: Sealer, cookies: CookieJar): RememberedAddresses {
  function list(ctx: ParameterizedContext): string[] {
    const sealed = cookies.get(ctx, 'accounts')
    if (!sealed) return []
    try {
      const read: unknown = JSON.parse(seal.open(sealed, RECORD))
      return Array.isArray(read) ? read.filter((email) => typeof email === 'string').slice(0, MOST) : []
    } catch {
      // Tampered with, or sealed with a key that is gone: as good as not there.
      return []
    }
  }

  return {
    list,
    keep(ctx, email, wanted) {
      const before = list(ctx)
      const others = before.filter((known) => known !== email)
      const after = wanted ? [email, ...others].slice(0, MOST) : others
      if (after.length === 0 && before.length === 0) return
      cookies.set(ctx, 'accounts', after.length > 0 ? seal.seal(JSON.stringify(after), RECORD) : undefined)
    },
  }
}

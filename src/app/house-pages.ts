/** The pages of the house, put together: the doors to `/account` and `/admin`, and what is behind them. */
import type Router from '@koa/router'
import type { RouterContext } from '@koa/router'
import { addresses } from '../accounts/addresses.ts'
import { ownLanguage } from '../accounts/own-language.ts'
import { ownPassword } from '../accounts/own-password.ts'
import type { Hasher } from '../accounts/password.ts'
import { hmac } from '../lib/crypto.ts'
import { HOUR, MINUTE } from '../lib/time.ts'
import { endWaits } from '../mfa/challenge.ts'
import { factorsUndone } from '../mfa/factors-undone.ts'
import { newApps } from '../mfa/new-app.ts'
import { newNumbers } from '../mfa/new-number.ts'
import type { SmsCodes } from '../mfa/sms.ts'
import { HOUSE, type HouseId, houseClient } from '../oidc/built-in-client.ts'
import { sessionCookie } from '../oidc/profile.ts'
import type { Oidc } from '../oidc/provider.ts'
import type { Rest } from '../oidc/sessions.ts'
import type { Account } from '../person/account.ts'
import { accountAddressPages } from '../web/account/addresses.ts'
import { accountBackupPages } from '../web/account/backup.ts'
import { accountDetailPages } from '../web/account/details.ts'
import { accountFactorPages } from '../web/account/factors.ts'
import { accountPages } from '../web/account/overview.ts'
import { accountPasswordPages } from '../web/account/password.ts'
import { accountPhonePages } from '../web/account/phone.ts'
import { accountSessionPages } from '../web/account/sessions.ts'
import { adminPages } from '../web/admin/admin.ts'
import type { CookieJar } from '../web/cookies.ts'
import type { Country } from '../web/countries.ts'
import type { Csrf } from '../web/csrf.ts'
import { type House, type HouseParts, house } from '../web/house.ts'
import { recoveryPages } from '../web/links/recovery.ts'
import { undoPages } from '../web/links/undo.ts'
import type { Pages } from '../web/page.ts'
import type { SeatCookie } from '../web/seat-cookie.ts'
import type { Core } from './core.ts'

/** Milliseconds: what the settings and administration ask of a session (SECURITY SES-05, ADM-01). */
const ACCOUNT_LIMITS = { fresh: 10 * MINUTE }
const ADMIN_LIMITS = { fresh: 5 * MINUTE, idle: 15 * MINUTE, absolute: 8 * HOUR }

export interface HousePagesParts {
  core: Core
  provider: Oidc
  secondFactors: Parameters<typeof houseClient>[0]['secondFactors']
  hasher: Hasher
  /** What passwords are judged by. */
  policy: { minimum: number; words: string[] }
  sms: SmsCodes
  countries: Country[]
  pages: Pages
  cookies: CookieJar
  csrf: Csrf
  seats: SeatCookie
}

export interface HousePages {
  account: Router[]
  admin: Router[]
  /** Whoever was signed in with this browser is not any more: takes what it has of them away. */
  forget: (ctx: RouterContext) => void
  /** For the wizard: ends everything that was signed in as this account but the session with this uid. */
  endOthers: (ctx: RouterContext, account: Account, uid: string) => Promise<void>
}

export function housePages(parts: HousePagesParts): HousePages {
  const { core, provider, pages, cookies, csrf } = parts
  const { config, store, seal, ring, wrap, record, notice, attempts, now } = core
  const { durable } = store
  const secure = config.issuer.startsWith('https:')
  const common = { store: durable, throttle: attempts, audit: record, notice, now }

  /** As the provider sets it, so that both mean the same cookie. */
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure, signed: true, overwrite: true } as const

  function keepSession(ctx: RouterContext, sessionId: string): void {
    ctx.cookies.set(sessionCookie(secure), sessionId, { ...attributes, maxAge: config.session.idle })
  }

  function forget(ctx: RouterContext): void {
    ctx.cookies.set(sessionCookie(secure), null, attributes)
    for (const name of ['account', 'admin'] as const) cookies.set(ctx, name, undefined)
    parts.seats.leave(ctx)
  }

  async function endOthers(accountId: string, uid: string, rest: Rest): Promise<string | undefined> {
    // Whoever used up tries did so with what has just been changed.
    await endWaits(attempts, accountId)
    return core.sessions.endOthers(accountId, await provider.provider().Session.findByUid(uid), rest)
  }

  function door(
    id: HouseId,
    own: Pick<HouseParts, 'path' | 'cookie' | 'limits' | 'pages' | 'admits' | 'keepSession'>,
  ): House {
    return house({
      ...own,
      home: config.issuer,
      client: houseClient({
        id,
        issuer: config.issuer,
        oidc: provider,
        clients: core.clients,
        store: durable,
        secondFactors: parts.secondFactors,
        life: core.life,
        absolute: config.session.absolute,
        now,
      }),
      cookies,
      csrf,
      seal,
      inTurn: provider.inTurn,
      endOthers: (accountId, uid, left) => endOthers(accountId, uid, { left, sittings: 'end' }),
      name: (accountId) => hmac(ring.derive('house-forms'), accountId),
      mfa: config.assurance.names.mfa,
      now,
    })
  }

  const settings = door(HOUSE.account, {
    path: '/account',
    cookie: 'account',
    limits: ACCOUNT_LIMITS,
    pages,
    keepSession,
  })
  const forEnrolled = { ...settings, ...settings.forEnrolled }
  const elsewhere = config.admin !== undefined
  const administration = door(HOUSE.admin, {
    path: '/admin',
    cookie: 'admin',
    limits: ADMIN_LIMITS,
    pages,
    admits: ({ roles }) => roles.length > 0,
    keepSession: elsewhere ? () => undefined : keepSession,
  })

  const { factors } = core
  const emails = addresses({
    ...common,
    seal,
    ring,
    wrap,
    writeMail: core.writeMail,
    links: core.links,
    issuer: config.issuer,
    endSessions: core.sessions.endAll,
    factors: factorsUndone(durable),
  })
  const web = { house: settings, pages, cookies }
  const factorWeb = { ...web, house: forEnrolled }
  const { product } = config.brand

  return {
    account: [
      settings.router,
      accountPages({ ...web, factors, sessions: core.ownSessions, trail: durable }),
      accountPasswordPages({
        ...web,
        passwords: ownPassword({ ...common, ...parts.policy, hasher: parts.hasher }),
        throttle: attempts,
        minimum: parts.policy.minimum,
        now,
      }),
      accountAddressPages({ ...web, addresses: emails, now }),
      accountSessionPages({ ...web, factors, sessions: core.ownSessions }),
      accountDetailPages({
        ...web,
        setLanguage: ownLanguage(common),
        personData: core.personData,
        audit: record,
        notice,
        store: durable,
      }),
      accountFactorPages({
        ...factorWeb,
        factors,
        newApps: newApps({ ...common, seal }),
        app: config.twoStep.house,
        product,
        now,
      }),
      accountPhonePages({
        ...factorWeb,
        factors,
        numbers: newNumbers({ ...common, seal, sms: parts.sms }),
        countries: parts.countries,
        now,
      }),
      accountBackupPages({ ...factorWeb, factors, product }),
      recoveryPages({ recovery: core.recovery, store: durable, pages, csrf, cookies }),
      undoPages({ addresses: emails, pages, csrf, cookies }),
    ],
    admin: [
      administration.router,
      adminPages({
        house: administration,
        context: core.admin,
        signOut: `${config.issuer}/session/end`,
        pages,
        cookies,
        now,
      }),
    ],
    forget,
    async endOthers(ctx, { id: accountId, epoch: left }, uid) {
      const id = ctx.cookies.get(sessionCookie(secure), { signed: true })
      const renewed = await provider.inTurn(id ?? uid, () => endOthers(accountId, uid, { left, sittings: 'go on' }))
      if (renewed !== undefined) keepSession(ctx, renewed)
    },
  }
}

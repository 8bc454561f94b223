/**
 * Where one is signed in, in the security settings: sessions, remembered devices and applications, each taken away by a
 * page of one button. What another tab took away meanwhile is said on the overview; nothing is done then.
 */

import Router, { type RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import type { OwnFactors } from '../../mfa/own-factors.ts'
import type { OwnSessions } from '../../oidc/own-sessions.ts'
import { seeOther } from '../page.ts'
import { sourceOf } from '../request.ts'
import type { SignedInPages } from '../signed-in.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountSessionPagesParts extends AccountPageParts {
  signedIn: SignedInPages
  factors: Pick<OwnFactors, 'overview' | 'forgetDevice' | 'forgetDevices'>
  sessions: OwnSessions
}

/** What a page is about: a name to show, and since when; undefined if it is not there any more. */
type About = { name?: string | undefined; since?: number | undefined } | undefined

interface Act {
  path: string
  /** Its texts: `account.<of>.<act>.…`. */
  of: string
  act: string
  find(ctx: RouterContext, requester: Requester): Promise<About>
  /** The code of what is said then; undefined if somebody was first. */
  run(ctx: RouterContext, requester: Requester): Promise<string | undefined>
}

export function accountSessionPages(parts: AccountSessionPagesParts): Router {
  const { signedIn, factors, sessions } = parts
  const page = accountPage(parts)
  const router = new Router()

  const acts: Act[] = [
    {
      path: '/account/sessions/:handle/end',
      of: 'session',
      act: 'end',
      find: async (ctx, { account, session }) => {
        const list = await sessions.list(account, session)
        const found = list.find(({ handle, current }) => handle === ctx.params.handle && !current)
        return found && { name: found.agent, since: found.signedInAt }
      },
      run: async (ctx, { account, session }) =>
        (await sessions.end(account, ctx.params.handle ?? '', session, sourceOf(ctx))) ? 'session-ended' : undefined,
    },
    {
      path: '/account/devices/:id/forget',
      of: 'device',
      act: 'forget',
      find: async (ctx, { account }) => {
        const found = (await factors.overview(account)).devices.find(({ id }) => id === ctx.params.id)
        return found && { name: found.agent, since: found.createdAt }
      },
      run: async (ctx, { account }) =>
        (await factors.forgetDevice(account, ctx.params.id ?? '', sourceOf(ctx))) ? 'device-forgotten' : undefined,
    },
    {
      path: '/account/applications/:id/remove',
      of: 'application',
      act: 'remove',
      find: async (ctx, { account }) => {
        const found = (await sessions.applications(account)).find(({ clientId }) => clientId === ctx.params.id)
        return found && { name: found.name, since: found.since }
      },
      run: async (ctx, { account }) =>
        (await sessions.removeApplication(account, ctx.params.id ?? '', sourceOf(ctx)))
          ? 'application-removed'
          : undefined,
    },
  ]
  for (const act of acts) {
    router.get(
      act.path,
      signedIn.guarded((ctx, requester) => ask(ctx, requester, act)),
    )
    router.post(
      act.path,
      signedIn.submit(async (ctx, requester) => page.leave(ctx, (await act.run(ctx, requester)) ?? 'gone')),
    )
  }
  router.get('/account/devices/forget', signedIn.guarded(askAllDevices))
  router.post('/account/devices/forget', signedIn.submit(forgetAllDevices))
  router.get('/account/sign-out-everywhere', signedIn.guarded(askEverywhere))
  router.post('/account/sign-out-everywhere', signedIn.submit(signOutEverywhere))
  return router

  async function ask(ctx: RouterContext, requester: Requester, { of, act, find }: Act): Promise<void> {
    const about = await find(ctx, requester)
    if (!about) return page.leave(ctx, 'gone')
    page.show(ctx, requester, 'confirm', { of, act, about })
  }

  async function askAllDevices(ctx: RouterContext, requester: Requester): Promise<void> {
    const { devices } = await factors.overview(requester.account)
    if (devices.length === 0) return page.leave(ctx, 'gone')
    page.show(ctx, requester, 'confirm', { of: 'devices', act: 'forget' })
  }

  async function forgetAllDevices(ctx: RouterContext, { account }: Requester): Promise<void> {
    await factors.forgetDevices(account, sourceOf(ctx))
    page.leave(ctx, 'devices-forgotten')
  }

  async function askEverywhere(ctx: RouterContext, requester: Requester): Promise<void> {
    page.show(ctx, requester, 'confirm', { of: 'everywhere', act: 'end' })
  }

  async function signOutEverywhere(ctx: RouterContext, { account }: Requester): Promise<void> {
    await sessions.signOutEverywhere(account, sourceOf(ctx))
    // The provider's page that says so: there is no session any more that could be shown anything else.
    seeOther(ctx, '/session/end/success')
  }
}

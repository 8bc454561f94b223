/**
 * The pages of the security settings behind a door that is a stand-in: whoever asks is let in, and what would be done is
 * written down instead. A small browser keeps the cookies.
 */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { RouterContext } from '@koa/router'
import Koa from 'koa'
import type { Confirmed } from '../../../src/accounts/addresses.ts'
import type { OwnChanged } from '../../../src/accounts/own-password.ts'
import { AppError } from '../../../src/lib/errors.ts'
import type { Spent } from '../../../src/lib/throttle.ts'
import type { Account } from '../../../src/person/account.ts'
import { defaultBrand, views } from '../../../src/render/views.ts'
import { accountAddressPages } from '../../../src/web/account/addresses.ts'
import { accountDetailPages } from '../../../src/web/account/details.ts'
import { accountPages } from '../../../src/web/account/overview.ts'
import { accountPasswordPages } from '../../../src/web/account/password.ts'
import { accountSessionPages } from '../../../src/web/account/sessions.ts'
import { cookieJar } from '../../../src/web/cookies.ts'
import { csrf } from '../../../src/web/csrf.ts'
import { readForm } from '../../../src/web/form.ts'
import { undoPages } from '../../../src/web/links/undo.ts'
import { pages } from '../../../src/web/page.ts'
import { receive, sourceOf } from '../../../src/web/request.ts'
import type { SignedInPages } from '../../../src/web/signed-in.ts'
import { overview, factors as sampleFactors } from '../samples/account.ts'

export const NOW = Date.UTC(2026, 2, 3, 9, 30)
/** Of a link that opens something. */
export const TOKEN = 'u'.repeat(43)

export const account: Account = {
  ...overview.account,
  id: 'A',
  emailKey: overview.account.email,
  locale: 'en',
  organizationId: undefined,
  roles: [],
  status: 'active',
  passwordHash: 'hash',
  epoch: 0,
  enrolledAt: NOW,
  previousEmail: undefined,
  emailChangedAt: undefined,
  givenName: undefined,
  familyName: undefined,
  createdAt: NOW,
}

export interface Answered {
  status: number
  /** Where it leads. */
  to: string
  text: string
}

/** What the domain answers next. */
export interface Answers {
  changed: OwnChanged
  confirmed: Confirmed
  pending: string | undefined
  /** Whether what is to be taken away is still there. */
  there: boolean
  judged: Spent
}

export type AccountWeb = Awaited<ReturnType<typeof accountWeb>>

export async function accountWeb() {
  /** Everything that was done, in order. */
  const done: string[] = []
  const answers: Answers = {
    changed: { ok: true, browser: 'B' },
    confirmed: { ok: true, account },
    pending: 'nieuw@sigma.example',
    there: true,
    judged: { ok: true },
  }

  function noting<T>(name: string, value: () => T) {
    return async (...given: unknown[]): Promise<T> => {
      done.push([name, ...given.filter((one) => typeof one === 'string')].join(' '))
      return value()
    }
  }

  const cookies = cookieJar(false)
  const tokens = csrf([Buffer.alloc(32)], cookies)
  const show = pages(views(join(import.meta.dirname, '../../../views'), defaultBrand), tokens, cookies)
  const requester = (ctx: RouterContext) => ({ account, session: 'S', source: sourceOf(ctx), proven: [] })
  const open: SignedInPages['page'] = (visit) => (ctx) => visit(ctx, requester(ctx))
  const submit: SignedInPages['submit'] = (take) => async (ctx) => take(ctx, requester(ctx), await readForm(ctx))
  const doors = { page: open, guarded: open, submit, forEnrolled: { guarded: open, submit } }
  const endOthers = noting('endOthers', () => undefined)
  const signedIn = { ...doors, formFor: () => 'FOR', endOthers } as Partial<SignedInPages> as SignedInPages
  const web = { signedIn, pages: show, cookies }
  const factors = {
    overview: async () => sampleFactors,
    forgetDevice: noting('forgetDevice', () => answers.there),
    forgetDevices: noting('forgetDevices', () => undefined),
  }
  const passkeys = { rpId: 'localhost', accepted: async () => undefined, details: () => undefined }
  const sessions = {
    list: async () => overview.sessions,
    applications: async () => overview.applications,
    end: noting('end', () => answers.there),
    removeApplication: noting('removeApplication', () => answers.there),
    signOutEverywhere: noting('signOutEverywhere', () => undefined),
  }
  const addresses = {
    begin: noting('begin', () => ({ ok: true }) as const),
    pending: async () => answers.pending,
    confirm: noting('confirm', () => answers.confirmed),
    removeNotice: noting('removeNotice', () => answers.there),
    findUndo: async (token: string) => (token === TOKEN ? { account, email: 'oud@sigma.example' } : undefined),
    undo: noting('undo', () => answers.there),
  }
  const passwords = { change: noting('change', () => answers.changed), judge: async () => ['too-short' as const] }
  const routers = [
    accountPages({
      ...web,
      factors,
      passkeys,
      sessions,
      trail: { listAudit: async () => [] },
      logoOf: () => undefined,
    }),
    accountPasswordPages({
      ...web,
      passwords,
      throttle: { window: async () => answers.judged },
      minimum: 15,
      now: () => NOW,
    }),
    accountAddressPages({ ...web, addresses, now: () => NOW }),
    accountSessionPages({ ...web, factors, sessions }),
    accountDetailPages({
      ...web,
      setLanguage: noting('setLanguage', () => true),
      personData: async () => ({ account: { name: 'Sanne' } }),
      store: { enqueue: noting('enqueue', () => undefined) },
      notice(_account, name) {
        done.push(`notice ${name}`)
        return []
      },
      audit: async ({ type }) => void done.push(`audit ${type}`),
    }),
    undoPages({ home: () => '/', addresses, pages: show, csrf: tokens, cookies }),
  ]

  const app = new Koa()
  app.use(async (ctx, next) => {
    await next().catch((fault: unknown) => {
      if (!(fault instanceof AppError)) throw fault
      ctx.status = fault.status
    })
  })
  for (const router of routers) app.use(router.routes() as unknown as Koa.Middleware)
  const handle = app.callback()
  const server = createServer((request, response) => {
    receive(request, new URL('http://localhost'), 0)
    void handle(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const jar = new Map<string, string>()

  async function send(path: string, init: RequestInit = {}): Promise<Answered> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(origin + path, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, cookie, 'accept-language': 'en' },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value) jar.set(name, value)
      else jar.delete(name)
    }
    return { status: response.status, to: response.headers.get('location') ?? '', text: await response.text() }
  }

  return {
    done,
    answers,
    visit: (path: string) => send(path),
    post: (path: string, fields: Record<string, string> = {}) =>
      send(path, { method: 'POST', body: new URLSearchParams(fields) }),
    ask: (path: string, data: Record<string, string>) =>
      send(path, { method: 'POST', body: JSON.stringify(data), headers: { 'content-type': 'application/json' } }),
    close: () => server.close(),
  }
}

/**
 * The pages about one's own second factors behind a door that is always open, over factors in memory: what the pages do
 * with what they are told, and with what changed since they were shown.
 */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Router, { type RouterContext } from '@koa/router'
import Koa from 'koa'
import type { Requester } from '../../../src/accounts/requester.ts'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import type { Locale } from '../../../src/lib/locales.ts'
import { SECOND } from '../../../src/lib/time.ts'
import { readOwnName } from '../../../src/mfa/app-name.ts'
import { needsBackup, type Overview, type PasskeyView } from '../../../src/mfa/factor-overview.ts'
import type { AppConfirmed, NewApps, WaitingApp } from '../../../src/mfa/new-app.ts'
import type { NewNumbers, WaitingNumber } from '../../../src/mfa/new-number.ts'
import type { OwnFactors, Renamed } from '../../../src/mfa/own-factors.ts'
import type { CreationOptions } from '../../../src/mfa/passkey-options.ts'
import type { Added as PasskeyAdded, Passkeys } from '../../../src/mfa/passkeys.ts'
import type { Added, Sent } from '../../../src/mfa/sms.ts'
import type { Account } from '../../../src/person/account.ts'
import type { Passkey } from '../../../src/person/passkey.ts'
import { assets } from '../../../src/render/assets.ts'
import { defaultBrand, views } from '../../../src/render/views.ts'
import { accountBackupPages } from '../../../src/web/account/backup.ts'
import { accountFactorPages } from '../../../src/web/account/factors.ts'
import { accountPasskeyPages } from '../../../src/web/account/passkeys.ts'
import { accountPhonePages } from '../../../src/web/account/phone.ts'
import { assetRoutes } from '../../../src/web/assets-route.ts'
import { cookieJar } from '../../../src/web/cookies.ts'
import { countryList } from '../../../src/web/countries.ts'
import { csrf } from '../../../src/web/csrf.ts'
import { readForm } from '../../../src/web/form.ts'
import { securityHeaders } from '../../../src/web/headers.ts'
import { pages } from '../../../src/web/page.ts'
import { receive, sourceOf } from '../../../src/web/request.ts'
import type { SignedInPages, SignedInRequester } from '../../../src/web/signed-in.ts'

import { CREATE, HANDLE } from '../samples/passkeys.ts'

export const NOW = Date.UTC(2025, 5, 1, 12)
const VIEWS = join(import.meta.dirname, '../../../views')

export interface Desk {
  origin: string
  /** What the account has; tests change it as another tab would. */
  overview: Overview
  backupId: string | undefined
  waitingApp: WaitingApp | undefined
  waitingNumber: WaitingNumber | undefined
  proven: SignedInRequester['proven']
  /** What the domain answers next. */
  answers: {
    renamed: Renamed
    confirmed: AppConfirmed
    sent: Sent
    added: Added
    begun: 'ok' | 'too-many'
    /** Why a passkey is not added; undefined if it is. */
    passkey: Extract<PasskeyAdded, { ok: false }>['reason'] | undefined
  }
  /** What another session does between the look of the page and the act. */
  meanwhile: () => void
  /** Everything that changed anything, in order. */
  acts: string[]
  close(): Promise<void>
}

export function passkeyView(id: string): PasskeyView {
  const kept = { agent: 'Chrome, Windows', keptBy: undefined, synced: true, usable: true }
  return { id, label: `passkey ${id}`, createdAt: NOW, lastUsedAt: undefined, ...kept }
}

export async function factorDesk(): Promise<Desk> {
  const desk: Desk = {
    origin: '',
    overview: {
      apps: ['a1', 'a2'].map((id) => ({ id, label: `app ${id}`, createdAt: NOW, lastUsedAt: undefined })),
      passkeys: [],
      phone: { id: 'p1', hint: '78', createdAt: NOW },
      backup: { createdAt: NOW, saved: true },
      devices: [],
      demanded: false,
    },
    backupId: 'b1',
    waitingApp: undefined,
    waitingNumber: undefined,
    proven: ['totp'],
    answers: {
      renamed: { ok: true },
      confirmed: { ok: true },
      sent: { ok: true, resendAt: NOW + 30 * SECOND, hint: '34' },
      added: { ok: true },
      begun: 'ok',
      passkey: undefined,
    },
    meanwhile: () => undefined,
    acts: [],
    close: () => new Promise((closed) => server.close(() => closed())),
  }
  const act = (...what: unknown[]) => void desk.acts.push(what.join(' '))

  const newApps: NewApps = {
    async begin(_mover, replaces) {
      if (desk.answers.begun !== 'ok') return { ok: false, reason: desk.answers.begun }
      act('begin', replaces ?? 'new')
      const old = desk.overview.apps.find(({ id }) => id === replaces)
      const secret = `JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PX${replaces ? 'P' : 'Q'}`
      desk.waitingApp = { secret, entry: 'sanne@sigma.example (2)', replaces: old && { id: old.id, label: old.label } }
      return { ok: true, app: desk.waitingApp }
    },
    find: async () => desk.waitingApp,
    async name(_mover, typed) {
      const app = desk.waitingApp
      if (!app) return { ok: false, reason: 'expired' }
      const read = readOwnName(typed, [])
      if (!read.ok) return read
      if (read.name === app.name) return { ok: true, app, changed: false }
      act('name', read.name)
      desk.waitingApp = { ...app, name: read.name }
      return { ok: true, app: desk.waitingApp, changed: true }
    },
    async confirm(_mover, code) {
      act('confirm', code)
      if (desk.answers.confirmed.ok) desk.waitingApp = undefined
      return desk.answers.confirmed
    },
    async cancel() {
      act('cancel')
      desk.waitingApp = undefined
    },
  }

  const numbers: NewNumbers = {
    async send(_mover: Requester, typed, country) {
      act('send', country, typed)
      const { sent } = desk.answers
      if (sent.ok) desk.waitingNumber = { typed, country, hint: sent.hint, resendAt: sent.resendAt }
      return sent
    },
    find: async () => desk.waitingNumber,
    async confirm(_mover, code) {
      act('add', code)
      return desk.answers.added
    },
    async cancel() {
      act('cancel number')
      desk.waitingNumber = undefined
    },
  }

  const factors: Omit<OwnFactors, 'forgetDevice' | 'forgetDevices'> = {
    overview: async () => desk.overview,
    async rename(_account, id, label) {
      if (desk.answers.renamed.ok) act('rename', id, label)
      return desk.answers.renamed
    },
    async remove(_account, id, { off }) {
      desk.meanwhile()
      const { apps, passkeys } = desk.overview
      if (needsBackup(desk.overview, id)) return { ok: false, reason: 'unsaved' }
      if (apps.length + passkeys.length > 1) act('remove', id)
      else if (off && !desk.overview.demanded) act('turn off', id)
      else return { ok: false, reason: 'last' }
      return { ok: true }
    },
    async removePhone() {
      desk.meanwhile()
      if (needsBackup(desk.overview, 'p1')) return false
      act('remove phone')
      return true
    },
    backupId: async () => desk.backupId,
    async renewBackup(_account, before) {
      if (before !== desk.backupId) return undefined
      act('renew')
      desk.backupId = 'b2'
      desk.overview.backup = { createdAt: NOW, saved: false }
      return 'K7QM-2XNW-PB4T-9HJC-3RVZ-5EDG'
    },
    async confirmBackup() {
      act('saved')
    },
  }

  const passkeys: Pick<Passkeys, 'creation' | 'add' | 'accepted' | 'details'> = {
    creation: async () => CREATE as unknown as CreationOptions,
    async add(_requester, registration, agent) {
      const { passkey: reason } = desk.answers
      if (reason) return { ok: false, reason }
      act('add passkey', registration, agent)
      desk.overview.passkeys = [passkeyView('k1')]
      return { ok: true, passkey: { id: 'k1' } as Passkey }
    },
    accepted: async () => ({ rpId: 'localhost', userId: HANDLE, allAcceptedCredentialIds: [] }),
    details: () => ({ rpId: 'localhost', userId: HANDLE, name: 'sanne@sigma.example', displayName: 'Sanne' }),
  }

  const seal = sealer(keyring([{ id: 'test', key: Buffer.alloc(32, 7) }]), 'page')
  const cookies = cookieJar(false)
  const tokens = csrf([Buffer.alloc(32, 1)], cookies)
  const shown = pages(views(VIEWS, defaultBrand), tokens, cookies)
  const account = { id: 'sanne', email: 'sanne@sigma.example', locale: 'en' as Locale } as Account
  const requester = (ctx: RouterContext): SignedInRequester => ({
    account,
    session: 's1',
    source: sourceOf(ctx),
    proven: desk.proven,
  })
  const signedIn: Pick<SignedInPages, 'forEnrolled' | 'formFor' | 'endOthers'> = {
    forEnrolled: {
      guarded: (visit) => (ctx) => visit(ctx, requester(ctx)),
      submit: (take) => async (ctx) => {
        const fields = await readForm(ctx)
        tokens.assert(ctx, fields)
        if (fields.for !== 'FOR') throw new Error('a form of another account')
        await take(ctx, requester(ctx), fields)
      },
    },
    formFor: () => 'FOR',
    endOthers: async () => act('end others'),
  }
  const common = { signedIn, pages: shown, cookies, factors, product: 'Sigma ID', now: () => NOW }
  const app = {
    name: 'Sigma Authenticator',
    stores: [
      { name: 'App Store', href: 'https://apps.example/ios' },
      { name: 'Google Play', href: 'https://apps.example/android' },
    ],
  }

  const koa = new Koa()
  koa.use(securityHeaders(false))
  for (const router of [
    assetRoutes(assets(VIEWS, defaultBrand)),
    accountFactorPages({ ...common, newApps, app }),
    accountPhonePages({ ...common, numbers, countries: countryList(['NL', 'BE', 'DE']) }),
    accountPasskeyPages({ ...common, signedIn: { ...signedIn, ...signedIn.forEnrolled }, passkeys }),
    accountBackupPages({ ...common, seal, issuer: 'https://id.sigma.example' }),
    // The overview is somebody else's; here it says which sentence it was left.
    new Router().get('/account', (ctx) => {
      ctx.body = `notice ${cookies.get(ctx, 'notice')}`
      cookies.set(ctx, 'notice', undefined)
    }),
  ])
    koa.use(router.routes())
  const handle = koa.callback()
  const server = createServer((request, response) => {
    receive(request, new URL(desk.origin), 0)
    void handle(request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  desk.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return desk
}

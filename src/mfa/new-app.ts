/**
 * One more authenticator app, or a new phone in the place of an old one, in the security settings. The secret waits on
 * the server, sealed, bound to one account and one session, for ten minutes; the old app keeps working until the new
 * one has answered, and then both things happen in one write.
 */

import { randomUUID } from 'node:crypto'
import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import type { Requester } from '../accounts/requester.ts'
import { type Audit, deed } from '../audit/audit.ts'
import { digest, type Sealer } from '../lib/crypto.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import { type Clock, MINUTE } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { Authenticator } from '../person/authenticator.ts'
import { listApps } from '../person/authenticator.ts'
import { changeApp } from '../person/factor-changes.ts'
import type { People } from '../person/kind.ts'
import { APP } from '../person/second-factor.ts'
import type { PendingEnrollment } from '../person/wizard.ts'
import { findWizard, putWizard, removeWizard } from '../person/wizard.ts'
import { entryName, isEntryName, newSecret, stepOf } from './app-code.ts'
import { SETTING_UP_TRIES, settingUpKey, settingUpRefused, streakKey } from './challenge.ts'
import { authenticatorRecord } from './factors.ts'

/** What the page shows: the secret (base32) and what the app will call the entry. */
export interface WaitingApp {
  secret: string
  entry: string
  /** Id and name of the app that the new one takes the place of. */
  replaces: { id: string; label: string } | undefined
}

export type Begun = Outcome<{ app: WaitingApp }, 'unknown' | 'too-many'>
export type AppConfirmed = Outcome<Done, 'wrong-code' | 'expired' | 'gone' | 'closed', 'wait'>

export interface NewApps {
  /** The waiting one is shown again if it is for the same (`replaces`: id of the app that it takes the place of). */
  begin(requester: Requester, replaces: string | undefined): Promise<Begun>
  find(requester: Requester): Promise<WaitingApp | undefined>
  confirm(requester: Requester, code: string): Promise<AppConfirmed>
  cancel(requester: Requester): Promise<void>
}

export interface NewAppParts {
  people: Pick<People, 'find' | 'change'>
  seal: Sealer
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
}

/** A secret that nobody confirmed is void after ten minutes (NIST SP 800-63B-4 section 4.1.2.2). */
const LIFETIME = 10 * MINUTE
/** Enough for everyone's phones and tablets, too few to hide one among (SECURITY OTP-09). */
const MOST_APPS = 5

export function newApps({ people, seal, throttle, audit, notice, now }: NewAppParts): NewApps {
  function wizardKey({ account, session }: Requester): string {
    // Of this epoch: what a copy of the session has seen before everything else was ended is not offered again.
    return digest(`new-app/${account.id}/${session}/${account.epoch}`)
  }

  async function appsOf(accountId: string): Promise<Authenticator[]> {
    return listApps(await findPerson(people, accountId))
  }

  async function load(requester: Requester): Promise<{ app: WaitingApp; pending: PendingEnrollment } | undefined> {
    const pending = findWizard(await findPerson(people, requester.account.id), wizardKey(requester), now())
    return pending && { pending, app: JSON.parse(seal.open(pending.sealed, `new-app/${pending.key}`)) as WaitingApp }
  }

  /** Puts it in the place of whatever waits in this session; false if another tab was first. */
  function wait(requester: Requester, app: WaitingApp, before: PendingEnrollment | undefined): Promise<boolean> {
    const key = wizardKey(requester)
    const pending: PendingEnrollment = {
      key,
      accountId: requester.account.id,
      sealed: seal.seal(JSON.stringify(app), `new-app/${key}`),
      version: (before?.version ?? 0) + 1,
      expiresAt: now() + LIFETIME,
    }
    return people.change(requester.account.id, (person) => putWizard(person, pending, now()))
  }

  async function begin(requester: Requester, replaces: string | undefined): Promise<Begun> {
    const { account } = requester
    const apps = await appsOf(account.id)
    const old = apps.find(({ id }) => id === replaces)
    // Whoever has no app sets one up in the wizard, which makes the backup code in the same act.
    if (apps.length === 0 || (replaces !== undefined && !old)) return { ok: false, reason: 'unknown' }
    if (!old && apps.length >= MOST_APPS) return { ok: false, reason: 'too-many' }
    const known = await load(requester)
    if (known && known.app.replaces?.id === replaces) return { ok: true, app: known.app }
    const app: WaitingApp = {
      secret: newSecret(),
      entry: freshEntry(account, apps),
      replaces: old && { id: old.id, label: old.label },
    }
    if (await wait(requester, app, known?.pending)) return { ok: true, app }
    const winner = await load(requester)
    return winner ? { ok: true, app: winner.app } : { ok: false, reason: 'unknown' }
  }

  async function confirm(requester: Requester, code: string): Promise<AppConfirmed> {
    const { account, source } = requester
    const known = await load(requester)
    if (!known) return { ok: false, reason: 'expired' }
    const { secret, entry, replaces } = known.app
    const apps = await appsOf(account.id)
    const old = apps.find(({ id }) => id === replaces?.id)
    // Also when all of them went meanwhile: an app alone would be one without a backup code.
    if (apps.length === 0 || (replaces && !old)) return { ok: false, reason: 'gone' }
    const tries = settingUpKey('new-app', account.id)
    const spent = await throttle.streak(tries, SETTING_UP_TRIES)
    if (!spent.ok) await settingUpRefused(audit, 'new-app', account, source)
    if (!spent.ok) return spent
    const step = stepOf(secret, code, now)
    if (step === undefined) return { ok: false, reason: 'wrong-code' }

    const id = randomUUID()
    const authenticator: Authenticator = {
      id,
      accountId: account.id,
      kind: APP,
      label: entry,
      sealed: seal.seal(secret, authenticatorRecord(account.id, id)),
      numberKey: undefined,
      // The code that proved the app is used up with that (RFC 6238 section 5.2).
      lastStep: step,
      createdAt: now(),
      lastUsedAt: now(),
    }
    const change = {
      epoch: account.epoch,
      from: { key: known.pending.key, version: known.pending.version },
      authenticator,
      replaces: old?.id,
      most: MOST_APPS,
    }
    const told = old
      ? notice(account, 'app-moved', { from: old.label, to: entry })
      : notice(account, 'app-added', { label: entry })
    if (!(await people.change(account.id, (person) => changeApp(person, change, now(), told))))
      return { ok: false, reason: 'gone' }
    await throttle.reset(tries, streakKey(APP, account.id))
    await audit(deed('factor.enrolled', requester, { method: APP, replaces: old !== undefined }))
    return { ok: true }
  }

  return {
    begin,
    find: async (requester) => (await load(requester))?.app,
    confirm,
    cancel: (requester) => people.change(requester.account.id, (person) => removeWizard(person, wizardKey(requester))),
  }
}

/**
 * An entry's name that no app of the account has. Of an app that its person named, the entry's own name is not known
 * any more: then the number is taken from the account's epoch, which every change of an app moves up.
 */
function freshEntry({ email, epoch }: Account, apps: Authenticator[]): string {
  const taken = apps.map(({ label }) => label)
  const known = taken.every((label) => isEntryName(email, label))
  return entryName(email, taken, known ? 1 : epoch + 1)
}

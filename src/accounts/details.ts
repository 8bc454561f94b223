/**
 * What administrators change of a person. Each change is told to the person and kept in the trail, with the fields and
 * never what they held. What ends by it ends at once.
 */
import type { Audit, AuditEvent } from '../audit/audit.ts'
import type { Wrap } from '../delivery/queue.ts'
import type { Locale } from '../lib/locales.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import { type Clock, DAY } from '../lib/time.ts'
import { type Account, type Extension, emailKey, setLocale, UNDO_LIFE } from '../person/account.ts'
import { isProven, type Names, replaceEmail, setExtension, setNames, setRoles } from '../person/details.ts'
import { sendLink } from '../person/invitation.ts'
import { keyOf, type People } from '../person/kind.ts'
import { unlessTaken } from '../record/records.ts'
import { newUndo, undoableAddresses } from './email-undo.ts'
import type { By } from './life.ts'
import type { Links, WriteMail } from './links.ts'
import type { Notice } from './notify.ts'

export interface Details {
  /** Which fields are different from now on. With `read`, only over that version of the account. */
  rename(
    account: Account,
    names: Partial<Names>,
    by: By & { read?: number | undefined },
  ): Promise<Outcome<{ fields: string[] }, 'changed-meanwhile'>>
  /** False if it is that one already. */
  setLanguage(account: Account, locale: Locale, by: By): Promise<boolean>
  /** With `read`, only over those roles. */
  setRoles(
    account: Account,
    roles: string[],
    by: By & { read?: string[] | undefined },
  ): Promise<Outcome<Done, 'same' | 'changed-meanwhile'>>
  /** Undefined takes it away. False if there was none. */
  extend(account: Account, extension: Pick<Extension, 'until' | 'reason'> | undefined, by: By): Promise<boolean>
  /** Whoever was invited is sent the link anew; anybody else can take the address back for a week. */
  changeEmail(account: Account, email: string, by: By): Promise<Outcome<Done, 'same' | 'taken' | 'changed-meanwhile'>>
}

export interface DetailsParts {
  people: People
  links: Pick<Links, 'activation'>
  audit: Audit
  notice: Notice
  wrap: Wrap
  writeMail: WriteMail
  issuer: string
  /** Ends every session, token and remembered device of the account; applications are told. */
  endSessions: (accountId: string) => Promise<void>
  now: Clock
}

export function personDetails(parts: DetailsParts): Details {
  const { people, audit, notice, now } = parts

  function changed({ id }: Account, { actor, source }: By, details: AuditEvent['details']): Promise<void> {
    return audit({ type: 'account.changed', outcome: 'ok', subject: id, actor, source, details })
  }

  /** What goes out with the change, and what gives the address of before back. */
  async function tellOf(account: Account, email: string, at: number) {
    const { name, locale } = account
    const data = { name, email: account.email, newEmail: email, at, days: UNDO_LIFE / DAY }
    // Who never came in was never asked: the link that they are sent says all there is.
    if (account.status === 'invited') return { undo: undefined, told: [] }
    const also = (await undoableAddresses(people, account, at)).filter((before) => before !== account.email)
    const toNew = notice({ ...account, email, previousEmail: undefined }, 'email-replaced', data, also)
    if (!isProven(account)) return { undo: undefined, told: toNew }
    const { undo, href } = newUndo(parts.issuer, account, at)
    const mail = { ...parts.writeMail('email-replaced', locale, { ...data, undoHref: href }), to: account.email }
    return { undo, told: [parts.wrap('email', mail, account.id), ...toNew] }
  }

  return {
    async rename(account, names, { read, ...by }) {
      const told = notice({ ...account, ...names }, 'name-changed', {})
      const fields = await people.change(account.id, (person) => setNames(person, names, told, read))
      if (fields === 'changed-meanwhile') return { ok: false, reason: fields }
      if (fields.length > 0) await changed(account, by, { what: 'name', fields: fields.join(' ') })
      return { ok: true, fields }
    },

    async setLanguage(account, locale, by) {
      if (account.locale === locale) return false
      const told = notice({ ...account, locale }, 'language-changed', {})
      if (!(await people.change(account.id, (person) => setLocale(person, locale, told)))) return false
      await changed(account, by, { what: 'language', locale })
      return true
    },

    async setRoles(account, roles, { read, ...by }) {
      const told = notice(account, 'roles-changed', { roles })
      const outcome = await people.change(account.id, (person) => setRoles(person, roles, told, read))
      if (outcome !== 'changed') return { ok: false, reason: outcome }
      await changed(account, by, { what: 'roles', roles: roles.join(' ') })
      await parts.endSessions(account.id)
      return { ok: true }
    },

    async extend(account, given, by) {
      const told = notice(account, given ? 'more-time' : 'no-more-time', given ? { until: given.until } : {})
      const extension = given && { ...given, by: by.actor ?? '', at: now() }
      if (!(await people.change(account.id, (person) => setExtension(person, extension, told)))) return false
      // Why is nobody's business who reads the trail: it may tell of somebody's health.
      await changed(account, by, { what: 'more-time', ...(given && { until: new Date(given.until).toISOString() }) })
      return true
    },

    async changeEmail(account, email, by) {
      const key = emailKey(email)
      if (key === account.emailKey) return { ok: false, reason: 'same' }
      const at = now()
      const { undo, told } = await tellOf(account, email, at)
      const change = { from: account.emailKey, email, emailKey: key, at, undo }
      // The links of before end with the change, so the new one leaves with it: no limit may come in between.
      const fresh = account.status === 'invited' ? parts.links.activation({ ...account, email }) : undefined
      const done = people.change(account.id, (person) => {
        if (person.account?.status !== account.status || !replaceEmail(person, change, told))
          return 'changed-meanwhile' as const
        if (fresh) sendLink(person, fresh.link, [fresh.mail])
        return 'changed' as const
      })
      const outcome = await unlessTaken(keyOf.email(key), 'taken' as const, done)
      if (outcome !== 'changed') return { ok: false, reason: outcome }
      await changed(account, by, { what: 'email', change: 'replaced' })
      await parts.endSessions(account.id)
      if (fresh)
        await audit({
          type: 'link.sent',
          outcome: 'ok',
          subject: account.id,
          ...by,
          details: { purpose: 'activation' },
        })
      return { ok: true }
    },
  }
}

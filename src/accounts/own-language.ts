/** The language of a person's pages and mails. Notices are told in it, so that changing it is told as well. */

import { type Audit, deed, type Source } from '../audit/audit.ts'
import type { Locale } from '../lib/locales.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import { setLocale } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import type { Notice } from './notify.ts'

/** False if it is that language already. The mail is in the new language. */
export type SetLanguage = (account: Account, locale: Locale, source: Source) => Promise<boolean>

export interface OwnLanguageParts {
  people: Pick<People, 'change'>
  audit: Audit
  notice: Notice
  now: Clock
}

export function ownLanguage({ people, audit, notice, now }: OwnLanguageParts): SetLanguage {
  return async (account, locale, source) => {
    if (account.locale === locale) return false
    const told = notice({ ...account, locale }, 'language-changed', { at: now() })
    if (!(await people.change(account.id, (person) => setLocale(person, locale, told)))) return false
    await audit(deed('account.changed', { account, source }, { what: 'language', locale }))
    return true
  }
}

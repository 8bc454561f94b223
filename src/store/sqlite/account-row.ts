/** An account as a row of the table. */
import type { Locale } from '../../lib/locales.ts'
import type { Account } from '../../person/account.ts'
import { searchKey } from '../../record/search-key.ts'

export interface AccountRow {
  id: string
  email: string
  email_key: string
  name: string
  given_name: string | null
  family_name: string | null
  locale: Locale
  organization: string | null
  roles: string
  status: Account['status']
  password_hash: string | null
  password_changed_at: number | null
  epoch: number
  enrolled_at: number | null
  notice_email: string | null
  previous_email: string | null
  email_changed_at: number | null
  created_at: number
}

export const ACCOUNT = `id, email, email_key, name, locale, organization, roles, status, password_hash,
  password_changed_at, epoch, enrolled_at, notice_email, previous_email, email_changed_at, created_at,
  given_name, family_name`

export function accountParameters(account: Account) {
  const { id, email, emailKey, name, locale, status, epoch, createdAt } = account
  return {
    id,
    email,
    emailKey,
    name,
    nameKey: searchKey(name),
    givenName: account.givenName ?? null,
    familyName: account.familyName ?? null,
    locale,
    organization: account.organization ?? null,
    roles: JSON.stringify(account.roles),
    status,
    passwordHash: account.passwordHash ?? null,
    passwordChangedAt: account.passwordChangedAt ?? null,
    epoch,
    enrolledAt: account.enrolledAt ?? null,
    noticeEmail: account.noticeEmail ?? null,
    previousEmail: account.previousEmail ?? null,
    emailChangedAt: account.emailChangedAt ?? null,
    createdAt,
  }
}

export function toAccount(row: AccountRow): Account {
  const { id, email, name, locale, status, epoch } = row
  return {
    id,
    email,
    emailKey: row.email_key,
    name,
    givenName: row.given_name ?? undefined,
    familyName: row.family_name ?? undefined,
    locale,
    organization: row.organization ?? undefined,
    roles: JSON.parse(row.roles) as string[],
    status,
    passwordHash: row.password_hash ?? undefined,
    passwordChangedAt: row.password_changed_at ?? undefined,
    epoch,
    enrolledAt: row.enrolled_at ?? undefined,
    noticeEmail: row.notice_email ?? undefined,
    previousEmail: row.previous_email ?? undefined,
    emailChangedAt: row.email_changed_at ?? undefined,
    createdAt: row.created_at,
  }
}

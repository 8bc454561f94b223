/** The account of somebody who is invited, as it begins. */
import { randomUUID } from 'node:crypto'
import type { Locale } from '../lib/locales.ts'
import type { Organization } from '../organization/organization.ts'
import { type Account, emailKey } from '../person/account.ts'
import type { Found } from '../record/records.ts'

export interface Invitee {
  email: string
  name: string
  givenName?: string | undefined
  familyName?: string | undefined
  locale: Locale
  roles?: string[]
}

export function invitedAccount(
  { email, name, givenName, familyName, locale, roles = [] }: Invitee,
  organization: Found<Organization> | undefined,
  now: number,
): Account {
  return {
    id: randomUUID(),
    email: email.trim(),
    emailKey: emailKey(email),
    name,
    givenName,
    familyName,
    locale,
    organizationId: organization?.id,
    // Endings of before are none of theirs.
    ...(organization && { endingBegun: organization.record.ending, endingDone: organization.record.ending }),
    roles,
    status: 'invited',
    passwordHash: undefined,
    passwordChangedAt: undefined,
    epoch: 0,
    enrolledAt: undefined,
    noticeEmail: undefined,
    previousEmail: undefined,
    emailChangedAt: undefined,
    createdAt: now,
  }
}

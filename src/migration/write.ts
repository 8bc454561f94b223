/** What a line becomes in a person's record: pure rules over a draft, which decide anew on what is there by then. */
import { foreignText } from '../accounts/foreign/scheme.ts'
import { type Account, countChange } from '../person/account.ts'
import { type Authenticator, listStrong, USUAL } from '../person/authenticator.ts'
import { raiseEpoch } from '../person/epoch.ts'
import type { Invitation } from '../person/invitation.ts'
import { killLinks } from '../person/link.ts'
import type { Draft } from '../person/person.ts'
import { NUMBER } from '../person/second-factor.ts'
import { isSame } from '../record/copy.ts'
import { type Decision, decide, FIELDS, type Field, type Known, marksOf } from './decide.ts'
import type { IncomingApp } from './incoming.ts'

/** What was made of a line before the write, since a rule waits for nothing. */
export interface Prepared {
  known: Known
  /** The password, wrapped. */
  passwordHash: string | undefined
  /** The organization's endings so far, which are none of theirs. */
  ending: number | undefined
  authenticators: Authenticator[]
  number: Authenticator | undefined
  invitation: Invitation | undefined
  run: { plan: string; did: string }
  source: string
  at: number
}

/** False if the id was erased, or is somebody's. */
export function bring(person: Draft, id: string, prepared: Prepared): boolean {
  const { known, passwordHash, ending, authenticators, number, invitation, run, source, at } = prepared
  if (person.account || person.erasedAt !== undefined) return false
  const disabled = known.status === 'disabled'
  const account: Account = {
    id,
    email: known.email.trim(),
    emailKey: known.emailKey,
    ...(known.emailVerified !== true && { emailVerified: false }),
    name: known.name,
    givenName: known.givenName,
    familyName: known.familyName,
    locale: known.locale ?? 'nl',
    organizationId: known.organizationId,
    ...(ending !== undefined && { endingBegun: ending, endingDone: ending }),
    roles: known.roles ?? [],
    // Whoever brings no password sets one by a link that is mailed when they are invited.
    status: disabled ? 'disabled' : passwordHash === undefined ? 'invited' : 'active',
    passwordHash,
    passwordChangedAt: undefined,
    epoch: 0,
    // The password alone must not add a factor to those that came along.
    enrolledAt: authenticators.length > 0 ? at : undefined,
    noticeEmail: known.noticeEmail,
    previousEmail: undefined,
    emailChangedAt: undefined,
    createdAt: Math.min(known.createdAt ?? at, at),
    imported: {
      ...{ source, externalId: known.externalId, at, wrote: {}, run },
      ...(known.password && { password: foreignText(known.password) }),
      ...(known.secrets && { secrets: known.secrets }),
      ...(number && { phone: number.numberKey }),
    },
  }
  person.account = account
  if (invitation && account.status === 'invited') person.invitation = invitation
  person.authenticators.push(...authenticators, ...(number ? [number] : []))
  if (account.imported) account.imported.wrote = marksOf(account)
  return true
}

/** Nothing is changed if another run of the same plan has just done it, or something else would be done by now. */
export function rewrite(person: Draft, planned: Decision, prepared: Prepared): 'done' | 'there' | 'moved' {
  const { account } = person
  const { known, run } = prepared
  if (!account?.imported) return 'moved'
  if (isSame(account.imported.run, run)) return 'there'
  if (!isSame(decide(known, account), planned)) return 'moved'
  const { wrote } = account.imported
  const before = marksOf(account)
  for (const { field } of planned.changes) WRITE[field](person, account, prepared)
  if (planned.changes.some(({ field }) => COUNTED.includes(field))) countChange(account)
  const after = marksOf(account)
  const written = writtenBy(planned, known, (field) => before[field] !== after[field])
  const marks = Object.fromEntries(Object.entries(after).filter(([field]) => written.includes(field)))
  account.imported = { ...account.imported, wrote: { ...wrote, ...marks }, run }
  return 'done'
}

/**
 * What goes along with a field is written too, so that the next run takes nobody here for the one who changed it: the number
 * with the last app, and with another address its proof.
 */
function writtenBy({ changes }: Decision, { emailVerified }: Known, isOther: (field: Field) => boolean): string[] {
  const fields = changes.map(({ field }) => field)
  const proof = fields.includes('email') && emailVerified !== true
  return FIELDS.filter((field) => fields.includes(field) || isOther(field) || (proof && field === 'email_verified'))
}

/** What the version of an account counts. */
const COUNTED: Field[] = ['name', 'given_name', 'family_name', 'locale']

type Write = (person: Draft, account: Account, prepared: Prepared) => void

const WRITE: Record<Field, Write> = {
  email: (person, account, { known }) => {
    account.email = known.email.trim()
    account.emailKey = known.emailKey
    // What was proven was proven of the address before.
    if (known.emailVerified !== true) account.emailVerified = false
    // What was mailed to the address before sets no password any more.
    killLinks(person)
  },
  email_verified: (_person, account, { known }) => {
    if (known.emailVerified) delete account.emailVerified
    else account.emailVerified = false
  },
  name: (_person, account, { known }) => {
    account.name = known.name
  },
  given_name: (_person, account, { known }) => {
    account.givenName = known.givenName
  },
  family_name: (_person, account, { known }) => {
    account.familyName = known.familyName
  },
  locale: (_person, account, { known }) => {
    account.locale = known.locale ?? account.locale
  },
  organization: (person, account, { known, ending }) => {
    Object.assign(account, { organizationId: known.organizationId, endingBegun: ending, endingDone: ending })
    raiseEpoch(person)
  },
  status: (person, account, { known }) => {
    account.status =
      known.status === 'disabled' ? 'disabled' : account.passwordHash === undefined ? 'invited' : 'active'
    killLinks(person)
    raiseEpoch(person)
  },
  roles: (person, account, { known }) => {
    account.roles = known.roles ?? []
    raiseEpoch(person)
  },
  password: (person, account, { known, passwordHash }) => {
    account.passwordHash = passwordHash
    if (account.status === 'invited') account.status = 'active'
    if (account.imported) account.imported.password = known.password && foreignText(known.password)
    raiseEpoch(person)
  },
  totp: (person, account, { known, authenticators, at }) => {
    person.authenticators = [...person.authenticators.filter(({ imported }) => !imported), ...authenticators]
    account.enrolledAt = person.authenticators.length > 0 ? (account.enrolledAt ?? at) : undefined
    if (account.imported) account.imported.secrets = known.secrets
    if (listStrong(person).length === 0) setNumber(person, account, undefined)
    raiseEpoch(person)
  },
  phone: (person, account, { number }) => {
    setNumber(person, account, listStrong(person).length > 0 ? number : undefined)
    raiseEpoch(person)
  },
  notice_email: (_person, account, { known }) => {
    account.noticeEmail = known.noticeEmail
  },
}

/** It stands beside an app, never alone. */
function setNumber(person: Draft, account: Account, number: Authenticator | undefined): void {
  person.authenticators = person.authenticators.filter(({ kind }) => kind !== NUMBER)
  if (number) person.authenticators.push(number)
  if (account.imported) account.imported.phone = number?.numberKey
}

/** How its codes are made is kept where it is not the usual way. */
export function appOf({ algorithm, digits, period, label }: IncomingApp, address: string) {
  return {
    label: label ?? address,
    ...(algorithm !== USUAL.algorithm && { algorithm }),
    ...(digits !== USUAL.digits && { digits }),
    ...(period !== USUAL.period && { period }),
  }
}

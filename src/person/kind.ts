/** What a person's record is found by. */
import type { Kind } from '../record/kind.ts'
import type { Records } from '../record/records.ts'
import { groupOf, groupValue, passkeyGroupsOf, reminderOf } from './group.ts'
import { type Imported, importedOf } from './imported.ts'
import { absentValue, dueValue, invitationState, roundValue } from './invitation.ts'
import { type ListFinder, placesOf } from './listing.ts'
import { looksOf } from './look-alike.ts'
import { membershipOf } from './membership.ts'
import { schemeOf } from './password.ts'
import { emptyPersonRecord, type PersonRecord } from './person.ts'
import { tidyAt } from './tidy.ts'

export type PersonFinder =
  /** Id of the key that its password's hash needs (see accounts/password.ts). */
  | 'hashKey'
  /** See `membershipOf`. */
  | 'organization'
  /** Id of the organization, of somebody who has a role. */
  | 'staffOf'
  /** See `groupValue`. */
  | 'group'
  /** Of those who have a passkey, see `passkeyGroupsOf`. */
  | 'passkeyGroup'
  /** See `reminderValue`. */
  | 'reminder'
  /** Until when somebody may wait longer with two-step verification. */
  | 'extendedUntil'
  /** Keyed digests of its numbers: how many accounts have one. */
  | 'number'
  /** Until when an open case of theirs can be decided, if there is one. */
  | 'caseUntil'
  /** From when something in it may be dropped. */
  | 'tidyAt'
  /** Until when somebody is there whom the doctor made. */
  | 'trialUntil'
  /** Where they were brought from and how far they are, see `importedValue`. */
  | 'imported'
  /** How the old system kept the password, of somebody who has not used it here yet: `schemeOf`. */
  | 'scheme'
  /** See `dueValue`, `roundValue` and `absentValue`. */
  | 'inviteDue'
  | 'round'
  | 'absent'
  /** 1 while its audit records still tell addresses of an account that is erased. */
  | 'forgets'
  /** What an address must not be the same of as another's, to be told apart at a glance: see look-alike.ts. */
  | 'looks'
  | ListFinder

export type People = Records<PersonRecord, PersonFinder>

/** What things of a person are found by, whoever's they are. */
export const keyOf = {
  email: (emailKey: string) => `email:${emailKey}`,
  link: (digest: string) => `link:${digest}`,
  undo: (digest: string) => `undo:${digest}`,
  device: (id: string) => `device:${id}`,
  case: (number: string) => `case:${number}`,
  cancel: (digest: string) => `cancel:${digest}`,
  /** A source has no colon in it. */
  external: (source: string, id: string) => `external:${source}:${id}`,
  /** Of an app that was brought along. */
  secret: (digest: string) => `secret:${digest}`,
  /** Of a passkey's credential, which is one account's only (WebAuthn Level 3 section 7.1, step 26). */
  passkey: (digest: string) => `passkey:${digest}`,
}

export const personKind: Kind<PersonRecord, PersonFinder> = {
  name: 'people',
  empty: emptyPersonRecord,
  keys: ({ account, links, undos, devices, cases, authenticators }) => [
    ...(account ? [keyOf.email(account.emailKey)] : []),
    ...(account?.imported ? broughtKeys(account.imported) : []),
    ...links.map(({ digest }) => keyOf.link(digest)),
    ...undos.map(({ digest }) => keyOf.undo(digest)),
    ...devices.map(({ id }) => keyOf.device(id)),
    ...authenticators.flatMap(({ passkey }) => (passkey ? [keyOf.passkey(passkey.key)] : [])),
    ...cases.flatMap(({ number, cancelDigest }) => [keyOf.case(number), keyOf.cancel(cancelDigest)]),
  ],
  finders: (person) => ({
    hashKey: person.account?.passwordHash && /^[^:]*(?=:)/.exec(person.account.passwordHash)?.[0],
    organization: membershipOf(person),
    staffOf: person.account && person.account.roles.length > 0 ? person.account.organizationId : undefined,
    group: groupFinder(person),
    passkeyGroup: passkeyGroupsOf(person),
    reminder: reminderOf(person),
    extendedUntil: groupOf(person) && person.account?.extension?.until,
    number: [...new Set(person.authenticators.flatMap(({ numberKey }) => numberKey ?? []))],
    caseUntil: lastOf(person.cases.filter(({ state }) => state === 'open').map(({ expiresAt }) => expiresAt)),
    tidyAt: tidyAt(person),
    trialUntil: person.trialUntil,
    imported: importedOf(person),
    scheme: schemeOf(person.account?.passwordHash),
    inviteDue: dueValue(person),
    round: roundOf(person),
    absent: absentValue(person),
    forgets: person.forgets ? 1 : undefined,
    looks: person.account && person.trialUntil === undefined ? looksOf(person.account.emailKey) : undefined,
    ...placesOf(person),
  }),
  search: ({ account, trialUntil }) =>
    account && trialUntil === undefined
      ? { beginnings: [account.emailKey], parts: [account.name], createdAt: account.createdAt }
      : undefined,
}

function groupFinder(person: PersonRecord): string | undefined {
  const group = groupOf(person)
  return group && groupValue(group)
}

function broughtKeys({ source, externalId, secrets = [] }: Imported): string[] {
  return [keyOf.external(source, externalId), ...secrets.map(keyOf.secret)]
}

function roundOf(person: PersonRecord): string | undefined {
  const state = invitationState(person)
  return person.invitation && state && roundValue(person.invitation.round, state)
}

function lastOf(moments: number[]): number | undefined {
  return moments.length > 0 ? Math.max(...moments) : undefined
}

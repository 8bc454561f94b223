/**
 * A person's document: everything durable of one account, so that every change of it is one conditional write. It may
 * be there without the account itself, and it stays when that is erased: with what was in its outbox, and nothing else.
 */
import { DAY } from '../../lib/time.ts'
import { emptyPersonRecord, type PersonRecord } from '../../person/person.ts'
import type { RecoveryCase } from '../../person/recovery-case.ts'
import { searchKey } from '../../record/search-key.ts'
import { type Box, least, outboxFinders, parcelKey, uniqueKeys } from './outbox.ts'

export interface Person extends Box, PersonRecord {
  /** Tells accounts of one moment apart: it grows from one to the next. */
  order?: string
}

/** For so long a page can say of a link that it has expired. */
const AFTERLIFE = 30 * DAY

export function emptyPerson(id: string): Person {
  return { _id: id, rev: 0, outbox: [], ...emptyPersonRecord() }
}

/** What things in a document are found by, whoever's they are. */
export const keyOf = {
  link: (digest: string) => `link:${digest}`,
  addressCode: (key: string) => `address:${key}`,
  undo: (digest: string) => `undo:${digest}`,
  authenticator: (id: string) => `authenticator:${id}`,
  sentCode: (key: string) => `sent:${key}`,
  wizard: (key: string) => `wizard:${key}`,
  device: (id: string) => `device:${id}`,
  case: (number: string) => `case:${number}`,
  cancel: (digest: string) => `cancel:${digest}`,
}

/** Made anew at every save: what the document is found by. Undefined is not kept, and in no index. */
export function personFinders(person: Person) {
  const { account } = person
  const numbers = new Set(person.authenticators.flatMap(({ numberKey }) => numberKey ?? []))
  const open = person.cases.filter(({ state }) => state === 'open').sort((a, b) => a.expiresAt - b.expiresAt)
  return {
    ...outboxFinders(person),
    keys: uniqueKeys(keysOf(person)),
    emailKey: account?.emailKey,
    nameKey: account && searchKey(account.name),
    hashKey: account?.passwordHash && /^[^:]*(?=:)/.exec(account.passwordHash)?.[0],
    createdAt: account?.createdAt,
    numbers: numbers.size > 0 ? [...numbers] : undefined,
    caseUntil: open.at(-1)?.expiresAt,
    caseSince: open.at(-1)?.createdAt,
    tidyAccounts: person.forgets ? 0 : least(passingOf(person)),
    tidyMfa: least(passingFactors(person).map(({ expiresAt }) => expiresAt)),
    tidyCases: least(person.cases.map(endOf)),
  }
}

export type PersonDocument = Person & ReturnType<typeof personFinders>

export function isIn(person: Person, epoch: number | undefined): boolean {
  return epoch === undefined || person.account?.epoch === epoch
}

export function raiseEpoch({ account }: Person): void {
  if (account) account.epoch += 1
}

/** When a link or an undo is dropped: not before a page has said for long enough that it has expired. */
export function keptUntil({ expiresAt }: { expiresAt: number }): number {
  return expiresAt + AFTERLIFE + 1
}

export function endOf({ closedAt, expiresAt }: RecoveryCase): number {
  return closedAt ?? expiresAt
}

/** Oldest first; of one moment, in the order in which they came. */
export function byAge<T extends { createdAt: number }>(things: T[]): T[] {
  return things.toSorted((a, b) => a.createdAt - b.createdAt)
}

export function newestFirst<T extends { createdAt: number }>(things: T[]): T[] {
  return byAge(things).reverse()
}

function keysOf(person: Person): string[] {
  return [
    ...person.outbox.map(({ id }) => parcelKey(id)),
    ...person.links.map(({ digest }) => keyOf.link(digest)),
    ...person.addressCodes.map(({ key }) => keyOf.addressCode(key)),
    ...person.undos.map(({ digest }) => keyOf.undo(digest)),
    ...person.authenticators.map(({ id }) => keyOf.authenticator(id)),
    ...person.sentCodes.map(({ key }) => keyOf.sentCode(key)),
    ...person.wizards.map(({ key }) => keyOf.wizard(key)),
    ...person.devices.map(({ id }) => keyOf.device(id)),
    ...person.cases.flatMap(({ number, cancelDigest }) => [keyOf.case(number), keyOf.cancel(cancelDigest)]),
  ]
}

function passingOf({ links, undos, browsers, addressCodes }: Person): number[] {
  return [...[...links, ...undos].map(keptUntil), ...[...browsers, ...addressCodes].map(({ expiresAt }) => expiresAt)]
}

function passingFactors({ temporaryCodes, sentCodes, wizards, devices }: Person): Array<{ expiresAt: number }> {
  return [...temporaryCodes, ...sentCodes, ...wizards, ...devices]
}

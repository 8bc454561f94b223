/** One-time links that are mailed, and what using one changes. */
import type { Parcel } from '../delivery/queue.ts'
import type { Draft, PersonRecord } from './person.ts'

/** Anybody may ask for one for anybody; of those before, only the page that says why they open nothing is left. */
const MOST_LINKS = 20

export type LinkPurpose = 'activation' | 'reset'

/** Where somebody was going who asked for the link, so that they get there when they have used it. */
export interface LinkOrigin {
  /** The application. */
  client: string
  /** The sitting, which only the browser that asked can take up again. */
  sitting: string
}

/** A one-time link that was mailed. Only the digest of its token is kept. */
export interface Link {
  digest: string
  accountId: string
  purpose: LinkPurpose
  createdAt: number
  expiresAt: number
  usedAt: number | undefined
  origin?: LinkOrigin | undefined
}

/** Also finds one that expired or was used, as long as it is kept. */
export function findLink({ links }: PersonRecord, digest: string): Link | undefined {
  return links.find((link) => link.digest === digest)
}

/**
 * Kills the open links. A link that dies is marked as used, so that its page can still say why it opens nothing; when
 * matters to nobody.
 */
export function killLinks(person: PersonRecord, at?: number): void {
  for (const link of person.links) link.usedAt ??= at ?? link.createdAt
}

/** Keeps the link; every older unused one dies. Erased meanwhile, an account gets no link, and no mail about one. */
export function replaceLink(person: Draft, link: Link, parcels: Parcel[]): void {
  if (!person.account) return
  killLinks(person, link.createdAt)
  person.links = [...person.links, link].slice(-MOST_LINKS)
  person.parcels.push(...parcels)
}

/** Lets an unused link live until `expiresAt` at least. */
export function renewLink(person: PersonRecord, digest: string, expiresAt: number): void {
  const link = findLink(person, digest)
  if (link && link.usedAt === undefined) link.expiresAt = Math.max(link.expiresAt, expiresAt)
}

/**
 * What has to be done to a store that was put back from a back-up, before anybody is served from it: since the back-up
 * was made, things in it were used, ended or replaced, and must not come to life again.
 *
 * It looks at everything once, and can be run again: a mark says that it was begun and not finished.
 */

import type { ClientRecord } from '../client/record.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import { type Authenticator, USUAL } from '../person/authenticator.ts'
import type { PersonRecord } from '../person/person.ts'
import type { RecoveryCase } from '../person/recovery-case.ts'
import { APP } from '../person/second-factor.ts'
import { insistServable, type PortableStore, type Records, type Removable } from './portable.ts'

export interface Restored {
  people: number
  /** What there was of it, and is not any more. */
  devices: number
  backupCodes: number
  links: number
  cases: number
  /** Changes of protected applications that waited for a second person. */
  approvals: number
  parcels: number
  artifacts: number
}

/** Who did what nobody asked for (audit/actor.ts). */
const SYSTEM = 'system'
/**
 * No account can have moved up that far since the back-up: an epoch that began after it, and was lost, must not begin
 * again with somebody else's session in it.
 */
const EPOCHS = 1000

export async function afterRestore(store: PortableStore, now: Clock): Promise<Restored> {
  const { sections, marks } = store
  const mark = await marks.find()
  if (mark?.kind === 'copy') insistServable(mark)
  const at = now()
  await marks.put({ kind: 'restore', at })
  const restored: Restored = {
    people: 0,
    devices: 0,
    backupCodes: 0,
    links: 0,
    cases: 0,
    approvals: 0,
    parcels: 0,
    artifacts: 0,
  }
  for await (const page of sections.people.pages()) {
    for (const { record } of page) count(record, restored)
    await Promise.all(page.map(({ key, record }) => sections.people.put(key, withoutPast(record, at))))
  }
  for await (const page of sections.clients.pages()) {
    const waiting = page.filter(({ record }) => record.proposals?.some(({ decided }) => !decided))
    await Promise.all(waiting.map(({ key, record }) => sections.clients.put(key, withoutWaiting(record, at))))
    restored.approvals += waiting.flatMap(
      ({ record }) => record.proposals?.filter(({ decided }) => !decided) ?? [],
    ).length
  }
  restored.parcels = await removeAll(sections.parcels, isStale)
  restored.artifacts = await removeAll(sections.artifacts, () => true)
  await marks.remove()
  return restored
}

/**
 * Whatever may have been used since the back-up counts as used, and whatever may have ended as ended. A person keeps what
 * they know and have: the password, the apps and the numbers. The link that takes a change of the address back stays too,
 * because the owner of the address of before may need it again.
 */
function withoutPast({ backup: _backup, ...person }: PersonRecord, at: number): PersonRecord {
  return {
    ...person,
    ...(person.account && { account: { ...person.account, epoch: person.account.epoch + EPOCHS } }),
    // Marked as used, not removed, so that its page can say why it opens nothing.
    links: person.links.map((link) => ({ ...link, usedAt: link.usedAt ?? at })),
    addressCodes: [],
    // A code that was seen up to now has been used, or never will be.
    authenticators: person.authenticators.map((authenticator) =>
      authenticator.kind === APP
        ? { ...authenticator, lastStep: Math.max(authenticator.lastStep, Math.floor(at / shownFor(authenticator))) }
        : authenticator,
    ),
    temporaryCodes: [],
    sentCodes: [],
    wizards: [],
    devices: [],
    // Its owner may have canceled it since: then it was filed by whoever knows the password.
    cases: person.cases.map(
      (one): RecoveryCase => (one.state === 'open' ? { ...one, state: 'canceled', closedAt: at } : one),
    ),
  }
}

/**
 * Milliseconds that a code of this app is shown. One that was brought along and has not answered yet may answer the usual
 * way as well: in too short a period its code would count as used for years.
 */
function shownFor({ period = USUAL.period, imported, lastUsedAt }: Authenticator): number {
  return (imported && lastUsedAt === undefined ? Math.max(period, USUAL.period) : period) * SECOND
}

/** What waited may have been declined since, by somebody who saw that it was no colleague's: it is proposed again, or not. */
function withoutWaiting(record: ClientRecord, at: number): ClientRecord {
  const decided = { state: 'withdrawn', actor: SYSTEM, via: 'command-line', at } as const
  return { ...record, proposals: record.proposals?.map((one) => (one.decided ? one : { ...one, decided })) ?? [] }
}

/**
 * Mails and messages that waited then have most likely left since. Sent again they would tell of what was a day ago as
 * if it were now, and the codes and links in them open nothing. To tell an application twice that a session ended harms
 * nobody, and not at all might.
 */
function isStale({ channel }: Records['parcels']): boolean {
  return channel !== 'logout'
}

async function removeAll<R>(section: Removable<R>, unwanted: (record: R) => boolean): Promise<number> {
  let removed = 0
  for await (const page of section.pages()) {
    const found = page.filter(({ record }) => unwanted(record))
    await Promise.all(found.map(({ key }) => section.remove(key)))
    removed += found.length
  }
  return removed
}

function count({ account, devices, backup, links, cases }: PersonRecord, restored: Restored): void {
  if (account) restored.people += 1
  if (backup) restored.backupCodes += 1
  restored.devices += devices.length
  restored.links += links.filter(({ usedAt }) => usedAt === undefined).length
  restored.cases += cases.filter(({ state }) => state === 'open').length
}

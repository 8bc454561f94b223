/** What accounts/ works with, on a store in memory, with a clock that a test moves. Mails say their name and their data. */

import { addresses } from '../../../src/accounts/addresses.ts'
import { links, type WriteMail } from '../../../src/accounts/links.ts'
import { notices } from '../../../src/accounts/notify.ts'
import { defaultGate, hasher } from '../../../src/accounts/password.ts'
import type { Requester } from '../../../src/accounts/requester.ts'
import { type AuditEvent, auditing } from '../../../src/audit/audit.ts'
import { type Email, unwrap, wrapper } from '../../../src/delivery/queue.ts'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import { throttle } from '../../../src/lib/throttle.ts'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { factorsUndone } from '../../../src/mfa/factors-undone.ts'
import { type Account, emailKey } from '../../../src/person/account.ts'
import type { AddressKind } from '../../../src/person/address.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { asked } from '../people/asked-people.ts'
import { link, account as sample } from '../samples/records.ts'
import { knownOrganizations } from './organizations.ts'

export const ISSUER = 'https://id.sigma.example'
export const PASSWORD = 'vier losse woorden samen'
export const SOURCE = { ip: '192.0.2.1', correlation: 'c-1' }
const RULE = { minimum: 15, words: ['Sigma'] }
export const START = Date.UTC(2026, 0, 5, 9)

/** A mail as `writeMail` here writes it. */
export interface Mail {
  name: string
  to: string
  data: Record<string, unknown>
}

export type AccountParts = ReturnType<typeof accountParts>

export function accountParts() {
  const store = openSqliteStore(':memory:')
  const { durable } = store
  let time = START
  const now = () => time
  const ring = keyring([{ id: '2026', key: Buffer.alloc(32, 7) }])
  const seal = sealer(ring, 'records')
  const wrap = wrapper(seal, now)
  const writeMail: WriteMail = (name, locale, data) => ({
    subject: name,
    text: JSON.stringify({ ...data, locale }),
    html: '',
  })
  const events: AuditEvent[] = []
  /** Ids of accounts whose sessions were ended. */
  const ended: string[] = []
  const common = {
    people: durable.people,
    organizations: knownOrganizations({}),
    trail: durable,
    store: durable,
    ring,
    seal,
    wrap,
    writeMail,
    notice: notices(wrap, writeMail, now),
    throttle: throttle(durable, now),
    audit: auditing(durable, now, { onEvent: (event) => void events.push(event) }).audit,
    // The least that Argon2 allows: what is tested here is not its strength.
    hasher: hasher({ pepper: ring, gate: defaultGate(), memoryKib: 64, passes: 1 }),
    now,
    issuer: ISSUER,
    ...RULE,
    policy: RULE,
    imported: { passwords: 'require' as const },
    async endSessions(accountId: string) {
      ended.push(accountId)
    },
    factors: factorsUndone(durable.people),
  }
  const oneTimeLinks = links({
    ...common,
    lifetimes: { activation: 24 * HOUR, reset: HOUR },
    perHour: 3,
  })

  return {
    ...common,
    links: oneTimeLinks,
    sendLink: oneTimeLinks.request,
    addresses: addresses({ ...common, links: oneTimeLinks }),
    events,
    ended,
    advance(milliseconds: number) {
      time += milliseconds
    },
    /** Somebody who has activated the account, unless told otherwise. */
    async person(email: string, differs: Partial<Account> = {}): Promise<Account> {
      const made = sample({
        email,
        emailKey: emailKey(email),
        organizationId: undefined,
        roles: [],
        status: 'active',
        passwordHash: await common.hasher.hash(PASSWORD),
        passwordChangedAt: time,
        epoch: 0,
        createdAt: time,
        ...differs,
      })
      const activation = link(made.id, { createdAt: time, expiresAt: time + MINUTE })
      await asked(durable.people).insertAccount(made, activation, [])
      return made
    },
    async account(id: string): Promise<Account> {
      const account = await asked(durable.people).findAccount(id)
      if (!account) throw new Error(`no account ${id}`)
      return account
    },
    /** What leaves the house; links that were asked for become mails first. */
    async mails(): Promise<Mail[]> {
      const mails: Mail[] = []
      for (;;) {
        const parcels = await durable.claim(time, time + MINUTE, 100)
        if (parcels.length === 0) return mails
        for (const parcel of parcels) {
          if (parcel.channel === 'link') await oneTimeLinks.send(unwrap(seal, { ...parcel, channel: 'link' }))
          if (parcel.channel === 'email') mails.push(read(unwrap(seal, { ...parcel, channel: 'email' })))
          await durable.settle(parcel.id, parcel.attempt)
        }
      }
    },
    /** The whole trail of audit, as text to look for secrets in. */
    trailText: async () => JSON.stringify(await durable.listAudit({ limit: 1000 })),
    close: () => store.close(),
  }
}

export function owner(account: Account, session = 'session-1'): Requester {
  return { account, session, source: SOURCE }
}

/** Asks for a code for a new address and reads it in the mail. */
export async function mailedCode(
  parts: AccountParts,
  who: Requester,
  kind: AddressKind,
  address: string,
): Promise<string> {
  const begun = await parts.addresses.begin(who, kind, address)
  const mail = (await parts.mails()).find(({ name, to }) => name === 'address-code' && to === address)
  if (!begun.ok || !mail) throw new Error(`no code for ${address}: ${JSON.stringify(begun)}`)
  return String(mail.data.code)
}

/** Codes for a new address of somebody: read in the mail, and typed. */
export function codesOf(parts: AccountParts, owner: () => Requester) {
  return {
    codeFor: (address: string, kind: AddressKind = 'email', who = owner()) => mailedCode(parts, who, kind, address),
    confirm: (code: string, kind: AddressKind = 'email', who = owner()) => parts.addresses.confirm(who, kind, code),
  }
}

/** `name to` of each mail, in no order that matters. */
export function told(mails: Mail[]): string[] {
  return mails.map(({ name, to }) => `${name} ${to}`).sort()
}

function read({ to, subject, text }: Email): Mail {
  return { name: subject, to, data: JSON.parse(text) }
}

/** What verbs work with, kept in memory: every act and every audit event in the order in which it happened. */

import type { InvitationPlan } from '../../../src/accounts/invitation-plan.ts'
import type { SeenRound } from '../../../src/accounts/invitation-rounds.ts'
import type { Actor } from '../../../src/admin/role.ts'
import type { AdminContext } from '../../../src/admin/verb.ts'
import type { AuditEvent, AuditRecord } from '../../../src/audit/audit.ts'
import type { Approval } from '../../../src/client/approvals.ts'
import { readPage } from '../../../src/client/connection.ts'
import type { ListedParcel } from '../../../src/delivery/queue.ts'
import { type Account, emailKey } from '../../../src/person/account.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { emptyPersonRecord, type PersonRecord } from '../../../src/person/person.ts'
import type { CaseView } from '../../../src/recovery/recovery.ts'
import { account as sample } from '../samples/records.ts'
import { willingApplications, willingLogos, willingResources } from './applications.ts'
import { knownOrganizations, organization } from './organizations.ts'

export const NOW = Date.parse('2026-11-22T12:00:00Z')

export const SANNE = account('sanne', { name: 'Sanne de Vries', enrolledAt: NOW, passwordHash: 'canary-hash' })

/** One of every kind: Hanna and Hugo at the help desk, Olga and Otto the owners. */
export const PEOPLE = [
  SANNE,
  account('hanna', { roles: ['help-desk'] }),
  account('hugo', { roles: ['help-desk'] }),
  account('olga', { roles: ['owner'] }),
  account('otto', { roles: ['owner'] }),
  account('chris', { roles: ['client-admin'] }),
  account('anna', { roles: ['auditor'] }),
]

export const CASE: CaseView = {
  number: '12345678',
  accountId: 'sanne',
  state: 'open',
  contact: '06 at work, in the morning',
  createdAt: NOW,
  expiresAt: NOW + 1000,
  closedAt: undefined,
  closedBy: undefined,
  check: undefined,
  note: undefined,
  decidableAt: NOW,
}

export const PARCEL: ListedParcel = {
  id: 'parcel-1',
  channel: 'email',
  accountId: 'sanne',
  createdAt: NOW,
  dueAt: NOW,
  attempt: 2,
  leasedUntil: 0,
  reason: 'smtp-451',
}

const API_PAGE = readPage('api', '# An API\n')

const NO_PLAN = {
  created: [],
  changed: [],
  disabled: [],
  waiting: [],
  byHand: [],
  untouched: [],
  digest: '0'.repeat(32),
}

const INVITATION_PLAN: InvitationPlan = {
  digest: 'digest',
  round: 'round',
  file: { headings: [], separator: ';', unused: [], lines: [] },
  lines: [],
  size: 0,
}

export const ROUND: SeenRound = {
  id: 'round',
  label: 'December',
  by: 'otto',
  perHour: 500,
  workingHours: true,
  withdrawn: 0,
  createdAt: NOW,
  people: { due: 1, sent: 2, came: 3, ended: 0 },
}

/** Proposed by Otto. */
export const APPROVAL: Approval = {
  id: 'portal.one',
  client: 'portal',
  name: 'Portal',
  at: NOW,
  actor: 'otto',
  via: 'pages',
  over: 1,
  changes: [{ field: 'redirect_uris', from: [], to: ['https://portal.example.org/'] }],
  state: 'open',
  expiresAt: NOW + 1000,
}

export function account(id: string, changes: Partial<Account> = {}): Account {
  const email = `${id}@sigma.example`
  return sample({
    id,
    email,
    emailKey: emailKey(email),
    name: id,
    locale: 'en',
    organizationId: 'bakkerij',
    roles: [],
    status: 'active',
    passwordHash: 'canary-hash',
    passwordChangedAt: NOW,
    epoch: 0,
    createdAt: NOW,
    ...changes,
  })
}

/** Somebody on the pages, with the roles that their account has. */
export function onPages(id: string): Actor {
  const roles = PEOPLE.find((one) => one.id === id)?.roles ?? []
  return { id, roles, via: 'pages', source: { ip: '192.0.2.1', correlation: 'c-1' } }
}

export const MACHINE: Actor = {
  id: undefined,
  roles: [],
  via: 'command-line',
  operator: 'root',
  source: undefined,
}

export interface Administration {
  context: AdminContext
  /** What was done, to whom. */
  acts: string[]
  events: AuditEvent[]
  warnings: unknown[]
}

function willingMigration(): AdminContext['migration'] {
  const totals = { create: 1, same: 0, change: 0, conflict: 0, refuse: 0 }
  const plan = { digest: '0'.repeat(32), totals, refused: [], changed: [], conflicts: [], looksLike: [], notes: [] }
  return {
    plan: async () => plan,
    apply: async () => ({ ...plan, written: 1, invited: 0, rounds: [], moved: [] }),
    status: async () => [],
    forget: async () => ({ forgotten: 1, left: 0 }),
  }
}

/** `parts` takes the place of what it names; everything else does as it is told. */
export function administration(parts: Partial<AdminContext> = {}): Administration {
  const acts: string[] = []
  const events: AuditEvent[] = []
  const warnings: unknown[] = []
  const erased = new Map([['gone', NOW]])
  const act =
    <A>(name: string, answer: A) =>
    async ({ id }: { id: string }): Promise<A> => {
      acts.push(`${name} ${id}`)
      return answer
    }

  const context: AdminContext = {
    clients: willingApplications(),
    logos: willingLogos(),
    migration: willingMigration(),
    approvals: {
      list: async () => [APPROVAL],
      find: async (id) => (id === APPROVAL.id ? APPROVAL : undefined),
      async approve(id, { actor }) {
        acts.push(`approve ${id} ${actor}`)
        return { ok: true, decided: { ...APPROVAL, state: 'approved', version: 2 } }
      },
      async decline(id, { actor }) {
        acts.push(`decline ${id} ${actor}`)
        return { ok: true, decided: { ...APPROVAL, state: 'declined', version: 1 } }
      },
      waiting: () => 1,
    },
    resources: willingResources(),
    apis: () => [],
    libraries: () => [API_PAGE],
    issuer: 'https://id.example.org',
    links: {
      async invite(invitation) {
        if (PEOPLE.some((one) => one.emailKey === emailKey(invitation.email)))
          return { ok: false, reason: 'address-taken' }
        acts.push(`invite ${invitation.email} ${invitation.roles}`)
        const { email, name, locale } = invitation
        return { ok: true, account: account('new', { email, name, locale, status: 'invited' }) }
      },
    },
    invitations: {
      plan: async () => ({ ok: true, plan: INVITATION_PLAN, waves: [] }),
      async send(_plan, { label }, { actor }) {
        acts.push(`send ${label} ${actor}`)
        return { ok: true, round: 'round', invited: 0, plan: INVITATION_PLAN }
      },
      async resend(round) {
        acts.push(`resend ${round}`)
        return { ok: true, due: 0, left: 0 }
      },
      async withdraw(round) {
        acts.push(`withdraw ${round}`)
        return { ok: true, withdrawn: 0, left: 0 }
      },
    },
    rounds: {
      list: async () => ({ found: [ROUND], next: undefined }),
      find: async (id) => (id === ROUND.id ? ROUND : undefined),
      absent: async () => ({ found: [], next: undefined }),
    },
    keys: {
      rotate: async () => 'rotated',
      list: async () => [],
    },
    async audit(event) {
      events.push(event)
      acts.push(event.type)
    },
    trail: {
      listAudit: async ({ subject, limit }) =>
        events
          .filter((one) => one.subject === subject)
          .slice(0, limit)
          .map(kept),
      lookAtAudit: async () => [],
      followAudit: async () => [],
      followCheckpoints: async () => [],
    },
    checkpointSeal: { holds: () => true },
    async *exportAudit() {},
    deliveries: {
      listParcels: async () => [],
      findParcel: async (id) => (id === PARCEL.id ? PARCEL : undefined),
      expedite: async (id) => {
        acts.push(`expedite ${id}`)
        return true
      },
    },
    organizations: knownOrganizations({ bakkerij: organization('Bakkerij') }),
    registry: {
      add: async () => ({ ok: true, id: 'new' }),
      change: async () => ({ ok: true, fields: [] }),
      disable: async () => ({ ok: true, ending: 1 }),
      enable: async () => ({ ok: true }),
      merge: async () => ({ ok: true }),
    },
    memberships: { finish: async () => undefined },
    campaign: {
      organizations: { get: () => undefined, elsewhere: () => undefined },
      roles: new Map(),
      exempt: [],
    },
    reminders: { areSent: () => true, write: (name) => ({ subject: name, text: 'canary-free', html: '' }) },
    people: {
      counts: async () => [],
      count: async () => 0,
      list: async () => [],
      find: async (id) => {
        const found = PEOPLE.find((one) => one.id === id)
        const erasedAt = erased.get(id)
        if (erasedAt !== undefined) return { ...emptyPersonRecord(), erasedAt }
        return found && personWith(found)
      },
      findMany: async (ids) =>
        PEOPLE.filter(({ id }) => ids.includes(id)).map((found) => ({ id: found.id, record: personWith(found) })),
      findBy: async (key) => {
        const found = PEOPLE.find((one) => keyOf.email(one.emailKey) === key)
        return found && { id: found.id, record: personWith(found) }
      },
      search: async (text, limit) =>
        PEOPLE.filter(({ name }) => name.includes(text))
          .slice(0, limit)
          .map((found) => ({ id: found.id, record: personWith(found) })),
    },
    life: {
      disable: act('disable', true),
      enable: act('enable', true),
      erase: act('erase', true),
      withdraw: act('withdraw', true),
      signOut: act('sign-out', undefined),
      resendActivation: act('resend', true),
    },
    async move({ id }, to) {
      acts.push(`move ${id} ${to?.id}`)
      return { ok: true }
    },
    details: {
      rename: async ({ id }, names) => {
        acts.push(`rename ${id}`)
        return { ok: true, fields: Object.keys(names) }
      },
      setLanguage: act('language', true),
      setRoles: act('roles', { ok: true } as const),
      extend: act('extend', true),
      async changeEmail({ id }, email) {
        acts.push(`address ${id} ${email}`)
        return { ok: true }
      },
    },
    rpId: 'sigma.example',
    factors: {
      overview: async () => ({
        apps: [{ id: 'app-1', label: 'canary-label', createdAt: NOW, lastUsedAt: NOW }],
        passkeys: [
          {
            ...{ id: 'passkey-1', label: 'canary-name', createdAt: NOW, lastUsedAt: undefined, agent: 'canary-agent' },
            ...{ keptBy: 'canary-keeper', synced: true, usable: true },
          },
        ],
        phone: { id: 'phone-1', hint: '78', createdAt: NOW },
        backup: { createdAt: NOW, saved: true },
        devices: [],
        demanded: false,
      }),
    },
    recovery: {
      open: async ({ id }) => (id === CASE.accountId ? CASE : undefined),
      find: async (number) => (number === CASE.number ? CASE : undefined),
      listOpen: async () => [CASE],
      async decide({ number, to, check }) {
        acts.push(`decide ${number} ${to} ${check}`)
        return to === 'issued'
          ? { ok: true, code: 'canary-code', expiresAt: NOW + 1 }
          : { ok: true, code: undefined, expiresAt: undefined }
      },
    },
    clientFile: {
      read: () => Buffer.from('clients: []'),
      plan: async () => NO_PLAN,
      async apply(_text, digest, { actor, via }) {
        acts.push(`apply ${digest} ${actor} ${via}`)
        return NO_PLAN
      },
      export: async () => 'clients: []\n',
      async adopt({ id }) {
        acts.push(`adopt ${id}`)
        return ''
      },
      async release({ id }) {
        acts.push(`release ${id}`)
        return { id, owner: 'store' }
      },
    },
    doctor: {
      examine: async (id) => (id === 'roster' ? { client: id, version: 1, lines: [] } : undefined),
      act: async () => undefined,
      unaware: async () => [],
      say: ({ sentence }) => `${sentence.family} ${sentence.name} ${sentence.variant}`,
    },
    personData: async ({ id }) => ({ account: { id } }),
    async endSessions(accountId) {
      acts.push(`end-sessions ${accountId}`)
    },
    async tell({ id }, name) {
      acts.push(`tell ${id} ${name}`)
    },
    now: () => NOW,
    log: { warn: (...args: unknown[]) => void warnings.push(args[0]) },
    ...parts,
  }
  return { context, acts, events, warnings }
}

function kept(event: AuditEvent, index: number): AuditRecord {
  return { ...event, id: `event-${index}`, at: NOW }
}

export function personWith(account: Account): PersonRecord {
  return { ...emptyPersonRecord(), account }
}

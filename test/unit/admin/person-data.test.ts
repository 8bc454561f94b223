/** What a person gets who asks for everything that is kept about them (SECURITY DAT-03; Q-04 is in the pages' tests). */
import { expect, test } from 'vitest'
import { activityOf, type PersonDataParts, personData } from '../../../src/admin/person-data.ts'
import type { AuditRecord } from '../../../src/audit/audit.ts'
import { emptyPersonRecord } from '../../../src/person/person.ts'
import { passkey } from '../../support/samples/factors.ts'
import { account, CASE, NOW } from '../../support/unit/administration.ts'
import { knownOrganizations, organization } from '../../support/unit/organizations.ts'

const AT = '2026-11-22T12:00:00.000Z'
const SOURCE = { ip: '192.0.2.7', correlation: 'canary-correlation' }

const SANNE = account('sanne', {
  userHandle: 'canary-user-handle',
  name: 'Sanne "=HYPERLINK(1)" de Vries',
  givenName: 'Sanne',
  noticeEmail: 'sanne@home.example',
  previousEmail: 'sanne@before.example',
  emailChangedAt: NOW,
  enrolledAt: NOW,
  remindedAt: NOW,
})

function record(changes: Partial<AuditRecord>): AuditRecord {
  return { id: 'canary-event', at: NOW, type: 'sign-in.completed', outcome: 'ok', subject: 'sanne', ...changes }
}

const EVENTS = [
  record({ actor: 'sanne', client: 'portal', source: SOURCE, details: { acr: 'mfa', amr: 'pwd otp' } }),
  record({
    type: 'admin.verb',
    actor: 'canary-hanna',
    source: { ip: '203.0.113.9', correlation: 'canary' },
    details: { verb: 'person:show', via: 'pages', operator: 'canary-root' },
  }),
]

const PARTS: PersonDataParts = {
  people: {
    find: async () => ({
      ...emptyPersonRecord(),
      invitation: { round: 'canary-round', sentAt: NOW },
      authenticators: [passkey({ sealed: 'canary-key' })],
    }),
  },
  factors: {
    overview: async () => ({
      apps: [{ id: 'canary-app', label: 'Telefoon', createdAt: NOW, lastUsedAt: undefined }],
      passkeys: [
        {
          ...{ id: 'canary-passkey', label: 'iPhone', createdAt: NOW, lastUsedAt: NOW, agent: 'Safari, iPhone' },
          ...{ keptBy: 'iCloud Keychain', synced: true, usable: true },
        },
      ],
      phone: { id: 'canary-phone', hint: '78', createdAt: NOW },
      backup: { createdAt: NOW, saved: true },
      devices: [
        { id: 'canary-device', agent: 'Firefox', method: 'totp', createdAt: NOW, lastUsedAt: NOW, expiresAt: NOW },
      ],
      demanded: false,
    }),
  },
  recovery: {
    listByAccount: async () => [
      { ...CASE, state: 'issued', closedAt: NOW, closedBy: 'canary-hanna', check: 'video', note: 'canary-note' },
    ],
  },
  trail: { listAudit: async () => EVENTS },
  sessions: async () => [
    // More than is asked for, as the page's own view has it.
    Object.assign(
      { agent: 'Chrome', signedInAt: NOW, lastUsedAt: NOW, applications: ['Portal'] },
      { handle: 'canary-handle', current: true },
    ),
  ],
  organizations: knownOrganizations({ bakkerij: organization('Bakkerij') }),
  applications: async () => [{ clientId: 'portal', name: 'Portal', since: undefined }],
}

test('all of it, as JSON, and nothing else', async () => {
  const data = await personData(PARTS)(SANNE)
  expect(JSON.parse(JSON.stringify(data))).toEqual({
    account: {
      id: 'sanne',
      name: SANNE.name,
      givenName: 'Sanne',
      language: 'en',
      organization: 'Bakkerij',
      roles: [],
      status: 'active',
      createdAt: AT,
      invitationSentAt: AT,
      passwordChangedAt: AT,
      twoStepSince: AT,
      twoStepRemindedAt: AT,
    },
    addresses: {
      email: 'sanne@sigma.example',
      notices: 'sanne@home.example',
      previousEmail: 'sanne@before.example',
      emailChangedAt: AT,
    },
    authenticators: [
      { kind: 'app', label: 'Telefoon', createdAt: AT },
      {
        ...{ kind: 'passkey', label: 'iPhone', keptBy: 'iCloud Keychain', synced: true, usable: true },
        ...{ browser: 'Safari, iPhone', createdAt: AT, lastUsedAt: AT },
      },
      { kind: 'phone', lastDigits: '78', createdAt: AT },
    ],
    backupCode: { createdAt: AT, saved: true },
    rememberedDevices: [{ browser: 'Firefox', method: 'totp', createdAt: AT, lastUsedAt: AT, expiresAt: AT }],
    sessions: [{ browser: 'Chrome', signedInAt: AT, lastUsedAt: AT, applications: ['Portal'] }],
    applications: [{ clientId: 'portal', name: 'Portal' }],
    recoveryCases: [
      {
        number: CASE.number,
        state: 'issued',
        contact: CASE.contact,
        identityCheck: 'video',
        createdAt: AT,
        expiresAt: new Date(CASE.expiresAt).toISOString(),
        closedAt: AT,
      },
    ],
    activity: [
      {
        type: 'sign-in.completed',
        outcome: 'ok',
        at: AT,
        by: 'you',
        client: 'portal',
        address: '192.0.2.7',
        details: { acr: 'mfa', amr: 'pwd otp' },
      },
      { type: 'admin.verb', outcome: 'ok', at: AT, by: 'administrator', details: { verb: 'person:show' } },
    ],
  })
})

test('no secret, and nothing of anybody else', async () => {
  expect(JSON.stringify(await personData(PARTS)(SANNE))).not.toMatch(/canary|203\.0\.113/)
})

test('of somebody who has nothing yet', async () => {
  const nothing = { apps: [], passkeys: [], phone: undefined, backup: undefined, devices: [], demanded: false }
  const parts: PersonDataParts = {
    people: { find: async () => undefined },
    organizations: knownOrganizations({}),
    factors: { overview: async () => nothing },
    recovery: { listByAccount: async () => [] },
    trail: { listAudit: async () => [] },
    sessions: async () => [],
    applications: async () => [],
  }
  const invited = account('bob', { status: 'invited', passwordHash: undefined, passwordChangedAt: undefined })
  expect(JSON.parse(JSON.stringify(await personData(parts)(invited)))).toMatchObject({
    account: { status: 'invited' },
    authenticators: [],
    activity: [],
  })
})

test.each<[string, Partial<AuditRecord>, { by: string; address?: string }]>([
  ['what the person did', { actor: 'sanne', source: SOURCE }, { by: 'you', address: SOURCE.ip }],
  ['what an administrator did', { actor: 'hanna', source: SOURCE }, { by: 'administrator' }],
  [
    'a password that somebody guessed at',
    { type: 'sign-in.password', source: SOURCE },
    { by: 'unknown', address: SOURCE.ip },
  ],
  ['a link that was sent', { type: 'link.sent', source: { ...SOURCE, ip: '' } }, { by: 'unknown' }],
  ['a session that ran out', { type: 'session.ended' }, { by: 'system' }],
  ['an invitation, whose line names nobody', { type: 'account.invited', source: SOURCE }, { by: 'administrator' }],
  ['a case that was decided at the command line', { type: 'recovery.issued' }, { by: 'administrator' }],
  ['a run of a verb at the command line', { type: 'admin.verb' }, { by: 'administrator' }],
])('%s is told with where it came from only if that is the person’s own business', (_what, changes, expected) => {
  const { by, address } = activityOf(record(changes))
  expect({ by, address }).toEqual({ address: undefined, ...expected })
})

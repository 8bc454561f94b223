/** The one way in to everything that can be administered: roles, the person acted on, the audit trail. */
import { describe, expect, test } from 'vitest'
import { type Actor, ROLES } from '../../../src/admin/role.ts'
import { NotAllowed, runVerb, type Verb } from '../../../src/admin/verb.ts'
import { VERBS } from '../../../src/admin/verbs.ts'
import { AppError, InputError } from '../../../src/lib/errors.ts'
import { APPROVAL, administration, CASE, MACHINE, onPages, PARCEL, ROUND } from '../../support/unit/administration.ts'
import { CLIENT } from '../../support/unit/applications.ts'

/** Input that is in order, about Sanne where it is about somebody. */
const INPUT: Record<string, Record<string, unknown>> = {
  'person:invite': { email: 'bob@sigma.example', name: 'Bob' },
  'person:find': { text: 'Sanne' },
  'person:list': { text: 'sanne' },
  'person:show': { person: 'sanne' },
  'person:sign-out': { person: 'sanne' },
  'person:disable': { person: 'sanne' },
  'person:enable': { person: 'sanne' },
  'person:resend-activation': { person: 'sanne' },
  'person:move': { person: 'sanne', organization: 'bakkerij' },
  'person:change': { person: 'sanne', name: 'Sanne' },
  'person:change-email': { person: 'sanne', email: 'sanne@home.example' },
  'person:change-roles': { person: 'sanne', role: ['auditor'] },
  'person:extend': { person: 'sanne', until: '2026-12-24', reason: 'on leave' },
  'person:export': { person: 'sanne' },
  'person:delete': { person: 'sanne' },
  'client:add': CLIENT,
  'client:show': { client: 'portal' },
  'client:change': { client: 'portal', client_name: 'Another' },
  'client:doctor': { client: 'roster' },
  'client:disable': { client: 'portal' },
  'client:enable': { client: 'portal' },
  'client:delete': { client: 'portal' },
  'client:versions': { client: 'portal' },
  'client:restore': { client: 'portal', to: 1 },
  'client:secret-add': { client: 'portal' },
  'client:sign-ins': { client: 'portal' },
  'client:connect': { client: 'portal' },
  'client:secret-remove': { client: 'portal', secret: 'none' },
  'client:logo': { client: 'portal', image: 'AAAA' },
  'client:remove-logo': { client: 'portal' },
  'resource:add': { indicator: 'https://payroll.example.org/api', scopes: ['payroll:read'] },
  ...Object.fromEntries(
    ['show', 'change', 'disable', 'enable', 'delete', 'versions', 'connect', 'preview'].map((act) => [
      `resource:${act}`,
      { resource: 'https://payroll.example.org/api' },
    ]),
  ),
  'resource:restore': { resource: 'https://payroll.example.org/api', to: 1 },
  'clients:plan': { yaml: 'clients: []' },
  'clients:apply': { yaml: 'clients: []', digest: '0'.repeat(32) },
  'clients:adopt': { client: 'portal' },
  'clients:release': { client: 'portal' },
  'approval:show': { approval: APPROVAL.id },
  'approval:approve': { approval: APPROVAL.id },
  'approval:decline': { approval: APPROVAL.id },
  'organization:add': { name: 'Slagerij' },
  ...Object.fromEntries(
    ['show', 'change', 'disable', 'enable'].map((act) => [`organization:${act}`, { organization: 'bakkerij' }]),
  ),
  'organization:merge': { organization: 'bakkerij', into: 'BAKKERIJ' },
  'invitations:plan': { csv: 'AAAA' },
  'invitations:send': { csv: 'AAAA', digest: 'digest' },
  ...Object.fromEntries(
    ['show', 'absent', 'resend', 'withdraw'].map((act) => [`invitations:${act}`, { round: ROUND.id }]),
  ),
  'campaign:preview': { organization: ['bakkerij'], start: '2026-12-01' },
  'campaign:dates': { organization: ['bakkerij'], start: '2026-12-01' },
  'people:plan': { source: 'old', lines: '{}' },
  'people:apply': { source: 'old', lines: '{}', plan: '0'.repeat(32) },
  'people:forget': { source: 'old' },
  'case:show': { number: CASE.number },
  'delivery:retry': { id: PARCEL.id },
  'case:decide': { number: CASE.number, decision: 'issue', check: 'call-back' },
}

/** Who may, in the order of ROLES; and whether it changes or shows something that wants a fresh second factor. */
const MATRIX: Record<string, [owner: 0 | 1, clientAdmin: 0 | 1, auditor: 0 | 1, helpDesk: 0 | 1, sensitive: boolean]> =
  {
    'person:invite': [1, 0, 0, 1, true],
    'person:find': [1, 0, 1, 1, false],
    'person:list': [1, 0, 1, 1, false],
    'people:export': [1, 0, 1, 0, true],
    'person:show': [1, 0, 1, 1, false],
    'person:sign-out': [1, 0, 0, 1, true],
    'person:disable': [1, 0, 0, 1, true],
    'person:enable': [1, 0, 0, 1, true],
    'person:resend-activation': [1, 0, 0, 1, true],
    'person:move': [1, 0, 0, 1, true],
    'person:change': [1, 0, 0, 1, true],
    'person:change-email': [1, 0, 0, 1, true],
    'person:change-roles': [1, 0, 0, 0, true],
    'person:extend': [1, 0, 0, 1, true],
    'person:export': [1, 0, 0, 0, true],
    'person:delete': [1, 0, 0, 0, true],
    'invitations:plan': [1, 0, 0, 1, false],
    'invitations:send': [1, 0, 0, 1, true],
    'invitations:list': [1, 0, 1, 1, false],
    'invitations:show': [1, 0, 1, 1, false],
    'invitations:absent': [1, 0, 1, 1, false],
    'invitations:resend': [1, 0, 0, 1, true],
    'invitations:withdraw': [1, 0, 0, 1, true],
    'people:plan': [1, 0, 0, 0, true],
    'people:apply': [1, 0, 0, 0, true],
    'people:forget': [1, 0, 0, 0, true],
    'migration:status': [1, 0, 1, 1, false],
    'case:list': [1, 0, 1, 1, false],
    'case:show': [1, 0, 1, 1, false],
    'case:decide': [1, 0, 0, 1, true],
    'client:add': [1, 1, 0, 0, true],
    'client:list': [1, 1, 1, 0, false],
    'client:show': [1, 1, 1, 0, false],
    'client:preview': [1, 1, 0, 0, false],
    'client:change': [1, 1, 0, 0, true],
    'client:disable': [1, 1, 0, 0, true],
    'client:enable': [1, 1, 0, 0, true],
    'client:delete': [1, 1, 0, 0, true],
    'client:versions': [1, 1, 1, 0, false],
    'client:doctor': [1, 1, 1, 0, false],
    'client:restore': [1, 1, 0, 0, true],
    'client:secret-add': [1, 1, 0, 0, true],
    'client:secret-remove': [1, 1, 0, 0, true],
    'client:logo': [1, 1, 0, 0, true],
    'client:remove-logo': [1, 1, 0, 0, true],
    'approval:list': [1, 1, 1, 0, false],
    'approval:show': [1, 1, 1, 0, false],
    'approval:approve': [1, 1, 0, 0, true],
    'approval:decline': [1, 1, 0, 0, true],
    'client:sign-ins': [1, 1, 1, 0, false],
    'client:connect': [1, 1, 1, 0, false],
    'resource:connect': [1, 1, 1, 0, false],
    'resource:preview': [1, 1, 0, 0, false],
    'resource:add': [1, 1, 0, 0, true],
    'resource:list': [1, 1, 1, 0, false],
    'resource:show': [1, 1, 1, 0, false],
    'resource:change': [1, 1, 0, 0, true],
    'resource:disable': [1, 1, 0, 0, true],
    'resource:enable': [1, 1, 0, 0, true],
    'resource:delete': [1, 1, 0, 0, true],
    'resource:versions': [1, 1, 1, 0, false],
    'resource:restore': [1, 1, 0, 0, true],
    'organization:add': [1, 1, 0, 0, true],
    'organization:list': [1, 1, 1, 1, false],
    'organization:show': [1, 1, 1, 1, false],
    'organization:change': [1, 1, 0, 0, true],
    'organization:disable': [1, 1, 0, 0, true],
    'organization:enable': [1, 1, 0, 0, true],
    'organization:merge': [1, 1, 0, 0, true],
    'campaign:show': [1, 1, 1, 1, false],
    'campaign:list': [1, 1, 1, 1, false],
    'campaign:preview': [1, 1, 1, 1, false],
    'campaign:dates': [1, 1, 0, 0, true],
    'campaign:texts': [1, 1, 1, 1, false],
    'audit:list': [1, 0, 1, 0, false],
    'audit:export': [1, 0, 1, 0, true],
    'audit:verify': [1, 0, 1, 0, false],
    'delivery:list': [1, 0, 1, 1, false],
    'delivery:retry': [1, 0, 0, 1, true],
    'clients:plan': [1, 1, 1, 0, false],
    'clients:apply': [1, 1, 0, 0, true],
    'clients:export': [1, 1, 1, 0, false],
    'clients:adopt': [1, 1, 0, 0, true],
    'clients:release': [1, 1, 0, 0, true],
    'key:list': [1, 0, 0, 0, false],
    'key:rotate': [1, 0, 0, 0, true],
  }

/** A new door has its line here. */
const DOORS: Record<Actor['via'], true> = { pages: true, 'command-line': true, api: true }

const HOLDERS = { owner: 'olga', 'client-admin': 'chris', auditor: 'anna', 'help-desk': 'hanna' }
/** What a help-desk verb does to a person, by the person's id. */
const ACTING = VERBS.filter(({ name, sensitive }) => sensitive && 'person' in (INPUT[name] ?? {})).map(
  ({ name }) => name,
)

function named(name: string): Verb {
  const found = VERBS.find((one) => one.name === name)
  if (!found) throw new Error(`no verb ${name}`)
  return found
}

/** Everything that was done but telling the trail. */
function deeds(acts: string[]): string[] {
  return acts.filter((act) => act.includes(' '))
}

test('every verb has its line in the matrix', () =>
  expect(Object.fromEntries(VERBS.map(({ name, sensitive }) => [name, sensitive]))).toEqual(
    Object.fromEntries(Object.entries(MATRIX).map(([name, row]) => [name, row[4]])),
  ))

describe.each(Object.entries(MATRIX))('%s', (name, row) => {
  test.each(ROLES.map((role, index) => [role, row[index] === 1] as const))('by %s: %s', async (role, may) => {
    const { context, acts, events, warnings } = administration()
    const actor = HOLDERS[role]
    const run = runVerb(context, named(name), INPUT[name] ?? {}, onPages(actor))
    if (may) {
      await run
      expect(events.at(-1)).toMatchObject({ type: 'admin.verb', outcome: 'ok', actor, details: { verb: name } })
      expect(warnings).toEqual([])
      return
    }
    await expect(run).rejects.toMatchObject({ code: 'not-allowed', status: 403, reason: 'role-missing' })
    expect(deeds(acts)).toEqual([])
    const details = { verb: name, via: 'pages', reason: 'role-missing' }
    const source = { ip: '192.0.2.1', correlation: 'c-1' }
    expect(events).toEqual([{ type: 'admin.refused', outcome: 'refused', actor, source, details }])
    expect(warnings).toEqual([{ ...details, actor, correlation: 'c-1' }])
  })

  test.each(Object.keys(DOORS) as Array<Actor['via']>)('the same roles, and no others, by %s', async (via) => {
    const may = []
    for (const role of ROLES) {
      const { context } = administration()
      // Somebody with an account, also at the command line: only the machine itself is asked for no role.
      const actor: Actor = { id: HOLDERS[role], roles: [role], via, source: undefined }
      const fault = await runVerb(context, named(name), INPUT[name] ?? {}, actor).catch((thrown: unknown) => thrown)
      may.push(fault instanceof NotAllowed && fault.reason === 'role-missing' ? 0 : 1)
    }
    expect(may).toEqual(row.slice(0, 4))
  })

  test('by somebody without a role', async () => {
    const { context, acts } = administration()
    await expect(runVerb(context, named(name), INPUT[name] ?? {}, onPages('sanne'))).rejects.toThrow(AppError)
    expect(deeds(acts)).toEqual([])
  })
})

describe('P-02: nobody acts on someone above, or on themselves', () => {
  test('there are verbs to try', () => expect(ACTING.length).toBe(11))

  test.each(
    ACTING.flatMap((name) => [
      [name, 'hanna', 'hanna', 'self'],
      [name, 'hanna', 'hugo', 'above'],
      [name, 'hanna', 'olga', 'above'],
      [name, 'hanna', 'chris', 'above'],
      [name, 'hanna', 'anna', 'above'],
      [name, 'olga', 'olga', 'self'],
    ]),
  )('%s by %s on %s is refused, with an alarm: %s', async (name = '', actor = '', subject = '', reason = '') => {
    const { context, acts, events, warnings } = administration()
    const verb = named(name)
    // Where the role is missing the person is not even looked up.
    const why = verb.roles.some((role) => onPages(actor).roles.includes(role)) ? reason : 'role-missing'
    await expect(runVerb(context, verb, { ...INPUT[name], person: subject }, onPages(actor))).rejects.toMatchObject({
      reason: why,
    })
    expect(deeds(acts)).toEqual([])
    const about = why === 'role-missing' ? undefined : subject
    expect(events).toMatchObject([{ type: 'admin.refused', actor, details: { verb: name, reason: why } }])
    expect(events[0]?.subject).toBe(about)
    expect(warnings).toHaveLength(1)
  })

  test('the address is no way round the id', async () => {
    const { context, acts } = administration()
    const run = runVerb(context, named('person:disable'), { person: ' OLGA@sigma.example ' }, onPages('hanna'))
    await expect(run).rejects.toMatchObject({ reason: 'above' })
    expect(deeds(acts)).toEqual([])
  })

  test.each([
    ['hanna', 'self'],
    ['olga', 'above'],
  ])('a case of %s is not decided by Hanna of the help desk: %s', async (accountId, reason) => {
    const { recovery } = administration().context
    const { context, acts } = administration({ recovery: { ...recovery, find: async () => ({ ...CASE, accountId }) } })
    const run = runVerb(context, named('case:decide'), INPUT['case:decide'], onPages('hanna'))
    await expect(run).rejects.toMatchObject({ reason })
    expect(deeds(acts)).toEqual([])
  })

  test('an owner may act on another owner', async () => {
    const { context, acts } = administration()
    await runVerb(context, named('person:disable'), { person: 'otto' }, onPages('olga'))
    expect(deeds(acts)).toEqual(['disable otto'])
  })

  test('looking at an administrator is no act, and is kept in the trail', async () => {
    const { context, events } = administration()
    await runVerb(context, named('person:show'), { person: 'olga' }, onPages('hanna'))
    expect(events).toMatchObject([{ type: 'admin.verb', outcome: 'ok', actor: 'hanna', subject: 'olga' }])
  })
})

describe('what the trail says', () => {
  test('at the command line, the name that the machine knows', async () => {
    const { context, events } = administration()
    await runVerb(context, named('person:disable'), { person: 'olga' }, MACHINE)
    const details = { verb: 'person:disable', via: 'command-line', operator: 'root' }
    expect(events).toEqual([
      { type: 'admin.verb', outcome: 'ok', actor: 'operator:root', subject: 'olga', source: undefined, details },
    ])
  })

  test('of a slip of the pen nothing, with each field named', async () => {
    const { context, acts } = administration()
    const slip = { number: '1234', decision: 'perhaps', check: 'call-back' }
    const run = runVerb(context, named('case:decide'), slip, onPages('hanna'))
    await expect(run).rejects.toThrow(InputError)
    await expect(run).rejects.toMatchObject({ faults: [{ path: 'number' }, { path: 'decision' }] })
    expect(acts).toEqual([])
  })

  test('somebody without the role learns nothing from input that is not in order', async () => {
    const { context } = administration()
    const run = runVerb(context, named('case:decide'), {}, onPages('sanne'))
    await expect(run).rejects.toMatchObject({ code: 'not-allowed' })
  })

  test('a run that was refused for another reason is kept with that reason', async () => {
    const { context, events, warnings } = administration()
    const run = runVerb(context, named('person:show'), { person: 'nobody' }, onPages('hanna'))
    await expect(run).rejects.toMatchObject({ code: 'not-found', status: 404 })
    expect(events).toMatchObject([{ type: 'admin.verb', outcome: 'refused', details: { reason: 'not-found' } }])
    expect(warnings).toEqual([])
  })

  test('a fault on the way is kept as one', async () => {
    const broken = async () => {
      throw new TypeError('the disk is gone')
    }
    const { context, events } = administration({ endSessions: broken })
    const run = runVerb(context, named('case:decide'), INPUT['case:decide'], onPages('hanna'))
    await expect(run).rejects.toThrow('the disk is gone')
    expect(events).toMatchObject([
      { type: 'admin.verb', outcome: 'failed', subject: 'sanne', details: { reason: 'internal' } },
    ])
  })

  test('nothing is told that the trail could not keep', async () => {
    const { context } = administration({
      audit: async () => {
        throw new AppError('store-full', 'no space')
      },
    })
    const run = runVerb(context, named('case:decide'), INPUT['case:decide'], onPages('hanna'))
    await expect(run).rejects.toMatchObject({ code: 'store-full' })
  })
})

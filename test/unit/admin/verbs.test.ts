/** What each verb does, and how it says no; recovery cases have a file of their own. */

import { describe, expect, test } from 'vitest'
import { listKeys, rotateKeys } from '../../../src/admin/keys.ts'
import { deletePerson, disablePerson, enablePerson, exportPerson, resendActivation } from '../../../src/admin/life.ts'
import { findPeople, invitePerson, showPerson } from '../../../src/admin/people.ts'
import { exportAudit, listAudit, verifyAudit } from '../../../src/admin/trail.ts'
import { type MadeFile, runVerb, type Verb } from '../../../src/admin/verb.ts'
import { auditRow, CHAIN_START } from '../../../src/audit/chain.ts'
import {
  account,
  administration,
  CASE,
  MACHINE,
  NOW,
  onPages,
  personWith,
  SANNE,
} from '../../support/unit/administration.ts'

const HANNA = onPages('hanna')
const OLGA = onPages('olga')

describe('inviting', () => {
  const BOB = { email: 'bob@sigma.example', name: 'Bob', role: [] as string[] }

  test('the trail names whom it was about, though nobody was there before', async () => {
    const { context, events } = administration()
    expect(await runVerb(context, invitePerson, BOB, HANNA)).toEqual({ id: 'new', email: BOB.email, status: 'invited' })
    expect(events).toMatchObject([{ type: 'admin.verb', actor: 'hanna', subject: 'new' }])
  })

  test.each([
    ['owner', ['help-desk', 'owner']],
    ['second colleague', ['help-desk']],
  ])('help desk cannot make itself an owner, or a second colleague, by another account: %s', async (_what, role) => {
    const { context, acts, events, warnings } = administration()
    const run = runVerb(context, invitePerson, { ...BOB, role }, HANNA)
    await expect(run).rejects.toMatchObject({ code: 'not-allowed', reason: 'role-not-held' })
    expect(acts).toEqual(['admin.refused'])
    expect(events).toMatchObject([{ details: { verb: 'person:invite', reason: 'role-not-held' } }])
    expect(warnings).toHaveLength(1)
  })

  test.each([
    ['help desk, no role', HANNA, []],
    ['an owner, every role', OLGA, ['owner', 'client-admin', 'auditor', 'help-desk']],
    ['the machine, the first owner', MACHINE, ['owner']],
  ])('%s', async (_who, actor, role) => {
    const { context, acts } = administration()
    await runVerb(context, invitePerson, { ...BOB, role }, actor)
    expect(acts).toContain(`invite ${BOB.email} ${role}`)
  })

  test('an address that is taken', async () => {
    const run = runVerb(administration().context, invitePerson, { ...BOB, email: SANNE.email }, HANNA)
    await expect(run).rejects.toMatchObject({ code: 'address-taken', status: 409 })
  })
})

describe('finding and looking', () => {
  test('what is found tells people apart, and no more', async () => {
    const found = await runVerb(administration().context, findPeople, { text: ' Sanne ' }, HANNA)
    expect(found).toEqual([
      {
        id: 'sanne',
        name: 'Sanne de Vries',
        email: 'sanne@sigma.example',
        organization: 'Bakkerij',
        status: 'active',
        roles: [],
        twoStep: true,
      },
    ])
  })

  test('one letter is no search', async () => {
    const run = runVerb(administration().context, findPeople, { text: ' a ' }, HANNA)
    await expect(run).rejects.toMatchObject({ code: 'invalid-input', faults: [{ path: 'text' }] })
  })

  test.each(['sanne', 'SANNE@sigma.example'])(
    '%s is shown without a secret, and without a name of hers',
    async (person) => {
      const { context } = administration()
      const shown = await runVerb(context, showPerson, { person }, HANNA)
      expect(shown).toMatchObject({
        id: 'sanne',
        passwordChangedAt: NOW,
        apps: [{ createdAt: NOW, lastUsedAt: NOW }],
        passkeys: [{ createdAt: NOW, lastUsedAt: undefined, synced: true, usable: true }],
        phone: { hint: '78', createdAt: NOW },
        backupCode: { createdAt: NOW, saved: true },
        devices: 0,
        noticeAddress: false,
        openCase: CASE.number,
      })
      expect(JSON.stringify(shown)).not.toMatch(/canary|app-1|passkey-1|phone-1/)
    },
  )

  test('her last activity is hers, not that of whoever looked at her', async () => {
    const { context } = administration()
    await runVerb(context, showPerson, { person: 'sanne' }, HANNA)
    expect((await runVerb(context, showPerson, { person: 'sanne' }, HANNA)).lastActivityAt).toBeUndefined()
    await context.audit({ type: 'sign-in.completed', outcome: 'ok', actor: 'sanne', subject: 'sanne' })
    expect((await runVerb(context, showPerson, { person: 'sanne' }, HANNA)).lastActivityAt).toBe(NOW)
  })

  test('somebody who was erased is said to be', async () => {
    const run = runVerb(administration().context, showPerson, { person: 'gone' }, HANNA)
    await expect(run).rejects.toMatchObject({
      code: 'not-found',
      status: 404,
      message: expect.stringMatching(/erased on 2026-11-22/),
    })
  })
})

describe('the life of an account', () => {
  const { life } = administration().context
  const never = async () => false
  const nothing = { ...life, disable: never, enable: never, erase: never, resendActivation: never }

  test.each<[code: string, status: number, verb: Verb]>([
    ['already-disabled', 409, disablePerson],
    ['not-disabled', 409, enablePerson],
    ['not-waiting', 409, resendActivation],
    // two erasures at once are one.
    ['not-found', 404, deletePerson],
  ])('what changes nothing says why: %s', async (code, status, verb) => {
    const run = runVerb(administration({ life: nothing }).context, verb, { person: 'sanne' }, OLGA)
    await expect(run).rejects.toMatchObject({ code, status })
  })

  test('who did it is passed on, from where', async () => {
    const seen: unknown[] = []
    const { context } = administration({ life: { ...life, disable: async (_account, by) => Boolean(seen.push(by)) } })
    await runVerb(context, disablePerson, { person: 'sanne' }, HANNA)
    expect(seen).toEqual([{ actor: 'hanna', source: HANNA.source }])
  })

  test('the status after enabling is the one that is kept', async () => {
    const people = {
      ...administration().context.people,
      find: async () => personWith(account('x', { status: 'invited' })),
    }
    const enabled = await runVerb(administration({ people }).context, enablePerson, { person: 'x' }, OLGA)
    expect(enabled).toEqual({ id: 'x', status: 'invited' })
  })

  test('an export is told to the person', async () => {
    const { context, acts, events } = administration()
    expect(await runVerb(context, exportPerson, { person: 'sanne' }, OLGA)).toEqual({ account: { id: 'sanne' } })
    expect(acts).toEqual(['account.exported', 'tell sanne data-downloaded', 'admin.verb'])
    expect(events).toMatchObject([
      { actor: 'olga', subject: 'sanne' },
      { actor: 'olga', subject: 'sanne' },
    ])
  })
})

describe('the audit trail and the keys', () => {
  const ANNA = onPages('anna')
  const by = (finder: string, value: string) => ({ by: { finder, value }, limit: 51 })
  const until = (at: number) => ({ at, seq: Number.MIN_SAFE_INTEGER })

  test.each([
    ['everything, as the page asks', { limit: '7' }, { limit: 8 }],
    ['about somebody, by address', { person: 'sanne@sigma.example' }, by('subject', 'sanne')],
    ['about somebody who was erased', { person: 'gone' }, by('subject', 'gone')],
    ['by somebody, by address', { actor: 'Hanna@sigma.example' }, by('actor', 'hanna')],
    ['by somebody who was erased', { actor: 'gone' }, by('actor', 'gone')],
    ['by whoever works at the machine', { actor: 'operator:root' }, by('actor', 'operator:root')],
    ['by an application', { actor: 'client:portal' }, by('actor', 'client:portal')],
    ['by the system', { actor: 'system' }, by('actor', 'system')],
    ['one request, as it was read out', { reference: ' abcd2345 ' }, by('correlation', 'ABCD2345')],
    ['one application', { application: ' portal ' }, by('client', 'portal')],
    ['one organization', { organization: 'o-1' }, by('organization', 'o-1')],
    ['one kind', { kind: 'key.rotated' }, by('type', 'key.rotated')],
    ['from a day on', { since: '2026-11-20' }, { since: Date.UTC(2026, 10, 20), limit: 51 }],
    ['until a day, all of it', { until: '2026-11-20' }, { before: until(Date.UTC(2026, 10, 21)), limit: 51 }],
    ['until a moment', { until: '2026-11-20T10:00:00+01:00' }, { before: until(Date.UTC(2026, 10, 20, 9)), limit: 51 }],
    ['the next page', { after: '1700-12' }, { before: { at: 1700, seq: 12 }, limit: 51 }],
  ])('%s', async (_who, given, expected) => {
    const asked: unknown[] = []
    const { trail } = administration().context
    const looking = async (look: unknown) => {
      asked.push(look)
      return []
    }
    const { context } = administration({ trail: { ...trail, lookAtAudit: looking } })
    expect(await runVerb(context, listAudit, given, ANNA)).toEqual({ records: [], next: undefined, stopped: false })
    expect(asked).toEqual([expected])
  })

  test.each([
    ['actor', { actor: 'nobody' }],
    ['actor', { actor: 'nobody@sigma.example' }],
    ['kind', { kind: 'sign-in' }],
    ['since', { since: 'yesterday' }],
    ['until', { until: '2026-02-30' }],
    ['until', { since: '2026-11-20', until: '2026-11-19' }],
    ['after', { after: '1700' }],
    ['after', { after: '-5--5' }],
    ['person', { person: '' }],
  ])('%s at fault: %j', async (path, given) => {
    const run = runVerb(administration().context, listAudit, given, ANNA)
    await expect(run).rejects.toMatchObject({ faults: [{ path }] })
  })

  test('an export is of what is asked for, and the trail says about whom it was', async () => {
    const asked: unknown[] = []
    const { context, events } = administration({
      async *exportAudit(filter, format) {
        asked.push(filter, format)
        yield 'line'
      },
    })
    const given = { person: 'olga@sigma.example', format: 'csv' }
    const file = (await runVerb(context, exportAudit, given, ANNA)) as MadeFile
    expect([file.name, file.type]).toEqual(['sigma-id-audit.csv', 'text/csv'])
    // Made while it is read: what is in the file, the export itself included, was kept before.
    expect(asked).toEqual([])
    expect(events).toMatchObject([{ type: 'admin.verb', actor: 'anna', subject: 'olga' }])
    expect(await Array.fromAsync(file.lines)).toEqual(['line'])
    expect(asked).toEqual([expect.objectContaining({ subject: 'olga' }), 'csv'])
  })

  test.each(['', 'ABCD', 'ABCD 2345', "ABCD234'", 'ABCD23456'])('«%s» is no reference', async (reference) => {
    const run = runVerb(administration().context, listAudit, { reference }, ANNA)
    await expect(run).rejects.toMatchObject({ faults: [{ path: 'reference' }] })
  })

  test.each([['0'], ['1001'], ['many'], ['1.5']])('a limit of %s is refused', async (limit) => {
    const run = runVerb(administration().context, listAudit, { limit }, ANNA)
    await expect(run).rejects.toMatchObject({ faults: [{ path: 'limit' }] })
  })

  test('a chain that was broken is a fault, and looking is kept all the same', async () => {
    const { trail } = administration().context
    const row = auditRow({ id: 'record-2', at: 1, type: 'fault', outcome: 'ok' }, CHAIN_START)
    const { context, events } = administration({
      trail: { ...trail, followAudit: async () => [{ ...row, hash: 'x' }] },
    })
    await expect(runVerb(context, verifyAudit, {}, ANNA)).rejects.toMatchObject({ code: 'audit-changed' })
    expect(events).toMatchObject([{ type: 'admin.verb', outcome: 'failed', details: { reason: 'audit-changed' } }])
  })

  test('keys are rotated in the name of whoever did it', async () => {
    const { context, events } = administration()
    expect(await runVerb(context, listKeys, {}, OLGA)).toEqual([])
    expect(await runVerb(context, rotateKeys, {}, OLGA)).toEqual({ rotation: 'rotated' })
    expect(events[1]).toMatchObject({ type: 'key.rotated', actor: 'olga', details: { forced: false } })
  })

  test('keys that applications may not have yet stay', async () => {
    const { keys } = administration().context
    const { context, events } = administration({ keys: { ...keys, rotate: async () => 'too-early' } })
    await expect(runVerb(context, rotateKeys, {}, OLGA)).rejects.toMatchObject({ code: 'too-early' })
    expect(events.map(({ type }) => type)).toEqual(['admin.verb'])
  })
})

/** Recovery cases as the help desk works on them (SECURITY ADM-03, P-04). */
import { expect, test } from 'vitest'
import { decideCase, listCases, showCase } from '../../../src/admin/cases.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import type { Decided } from '../../../src/recovery/recovery.ts'
import { administration, CASE, NOW, onPages, SANNE } from '../../support/unit/administration.ts'

const HANNA = onPages('hanna')
const ISSUE = { number: CASE.number, decision: 'issue', check: 'call-back', note: 'by the number that HR has' }

test('the list names number and person, and not how to reach them', async () => {
  const cases = await runVerb(administration().context, listCases, {}, HANNA)
  expect(cases).toMatchObject([{ number: CASE.number, createdAt: NOW, person: { name: SANNE.name } }])
  expect(JSON.stringify(cases)).not.toContain(CASE.contact)
})

test.each(['12345678', ' 1234 5678 ', '1234-5678'])('%j is found, with what is known of the person', async (number) => {
  const { context, events } = administration()
  const shown = await runVerb(context, showCase, { number }, HANNA)
  expect(shown).toMatchObject({ number: CASE.number, contact: CASE.contact, person: { id: 'sanne', devices: 0 } })
  expect(JSON.stringify(shown)).not.toContain('canary')
  expect(events).toMatchObject([{ actor: 'hanna', subject: 'sanne' }])
})

test('a code is told once everything of before has ended, and is in no record', async () => {
  const { context, acts, events } = administration()
  const issued = await runVerb(context, decideCase, ISSUE, HANNA)
  expect(issued).toEqual({ number: CASE.number, state: 'issued', code: 'canary-code', expiresAt: NOW + 1 })
  expect(acts).toEqual(['decide 12345678 issued call-back', 'end-sessions sanne', 'admin.verb'])
  expect(JSON.stringify(events)).not.toMatch(/canary|HR/)
})

test('declining ends nothing', async () => {
  const { context, acts } = administration()
  const declined = await runVerb(context, decideCase, { ...ISSUE, decision: 'decline' }, HANNA)
  expect(declined).toEqual({ number: CASE.number, state: 'declined' })
  expect(acts).toEqual(['decide 12345678 declined call-back', 'admin.verb'])
})

test.each<[Exclude<Decided, { ok: true }>, Record<string, unknown>]>([
  [
    { ok: false, reason: 'wait', retryAt: NOW },
    { code: 'wait', status: 409, retryAt: NOW },
  ],
  [
    { ok: false, reason: 'closed' },
    { code: 'case-closed', status: 409 },
  ],
  [
    { ok: false, reason: 'unknown' },
    { code: 'not-found', status: 404 },
  ],
  [
    { ok: false, reason: 'missing-check' },
    { code: 'invalid-input', faults: [{ path: 'check' }] },
  ],
  [
    { ok: false, reason: 'too-long' },
    { code: 'invalid-input', faults: [{ path: 'note' }] },
  ],
  [
    { ok: false, reason: 'citizen-number' },
    { code: 'invalid-input', faults: [{ path: 'note' }] },
  ],
])('P-04: %j is passed on, and nothing is ended', async (decided, fault) => {
  const { recovery } = administration().context
  const { context, acts } = administration({ recovery: { ...recovery, decide: async () => decided } })
  await expect(runVerb(context, decideCase, ISSUE, HANNA)).rejects.toMatchObject(fault)
  expect(acts).not.toContain('end-sessions sanne')
})

test.each([
  ['no check', { check: undefined }, 'check'],
  ['a check of no list', { check: 'mail' }, 'check'],
  ['DAT-02: a citizen service number in the note', { note: 'her BSN is 111222333' }, 'note'],
  ['a note of 501 letters', { note: 'x'.repeat(501) }, 'note'],
  ['seven digits', { number: '1234567' }, 'number'],
  ['another decision', { decision: 'issued' }, 'decision'],
])('%s is refused by its name', async (_what, changes, path) => {
  const { context, acts } = administration()
  const run = runVerb(context, decideCase, { ...ISSUE, ...changes }, HANNA)
  await expect(run).rejects.toMatchObject({ code: 'invalid-input', faults: [{ path }] })
  expect(acts).toEqual([])
})

test('a number of nobody', async () => {
  const run = runVerb(administration().context, showCase, { number: '87654321' }, HANNA)
  await expect(run).rejects.toMatchObject({ code: 'not-found', status: 404 })
})

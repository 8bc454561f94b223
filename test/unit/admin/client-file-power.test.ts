/** A file that makes, changes or ends what administers is applied by an owner only, as what it says is (ADM-02). */
import { describe, expect, test } from 'vitest'
import { applyClients } from '../../../src/admin/client-file.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import type { Plan } from '../../../src/client/plan.ts'
import { administration, MACHINE, onPages } from '../../support/unit/administration.ts'

const digest = '0'.repeat(32)
const ROBOT = { scope: 'admin:people', admin_role: 'help-desk' }
const one = { noun: 'client' as const, id: 'robot', secrets: [] }
const changed = {
  ...one,
  version: 1,
  definition: { scope: 'openid' },
  changes: [{ field: 'scope', from: 'admin:people' }],
}

const PLANS: Array<[string, Partial<Plan>]> = [
  ['makes one', { created: [{ ...one, definition: ROBOT }] }],
  ['changes one into it', { changed: [{ ...changed, definition: ROBOT, changes: [] }] }],
  ['takes it from one', { changed: [changed] }],
  ['asks for one', { waiting: [{ ...changed, definition: ROBOT, changes: [] }] }],
]

async function applied(plan: Partial<Plan>, actor = onPages('chris'), given = digest) {
  const { context, acts } = administration()
  const whole = { ...(await context.clientFile.plan('')), ...plan, digest }
  context.clientFile.plan = async () => whole
  const outcome = await runVerb(context, applyClients, { yaml: 'x', digest: given }, actor).then(
    () => 'applied',
    (fault: { code: string; reason?: string }) => fault.reason ?? fault.code,
  )
  return [outcome, acts.some((act) => act.startsWith('apply'))]
}

describe.each(PLANS)('a file that %s', (_what, plan) => {
  test('is not applied by an administrator of applications, and is by an owner and at the machine', async () => {
    expect(await applied(plan)).toEqual(['role-not-held', false])
    expect(await applied(plan, onPages('olga'))).toEqual(['applied', true])
    expect(await applied(plan, MACHINE)).toEqual(['applied', true])
  })
})

test('what was looked at is what is done, or nothing', async () => {
  expect(await applied({})).toEqual(['applied', true])
  expect(await applied({}, onPages('chris'), '1'.repeat(32))).toEqual(['plan-changed', false])
})

/** Codes that are held by the session that proved them, and spent with what they lead to. */
import { beforeEach, describe, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import type { EnrollingRequester } from '../../../src/mfa/enrollment.ts'
import type { Account } from '../../../src/person/account.ts'
import type { Holding } from '../../../src/person/held-code.ts'
import { recovery } from '../../../src/recovery/help-desk.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

const bench = forEachTest(factorBench)

/** Somebody with a code to use, and what happens when it is spent. */
let who: { account: Account; code: string }

async function prove(method: 'backup' | 'temporary', session: string, code = who.code): Promise<Holding | string> {
  const account = await bench.again(who.account)
  const answered = await bench.challenges.answer({ account, method, code, sitting: session, session, source: SOURCE }, [
    method,
  ])
  return answered.ok ? { [method]: answered.holds } : answered.reason
}

async function requester(session: string, holding: Holding | string): Promise<EnrollingRequester> {
  if (typeof holding === 'string') throw new Error(holding)
  return { account: await bench.again(who.account), session, proven: true, holding, source: SOURCE }
}

/** A new app in the place of all that was lost. */
async function setUp(session: string, holding: Holding | string): Promise<boolean> {
  await bench.wizard.go(await requester(session, holding), { stage: 'app', replacesAll: true })
  const { secret = '' } = await bench.wizard.choose(await requester(session, holding), 'other')
  return (await bench.wizard.confirm(await requester(session, holding), bench.code(secret))).ok
}

async function saveNew(session: string, holding: Holding | string): Promise<boolean> {
  await bench.wizard.renewBackup(await requester(session, holding))
  return (await bench.wizard.saved(await requester(session, holding)))?.stage === 'done'
}

async function issued(): Promise<string> {
  const cases = recovery({ ...bench.common, issuer: 'https://id.example' })
  const requested = await cases.request(who.account, 'desk 12', SOURCE)
  const number = requested.ok ? requested.number : ''
  const closing = { number, to: 'issued', check: 'call-back', note: '', actor: 'helper', source: SOURCE } as const
  const decided = await cases.decide(closing)
  return (decided.ok && decided.code) || ''
}

beforeEach(async () => {
  const { account, backupCode } = await bench.enrolled()
  who = { account, code: backupCode }
})

describe.each(['backup', 'temporary'] as const)('%s', (method) => {
  beforeEach(async () => {
    if (method === 'temporary') who = { ...who, code: await issued() }
    await bench.told()
  })

  test('is good until a new app is set up with it, however often it is typed; then it is used', async () => {
    for (const session of ['one', 'two', 'three']) expect(await prove(method, session)).toBeTypeOf('object')
    expect((await bench.told()).map(({ name }) => name)).toEqual(method === 'backup' ? ['backup-code-typed'] : [])
    expect(await setUp('four', await prove(method, 'four'))).toBe(true)
    expect(await prove(method, 'five')).toBe('used-code')
  })

  test('a second session takes the place of the first one', async () => {
    const [first, second] = [await prove(method, 'first'), await prove(method, 'second')]
    expect(await setUp('first', first)).toBe(false)
    expect(await setUp('second', second)).toBe(true)
  })

  test('what another session has proven is nothing to one that has not', async () => {
    const held = await prove(method, 'own')
    expect(await setUp('another', held)).toBe(false)
    expect(await setUp('own', held)).toBe(true)
  })

  test('of ten sessions that set up at once, one does', async () => {
    const sessions = Array.from({ length: 10 }, (_, n) => `session-${n}`)
    const held = await Promise.all(sessions.map(async (session) => [session, await prove(method, session)] as const))
    const done = await Promise.all(held.map(([session, holding]) => setUp(session, holding)))
    expect(done.filter(Boolean)).toHaveLength(1)
  })
})

test('a backup code only signs in: it is spent when the new one is saved, and the mail says so then', async () => {
  const [first, second] = [await prove('backup', 'first'), await prove('backup', 'second')]
  await bench.wizard.renewBackup(await requester('second', second))
  expect((await bench.told()).map(({ name }) => name)).toEqual(['backup-code-typed'])
  expect(await saveNew('first', first)).toBe(false)
  expect(await saveNew('second', second)).toBe(true)
  expect((await bench.told()).map(({ name }) => name)).toEqual(['backup-code-used'])
  expect(await prove('backup', 'third')).toBe('used-code')
})

test('said twice that it is saved, by two tabs, it is saved', async () => {
  const held = await prove('backup', 'own')
  await bench.wizard.renewBackup(await requester('own', held))
  const tabs = await Promise.all([requester('own', held), requester('own', held)])
  const done = await Promise.all(tabs.map((tab) => bench.wizard.saved(tab)))
  expect(done.map((wizard) => wizard?.stage)).toEqual(['done', 'done'])
  expect(await prove('backup', 'later')).toBe('used-code')
})

test('a temporary code opens nothing after its time, but ends what was begun before', async () => {
  who = { ...who, code: await issued() }
  bench.pass(4 * HOUR - 5 * MINUTE)
  const held = await prove('temporary', 'own')
  bench.pass(6 * MINUTE)
  expect(await prove('temporary', 'another')).toBe('wrong-code')
  expect(await setUp('own', held)).toBe(true)
})

/** Codes of apps, also of those that were brought from elsewhere: how they are made is theirs. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { stepOf } from '../../../src/mfa/app-code.ts'
import { type Authenticator, advanceStep, type CodeParameters, USUAL } from '../../../src/person/authenticator.ts'
import { codeOf } from '../../support/people/second-factor.ts'
import { brought, OLD_KEY } from '../../support/unit/brought-person.ts'
import { type FactorBench, factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

const KEYS = { SHA1: 20, SHA256: 32, SHA512: 64 }

/** Base32 of the first bytes of 1234567890 again and again (RFC 6238 appendix B). */
function keyOf(bytes: number): string {
  const bits = [...Array(bytes).keys()]
    .map((at) =>
      `1234567890`
        .charCodeAt(at % 10)
        .toString(2)
        .padStart(8, '0'),
    )
    .join('')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}

// RFC 6238 appendix B.
test.each([
  ['SHA1', 59, '94287082'],
  ['SHA256', 59, '46119246'],
  ['SHA512', 59, '90693936'],
  ['SHA1', 1111111109, '07081804'],
  ['SHA256', 1111111109, '68084774'],
  ['SHA512', 1111111109, '25091201'],
  ['SHA1', 20000000000, '65353130'],
  ['SHA256', 20000000000, '77737706'],
  ['SHA512', 20000000000, '47863826'],
] as const)('by %s at %s seconds is %s', (algorithm, at, code) => {
  const key = keyOf(KEYS[algorithm])
  const way = { algorithm, digits: 8, period: 30 }
  expect(stepOf(key, code, () => at * 1000, way)).toBe(Math.floor(at / 30))
  expect(stepOf(key, code.slice(2), () => at * 1000, { ...way, digits: 6 })).toBe(Math.floor(at / 30))
  // One step back in its own period, none ahead.
  expect(stepOf(key, code, () => (at + 30) * 1000, way)).toBe(Math.floor(at / 30))
  expect(stepOf(key, code, () => (at + 60) * 1000, way)).toBeUndefined()
  expect(stepOf(key, code, () => (at - 30) * 1000, way)).toBeUndefined()
})

describe('an app that was brought from elsewhere', () => {
  const ODD: CodeParameters = { algorithm: 'SHA256', digits: 8, period: 60 }
  let bench: FactorBench
  beforeEach(async () => {
    bench = await factorBench()
    onTestFinished(() => bench.close())
  })

  async function app(declared: Partial<CodeParameters>) {
    const account = await brought(bench, 'Nmbrs', declared)
    const answer = async (code: string) => {
      const asked = { account, method: 'totp', code, sitting: 's', session: 's', source: SOURCE } as const
      const answered = await bench.challenges.answer(asked, ['totp'])
      return answered.ok ? 'right' : answered.reason
    }
    const kept = async (): Promise<Authenticator | undefined> =>
      (await bench.store.people.find(account.id))?.authenticators[0]
    return { answer, kept }
  }

  const code = (way: CodeParameters) => codeOf(OLD_KEY, bench.now(), way)

  test('answers as it was declared, once, and in no other way from then on', async () => {
    const { answer, kept } = await app(ODD)
    expect(await answer(code(ODD))).toBe('right')
    expect(await kept()).toMatchObject({ ...ODD, imported: true, lastStep: Math.floor(bench.now() / 60_000) })
    expect(await answer(code(ODD))).toBe('used-code')
    bench.pass(60_000)
    expect(await answer(code(USUAL))).toBe('wrong-code')
    // Typing takes time here too: one step back, of those that its codes last.
    const typed = code(ODD)
    bench.pass(119_000)
    expect(await answer(typed)).toBe('right')
  })

  test('that computes the usual way, whatever was declared, is taken at that, and in no other way from then on', async () => {
    const { answer, kept } = await app(ODD)
    expect(await answer(code(USUAL))).toBe('right')
    expect(await kept()).toMatchObject({ ...USUAL, imported: true, lastStep: Math.floor(bench.now() / 30_000) })
    expect(await answer(code(USUAL))).toBe('used-code')
    bench.pass(60_000)
    expect(await answer(code(ODD))).toBe('wrong-code')
    expect(await answer(code(USUAL))).toBe('right')
  })

  test('that has answered one way does not answer another in a request that was under way: its steps are counted differently', async () => {
    const { answer, kept } = await app(ODD)
    expect(await answer(code(ODD))).toBe('right')
    const one = (await kept()) ?? expect.fail('none')
    const step = Math.floor(bench.now() / 30_000)
    const late = await bench.store.people.change(one.accountId, (draft) =>
      advanceStep(draft, one.id, step, bench.now(), USUAL),
    )
    expect([late, await kept()]).toEqual([false, one])
  })

  test('of which nothing was declared is like any other', async () => {
    const { answer, kept } = await app({})
    expect(await answer(code({ ...USUAL, digits: 8 }))).toBe('wrong-code')
    expect(await answer(code(USUAL))).toBe('right')
    expect(Object.keys((await kept()) ?? {})).not.toContain('period')
  })
})

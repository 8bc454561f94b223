/** The ladder: what was proven has one rung and one name, and nothing is rounded up. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  amr,
  atLeast,
  counted,
  earned,
  LADDER,
  ladder,
  type Proofs,
  primaryAt,
  type Rung,
  reached,
  strictest,
} from '../../../src/mfa/assurance.ts'
import { SECOND_FACTORS, type SecondFactor } from '../../../src/person/second-factor.ts'

const NAMES: Record<Rung, string> = {
  password: 'urn:sigma:acr:password',
  knownDevice: 'urn:sigma:acr:known-device',
  mfa: 'urn:sigma:acr:mfa',
  phishingResistant: 'phr',
}
const REFEDS = 'https://refeds.org/profile/mfa'
const SFA = 'https://refeds.org/profile/sfa'
/** `phrh` as somebody might write it by mistake (OpenID Connect EAP ACR Values 1.0: hardware-protected). */
const names = ladder(NAMES, { [REFEDS]: 'mfa', [SFA]: 'password', phrh: 'phishingResistant' })

test('each rung is at least those below it, and only those', () => {
  for (const [height, rung] of LADDER.entries())
    for (const [wantedHeight, wanted] of LADDER.entries()) expect(atLeast(rung, wanted)).toBe(height >= wantedHeight)
})

test.each<[Rung[], Rung]>([
  [[], 'password'],
  [['mfa'], 'mfa'],
  [['mfa', 'password', 'knownDevice'], 'mfa'],
  [['password', 'phishingResistant'], 'phishingResistant'],
])('the strictest of %j is %s', (rungs, expected) => {
  expect(strictest(...rungs)).toBe(expected)
})

test('nothing proven is no rung and no method; a password is one factor and never mfa', () => {
  expect(reached({})).toBeUndefined()
  expect(amr({})).toEqual([])
  expect(reached({ password: 1 })).toBe('password')
  expect(amr({ password: 1 })).toEqual(['pwd'])
})

test.each<[Proofs, Rung | undefined, string[]]>([
  [{ password: 1, totp: 1 }, 'mfa', ['pwd', 'otp', 'mfa']],
  [{ password: 1, sms: 1 }, 'mfa', ['pwd', 'sms', 'mfa']],
  [{ password: 1, backup: 1 }, 'mfa', ['pwd', 'backup', 'mfa']],
  [{ password: 1, temporary: 1 }, 'mfa', ['pwd', 'temporary', 'mfa']],
  [{ password: 1, device: 1 }, 'knownDevice', ['pwd', 'device']],
  [{ password: 1, totp: 1, device: 1 }, 'mfa', ['pwd', 'otp', 'device', 'mfa']],
  [{ totp: 1 }, undefined, ['otp']],
  [{ totp: 1, sms: 1 }, undefined, ['otp', 'sms']],
  [{ device: 1 }, undefined, ['device']],
  [{ passkey: 1 }, 'phishingResistant', ['pop', 'user', 'mfa']],
  [{ password: 1, passkey: 1 }, 'phishingResistant', ['pwd', 'pop', 'mfa']],
  [{ opened: 1 }, 'password', ['pop']],
  [{ opened: 1, totp: 1 }, 'mfa', ['pop', 'otp', 'mfa']],
])('%j is worth %s, by %j: mfa takes two kinds, and a device is of none', (proofs, rung, methods) => {
  expect(reached(proofs)).toBe(rung)
  expect(amr(proofs)).toEqual(methods)
})

const NOW = 100_000

test.each<[Proofs, readonly SecondFactor[], Proofs]>([
  [{ passkey: NOW - 300 }, SECOND_FACTORS, { passkey: NOW - 300 }],
  [{ passkey: NOW - 301 }, SECOND_FACTORS, { opened: NOW - 301 }],
  [{ passkey: NOW }, ['totp'], { opened: NOW }],
  [{ password: 1, passkey: NOW - 301 }, SECOND_FACTORS, { password: 1 }],
  [{ passkey: NOW - 301, totp: NOW }, SECOND_FACTORS, { opened: NOW - 301, totp: NOW }],
])(
  'of %j, where %j count, there is %j: a passkey that is no second factor opens all the same',
  (proofs, accepted, left) => {
    expect(counted(proofs, { now: NOW, accepted, maxAge: 300 })).toEqual(left)
  },
)

test.each<[Proofs, number | undefined]>([
  [{}, undefined],
  [{ totp: 5, device: 5 }, undefined],
  [{ password: 3 }, 3],
  [{ passkey: 4 }, 4],
  [{ password: 3, passkey: 4, totp: 9 }, 4],
  [{ password: 5, passkey: 4 }, 5],
  [{ opened: 2 }, 2],
])('of %j, who it is was proven at %s', (proofs, at) => {
  expect(primaryAt(proofs)).toBe(at)
})

describe('for all proofs there can be', () => {
  const method = fc.constantFrom<keyof Proofs>('password', 'passkey', 'totp', 'sms', 'backup', 'temporary', 'device')
  const proofs: fc.Arbitrary<Proofs> = fc.dictionary(method, fc.integer({ min: NOW - 600, max: NOW }))
  const accepted = fc.subarray([...SECOND_FACTORS])
  const worth = (some: Proofs, factors: readonly SecondFactor[]) =>
    counted(some, { now: NOW, accepted: factors, maxAge: 300 })
  const height = (some: Proofs) => LADDER.indexOf(reached(some) ?? 'password') - (reached(some) === undefined ? 1 : 0)

  test('to have proven more never lowers the rung', () => {
    fc.assert(
      fc.property(proofs, proofs, accepted, (some, more, factors) => {
        const fresher = { ...more, ...some }
        expect(height(worth(fresher, factors))).toBeGreaterThanOrEqual(height(worth(some, factors)))
      }),
    )
  })

  test('nobody is on a rung that no proof gives', () => {
    fc.assert(
      fc.property(proofs, accepted, (some, factors) => {
        const counts = (name: SecondFactor) => factors.includes(name) && NOW - (some[name] ?? 0) <= 300
        const rung = reached(worth(some, factors))
        const opened = some.password !== undefined || some.passkey !== undefined
        expect(rung !== undefined).toBe(opened)
        expect(rung === 'phishingResistant').toBe(counts('passkey'))
        expect(rung === 'mfa').toBe(opened && !counts('passkey') && SECOND_FACTORS.some(counts))
      }),
    )
  })

  test('amr tells the same as the rung, and what is kept of it is worth no more', () => {
    fc.assert(
      fc.property(proofs, accepted, (some, factors) => {
        const counting = worth(some, factors)
        const rung = reached(counting)
        if (rung === undefined) return
        const names = amr(counting)
        expect(names.includes('mfa')).toBe(atLeast(rung, 'mfa'))
        expect(new Set(names).size).toBe(names.length)
        expect(earned(names, { accepted: SECOND_FACTORS, devices: true })).toBe(rung)
      }),
    )
  })
})

const CODES = SECOND_FACTORS.filter((factor) => factor !== 'passkey')

test.each(CODES)('%s counts while it is fresh, to the second, and only where it is accepted', (factor) => {
  const proofs = (age: number): Proofs => ({ password: 1, device: 1, [factor]: NOW - age })
  const worth = (age: number, accepted: readonly SecondFactor[]) =>
    reached(counted(proofs(age), { now: NOW, accepted, maxAge: 300 }))
  const others = SECOND_FACTORS.filter((other) => other !== factor)
  expect([0, 299, 300, 301, 86_400].map((age) => worth(age, SECOND_FACTORS))).toEqual([
    'mfa',
    'mfa',
    'mfa',
    'knownDevice',
    'knownDevice',
  ])
  expect([0, 300].map((age) => worth(age, others))).toEqual(['knownDevice', 'knownDevice'])
  expect(worth(0, [factor])).toBe('mfa')
})

test('a factor that counts makes up for one that does not, and amr names only what counts', () => {
  const proofs: Proofs = { password: 1, totp: NOW - 400, sms: NOW - 10, backup: NOW - 10 }
  const counting = counted(proofs, { now: NOW, accepted: ['totp', 'sms'], maxAge: 300 })
  expect(counting).toEqual({ password: 1, sms: NOW - 10 })
  expect(amr(counting)).toEqual(['pwd', 'sms', 'mfa'])
})

test('how old the password is, is not for this rule: max_age has it asked for again', () => {
  expect(counted({ password: 1 }, { now: NOW, accepted: SECOND_FACTORS, maxAge: 1 })).toEqual({ password: 1 })
})

test.each<[string, Rung, string[], string]>([
  ['nothing is asked: our own name', 'password', [], NAMES.password],
  ['an alias is asked and met: the alias', 'mfa', [REFEDS], REFEDS],
  ['more is asked than reached: the true, lower rung', 'password', [NAMES.mfa, REFEDS, 'phr'], NAMES.password],
  ['two are met: the higher', 'mfa', [SFA, REFEDS], REFEDS],
  ['two names of one rung: the first', 'mfa', [NAMES.mfa, REFEDS], NAMES.mfa],
  ['a name we do not know is not repeated', 'password', ['urn:evil:highest'], NAMES.password],
  ['what nobody can prove is asked: our own name', 'phishingResistant', ['phrh'], 'phr'],
  ['…beside what is met', 'phishingResistant', ['phrh', 'phr', REFEDS], 'phr'],
  ['names of the prototype are not known', 'password', ['__proto__', 'constructor', 'toString'], NAMES.password],
  ['a lower one is asked: its name', 'mfa', [SFA], SFA],
])('%s', (_when, rung, requested, expected) => {
  expect(names.answer(rung, requested)).toBe(expected)
})

test('a name stands for one rung, and every name of one that somebody can reach is published', () => {
  expect(names.rungOf(REFEDS)).toBe('mfa')
  expect(names.rungOf('phr')).toBe('phishingResistant')
  expect(names.rungOf('')).toBeUndefined()
  expect(names.rungOf('PHR')).toBeUndefined()
  expect(names.rungOf('phrh')).toBeUndefined()
  expect(new Set(names.supported)).toEqual(new Set([...Object.values(NAMES), REFEDS, SFA]))
  expect(ladder(NAMES, {}, 'mfa').supported).toEqual([NAMES.password, NAMES.knownDevice, NAMES.mfa])
})

/** The decision over the ladder: the strictest of request, application and person wins. */
import { expect, test } from 'vitest'
import { atLeast, LADDER } from '../../src/mfa/assurance.ts'
import { type Decision, decide, type SignIn } from '../../src/mfa/challenge-policy.ts'

const plain: SignIn = { reached: 'password', reachable: 'password', floor: 'password', requested: undefined }

test.each<[string, Partial<SignIn>, Decision]>([
  ['nobody asks for more', {}, 'proceed'],
  ['the application’s floor is higher', { floor: 'mfa' }, 'unmet'],
  ['the floor is reached', { floor: 'mfa', reached: 'mfa' }, 'proceed'],
  ['a voluntary wish is out of reach', { requested: { rung: 'mfa', essential: false } }, 'proceed'],
  ['a demand is out of reach', { requested: { rung: 'mfa', essential: true } }, 'unmet'],
  ['a demand is met', { reached: 'mfa', requested: { rung: 'mfa', essential: true } }, 'proceed'],
  [
    'more than the demand is reached',
    { reached: 'phishingResistant', requested: { rung: 'mfa', essential: true } },
    'proceed',
  ],
  [
    'a low demand does not lower the floor',
    { floor: 'mfa', requested: { rung: 'password', essential: true } },
    'unmet',
  ],
  ['a low wish does not lower the floor', { floor: 'mfa', requested: { rung: 'password', essential: false } }, 'unmet'],
  ['a remembered device is less than mfa', { reached: 'knownDevice', floor: 'mfa' }, 'unmet'],
  ['phishing resistance is more than mfa', { reached: 'mfa', floor: 'phishingResistant' }, 'unmet'],
])('%s', (_when, given, expected) => expect(decide({ ...plain, ...given })).toBe(expected))

test('whatever is asked, nobody proceeds below the floor or below a demand', () => {
  for (const reachedRung of LADDER)
    for (const floor of LADDER)
      for (const rung of LADDER)
        for (const essential of [true, false]) {
          const decision = decide({
            reached: reachedRung,
            reachable: reachedRung,
            floor,
            requested: { rung, essential },
          })
          const enough = atLeast(reachedRung, floor) && (!essential || atLeast(reachedRung, rung))
          expect(decision).toBe(enough ? 'proceed' : 'unmet')
        }
})

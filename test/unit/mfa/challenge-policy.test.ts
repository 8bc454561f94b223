/**
 * The whole decision as a table: every kind of person, by what is demanded and what the session has reached. The cells
 * were filled in by hand from the journeys, not by the code. And what must hold for whoever is in no row of it.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rung } from '../../../src/mfa/assurance.ts'
import { type Decision, decide, type SignIn } from '../../../src/mfa/challenge-policy.ts'

const REACHED: Rung[] = ['password', 'knownDevice', 'mfa']
const RUNGS: Rung[] = ['password', 'knownDevice', 'mfa', 'phishingResistant']
const LETTER: Record<Decision, string> = {
  proceed: 'P',
  challenge: 'C',
  prove: 'V',
  enroll: 'E',
  offer: 'O',
  backup: 'B',
  replace: 'R',
  suggest: 'S',
  unmet: 'U',
}

const nobody: Omit<SignIn, 'reached' | 'floor' | 'fresh' | 'requested'> = {
  enrolled: false,
  equipped: false,
  old: false,
  backupOwed: false,
  binds: true,
  holding: false,
  password: 'fine',
  passwordLater: false,
  campaign: 'none',
  postponed: false,
}
const everything = { ...nobody, enrolled: true, equipped: true }
const old = { ...everything, old: true }

/**
 * A row a kind of person, once as things are and once where the request wants them to prove themselves anew. A word a
 * demand (password, known device, mfa, phishing-resistant), a letter in it for what the session has reached (password,
 * known device, mfa).
 */
const PEOPLE: Array<[who: string, person: typeof nobody, asIs: string, anew: string]> = [
  ['has nothing, and nobody asks', nobody, 'PPP EPP EEP UUU', 'PPP EPP EEP UUU'],
  ['is offered it', { ...nobody, campaign: 'offered' }, 'OOO EOO EEO UUU', 'OOO EOO EEO UUU'],
  ['said later', { ...nobody, campaign: 'offered', postponed: true }, 'PPP EPP EEP UUU', 'PPP EPP EEP UUU'],
  ['is past the deadline', { ...nobody, campaign: 'required' }, 'EEP EEP EEP UUU', 'EEP EEP EEP UUU'],
  [
    'said later, is past the deadline',
    { ...nobody, campaign: 'required', postponed: true },
    'EEP EEP EEP UUU',
    'EEP EEP EEP UUU',
  ],
  ['has all of it', everything, 'CPP CPP CCP UUU', 'CCP CCP CCP UUU'],
  ['has all of it, during the campaign', { ...everything, campaign: 'offered' }, 'CPP CPP CCP UUU', 'CCP CCP CCP UUU'],
  ['has all of it, past the deadline', { ...everything, campaign: 'required' }, 'CPP CPP CCP UUU', 'CCP CCP CCP UUU'],
  ['has no backup code saved', { ...everything, backupOwed: true }, 'CPB CPB CCB UUU', 'CCB CCB CCB UUU'],
  ['holds the backup code', { ...everything, holding: true }, 'CBB CBB CCB UUU', 'CCB CCB CCB UUU'],
  [
    'has no backup code saved, and a text message only',
    { ...everything, backupOwed: true, binds: false },
    'CPP CPP CCP UUU',
    'CCP CCP CCP UUU',
  ],
  [
    'is offered the switch, and has a text message only',
    { ...old, campaign: 'offered', binds: false },
    'CPP CPP CCP UUU',
    'CCP CCP CCP UUU',
  ],
  [
    'has an old factor, past the deadline, and a text message only',
    { ...old, campaign: 'required', binds: false },
    'CCV CCV CCV UUU',
    'CCV CCV CCV UUU',
  ],
  ['has an old factor, and nobody asks', old, 'CPP CPP CCP UUU', 'CCP CCP CCP UUU'],
  ['is offered the switch', { ...old, campaign: 'offered' }, 'CPO CPO CCO UUU', 'CCO CCO CCO UUU'],
  ['switches later', { ...old, campaign: 'offered', postponed: true }, 'CPP CPP CCP UUU', 'CCP CCP CCP UUU'],
  [
    'switches later, has no backup code saved',
    { ...old, campaign: 'offered', postponed: true, backupOwed: true },
    'CPB CPB CCB UUU',
    'CCB CCB CCB UUU',
  ],
  [
    'has an old factor, past the deadline',
    { ...old, campaign: 'required', postponed: true, backupOwed: true },
    'CCE CCE CCE UUU',
    'CCE CCE CCE UUU',
  ],
  ['is asked for another password', { ...nobody, password: 'asked' }, 'SPS EPS EES UUU', 'SPS EPS EES UUU'],
  [
    'keeps the password for now',
    { ...nobody, password: 'asked', passwordLater: true },
    'PPP EPP EEP UUU',
    'PPP EPP EEP UUU',
  ],
  [
    'has to choose another password, whatever they said later to',
    { ...nobody, password: 'required', passwordLater: true, campaign: 'offered', postponed: true },
    'RPP EPP EEP UUU',
    'RPP EPP EEP UUU',
  ],
  [
    'has to choose another password, is offered two-step verification',
    { ...nobody, password: 'required', campaign: 'offered' },
    'ROO EOO EEO UUU',
    'ROO EOO EEO UUU',
  ],
  [
    'has to choose another password, is past the deadline',
    { ...nobody, password: 'required', campaign: 'required' },
    'EES EES EES UUU',
    'EES EES EES UUU',
  ],
  ['has all of it but a good password', { ...everything, password: 'required' }, 'CPS CPS CCS UUU', 'CCS CCS CCS UUU'],
  [
    'has all of it but a good password and a saved backup code',
    { ...everything, password: 'asked', backupOwed: true },
    'CPB CPB CCB UUU',
    'CCB CCB CCB UUU',
  ],
  ['lost the app to the help desk', { ...everything, equipped: false }, 'CCE CCE CCE UUU', 'CCE CCE CCE UUU'],
  [
    'lost app and backup code',
    { ...everything, equipped: false, backupOwed: true },
    'CCE CCE CCE UUU',
    'CCE CCE CCE UUU',
  ],
]

/** What request and floor demand together: a request that nobody can meet is a demand only if it is essential. */
const REQUESTS: Array<[what: string, requested: SignIn['requested'], demand: Record<Rung, Rung>]> = [
  ['nothing', undefined, floorOr('password')],
  ['password, as a wish', { rung: 'password', essential: false }, floorOr('password')],
  ['password', { rung: 'password', essential: true }, floorOr('password')],
  ['known device, as a wish', { rung: 'knownDevice', essential: false }, floorOr('knownDevice')],
  ['known device', { rung: 'knownDevice', essential: true }, floorOr('knownDevice')],
  ['mfa, as a wish', { rung: 'mfa', essential: false }, floorOr('mfa')],
  ['mfa', { rung: 'mfa', essential: true }, floorOr('mfa')],
  ['phishing-resistant, as a wish', { rung: 'phishingResistant', essential: false }, floorOr('password')],
  ['phishing-resistant', { rung: 'phishingResistant', essential: true }, floorOr('phishingResistant')],
  ['an unknown name, as a wish', { rung: undefined, essential: false }, floorOr('password')],
  ['an unknown name', { rung: undefined, essential: true }, floorOr('phishingResistant')],
]

function floorOr(least: Rung): Record<Rung, Rung> {
  const higher = (floor: Rung) => RUNGS[Math.max(RUNGS.indexOf(floor), RUNGS.indexOf(least))] ?? 'password'
  return {
    password: higher('password'),
    knownDevice: higher('knownDevice'),
    mfa: higher('mfa'),
    phishingResistant: 'phishingResistant',
  }
}

/** The cells of a demand as the decision fills them in, for one way to come to it. */
function cellsOf(signIn: Omit<SignIn, 'reached'>): string {
  return REACHED.map((reached) => LETTER[decide({ ...signIn, reached })]).join('')
}

describe.each([
  ['as things are', false],
  ['anew', true],
])('%s', (_when, fresh) => {
  test.each(PEOPLE)('someone who %s', (_who, person, ...cells) => {
    const demands = cells[fresh ? 1 : 0].split(' ')
    for (const [what, requested, demand] of REQUESTS) {
      for (const floor of RUNGS) {
        const expected = demands[RUNGS.indexOf(demand[floor])]
        const found = cellsOf({ ...person, fresh, requested, floor })
        expect.soft(found, `asked for ${what}, floor ${floor}`).toBe(expected)
      }
    }
  })
})

test.each<[string, Rung | undefined, boolean, Decision]>([
  ['an unknown name', undefined, true, 'unmet'],
  ['an unknown name, as a wish', undefined, false, 'proceed'],
  ['phishing-resistant', 'phishingResistant', true, 'proceed'],
  ['phishing-resistant, as a wish', 'phishingResistant', false, 'proceed'],
])('once somebody can prove the highest there is, asked for %s', (_what, rung, essential, expected) => {
  const reached = 'phishingResistant'
  const signIn = { ...everything, fresh: false, floor: 'password' as const, reached, requested: { rung, essential } }
  expect(decide({ ...signIn, reached }, 'phishingResistant')).toBe(expected)
})

describe('for everybody, in every state there can be', () => {
  const rung = fc.constantFrom(...RUNGS)
  const person = fc.oneof(
    fc.record({
      enrolled: fc.constant(true),
      equipped: fc.boolean(),
      old: fc.boolean(),
      backupOwed: fc.boolean(),
      holding: fc.boolean(),
      binds: fc.boolean(),
    }),
    fc.constant({ enrolled: false, equipped: false, old: false, backupOwed: false, holding: false, binds: false }),
  )
  const situation = fc.record({
    reached: fc.constantFrom(...REACHED),
    campaign: fc.constantFrom('none' as const, 'offered' as const, 'required' as const),
    postponed: fc.boolean(),
    password: fc.constantFrom('fine' as const, 'asked' as const, 'required' as const),
    passwordLater: fc.boolean(),
    floor: rung,
    fresh: fc.boolean(),
    requested: fc.option(fc.record({ rung: fc.option(rung, { nil: undefined }), essential: fc.boolean() }), {
      nil: undefined,
    }),
  })
  const anybody: fc.Arbitrary<SignIn> = fc
    .tuple(person, situation)
    // It is held by whoever has proven it.
    .map(([who, rest]) => ({ ...who, ...rest, holding: who.holding && rest.reached === 'mfa' }))
  const opens = (signIn: SignIn) => ['proceed', 'offer', 'backup', 'suggest'].includes(decide(signIn))
  const higher = (rungs: Rung[], rung: Rung) => rungs.slice(rungs.indexOf(rung))

  function always(law: (signIn: SignIn) => void): void {
    fc.assert(
      fc.property(anybody, (signIn) => void law(signIn)),
      { numRuns: 2000 },
    )
  }

  test('what opens is at least what the application demands', () => {
    always((signIn) => {
      if (opens(signIn)) expect(higher(RUNGS, signIn.floor)).toContain(signIn.reached)
    })
  })

  test('by a text message alone nothing is set up beside what there is, and no code shown', () => {
    always((signIn) => {
      if (!signIn.enrolled || !signIn.equipped || signIn.binds || signIn.holding) return
      expect(['enroll', 'offer', 'backup']).not.toContain(decide(signIn))
    })
  })

  test('a code that is held opens nothing before it is spent', () => {
    always((signIn) => expect(decide({ ...signIn, holding: true })).not.toBe('proceed'))
  })

  test('a password alone opens nothing of whoever has a second factor', () => {
    always((signIn) => expect(signIn.enrolled && signIn.reached === 'password' && opens(signIn)).toBe(false))
  })

  test('a password alone opens nothing of whoever has to choose another', () => {
    always((signIn) =>
      expect(signIn.password === 'required' && signIn.reached === 'password' && opens(signIn)).toBe(false),
    )
  })

  test('a demand that was not met opens nothing, and one that is not known is met by nobody', () => {
    always((signIn) => {
      if (!signIn.requested?.essential) return
      const { rung: demanded } = signIn.requested
      if (demanded === undefined) return expect(decide(signIn)).toBe('unmet')
      if (opens(signIn)) expect(higher(RUNGS, demanded)).toContain(signIn.reached)
    })
  })

  test('to have proven more never closes what was open', () => {
    always((signIn) => {
      if (!opens(signIn)) return
      // Whoever lost the app to the help desk proves its code, and owes a new app then.
      if (signIn.enrolled && !signIn.equipped) return
      for (const reached of higher(REACHED, signIn.reached)) expect(opens({ ...signIn, reached })).toBe(true)
    })
  })

  test('to demand more never opens what was closed', () => {
    always((signIn) => {
      if (opens(signIn)) return
      for (const floor of higher(RUNGS, signIn.floor)) expect(opens({ ...signIn, floor })).toBe(false)
    })
  })

  test('a wish changes nothing for whoever has all that there is', () => {
    always((signIn) => {
      if (signIn.requested?.essential || signIn.reached !== 'mfa') return
      expect(decide(signIn)).toBe(decide({ ...signIn, requested: undefined }))
    })
  })

  test('whoever has no second factor is never challenged, whoever has one that was set up here never offered it', () => {
    always((signIn) => {
      if (!signIn.old) expect(decide(signIn)).not.toBe(signIn.enrolled ? 'offer' : 'challenge')
    })
  })

  test('an old factor is asked for before another is set up in its place', () => {
    always((signIn) => {
      if (signIn.old && ['offer', 'enroll', 'backup'].includes(decide(signIn))) expect(signIn.reached).toBe('mfa')
    })
  })
})

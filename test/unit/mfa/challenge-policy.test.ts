/**
 * The whole decision as a table: every kind of person, by what is demanded and what the session has reached. The cells
 * were filled in by hand from the journeys, not by the code. And what must hold for whoever is in no row of it.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rung } from '../../../src/mfa/assurance.ts'
import { type Decision, decide, type SignIn } from '../../../src/mfa/challenge-policy.ts'

const REACHED: Rung[] = ['password', 'knownDevice', 'mfa', 'phishingResistant']
const RUNGS: Rung[] = ['password', 'knownDevice', 'mfa', 'phishingResistant']
const LETTER: Record<Decision, string> = {
  proceed: 'P',
  challenge: 'C',
  passkey: 'K',
  prove: 'V',
  enroll: 'E',
  'enroll-passkey': 'N',
  'offer-passkey': 'F',
  offer: 'O',
  backup: 'B',
  replace: 'R',
  suggest: 'S',
  unmet: 'U',
}

const nobody: Omit<SignIn, 'reached' | 'floor' | 'fresh' | 'requested'> = {
  provable: 'password',
  settable: ['totp'],
  enrolled: false,
  equipped: false,
  old: false,
  backupOwed: false,
  binds: true,
  sure: true,
  holding: false,
  password: 'fine',
  passwordLater: false,
  passkeyOffer: false,
  campaign: 'none',
  postponed: false,
}
const everything = { ...nobody, enrolled: true, equipped: true, provable: 'mfa' as const, settable: [] }
const old = { ...everything, old: true }

/**
 * Where there are no passkeys. A row a kind of person, once as things are and once where the request wants them to prove themselves anew. A word a
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

type Person = typeof nobody
const both = ['totp', 'passkey'] as const
/** Has an app, where passkeys can be set up. */
const app: Person = { ...everything, settable: both }
const passkey: Person = { ...app, provable: 'phishingResistant' }

/** Where there are passkeys: the same, and a letter more for a session that has reached phishing-resistant. */
const WITH_PASSKEYS: Array<[who: string, person: Person, asIs: string, anew: string]> = [
  ['has nothing', { ...nobody, settable: both }, 'PPPP EPPP EEPP NNNP', 'PPPP EPPP EEPP NNNP'],
  [
    'has nothing, past the deadline',
    { ...nobody, settable: both, campaign: 'required' },
    'EEPP EEPP EEPP NNNP',
    'EEPP EEPP EEPP NNNP',
  ],
  [
    'has nothing, past the deadline, where passkeys alone count',
    { ...nobody, settable: ['passkey'], campaign: 'required' },
    'NNPP NNPP NNPP NNNP',
    'NNPP NNPP NNPP NNNP',
  ],
  ['has an app, just proven', app, 'CPPP CPPP CCPP NNNP', 'CCPP CCPP CCPP NNNP'],
  ['has an app, not proven lately', { ...app, sure: false }, 'CPPP CPPP CCPP VVVP', 'CCPP CCPP CCPP VVVP'],
  ['is offered a passkey', { ...app, passkeyOffer: true }, 'CPFP CPFP CCFP NNNP', 'CCFP CCFP CCFP NNNP'],
  ['has a passkey', passkey, 'CPPP CPPP CCPP KKKP', 'CCPP CCPP CCPP KKKP'],
  ['has a passkey, not proven lately', { ...passkey, sure: false }, 'CPPP CPPP CCPP KKKP', 'CCPP CCPP CCPP KKKP'],
  [
    'has an app, just proven, where passkeys alone count',
    { ...app, provable: 'password', settable: ['passkey'] },
    'NPPP NPPP NNPP NNNP',
    'NNPP NNPP NNPP NNNP',
  ],
  [
    'has an app, not proven lately, where passkeys alone count',
    { ...app, provable: 'password', settable: ['passkey'], sure: false },
    'VPPP VPPP VVPP VVVP',
    'VVPP VVPP VVPP VVVP',
  ],
  [
    'has a passkey, just proven, where none counts',
    { ...app, provable: 'password', settable: ['totp'] },
    'EPPP EPPP EEPP UUUP',
    'EEPP EEPP EEPP UUUP',
  ],
  [
    'has a passkey, not proven lately, where none counts',
    { ...app, provable: 'password', settable: ['totp'], sure: false },
    'VPPP VPPP VVPP UUUP',
    'VVPP VVPP VVPP UUUP',
  ],
  [
    'has an app, where passkeys alone count and none can be set up',
    { ...app, provable: 'password', settable: [] },
    'UPPP UPPP UUPP UUUP',
    'UUPP UUPP UUPP UUUP',
  ],
  ['holds the backup code', { ...app, holding: true }, 'CBBB CBBB CCBB BBBB', 'CCBB CCBB CCBB BBBB'],
  [
    'lost everything to the help desk, and holds its code',
    { ...app, equipped: false, holding: true },
    'CCEE CCEE CCEE EEEE',
    'CCEE CCEE CCEE EEEE',
  ],
  [
    'lost everything to the help desk',
    { ...app, equipped: false, sure: false },
    'CCEE CCEE CCEE VVVE',
    'CCEE CCEE CCEE VVVE',
  ],
  [
    'lost everything to the help desk, where its code does not count',
    { ...app, equipped: false, provable: 'password', sure: false },
    // To the page that leads to the help desk: its code opens another door.
    'CCEE CCEE CCEE CCCE',
    'CCEE CCEE CCEE CCCE',
  ],
]

/**
 * What request and floor demand together (OpenID Connect Core 1.0 sections 3.1.2.1 and 5.5.1.1): a request that nobody can
 * meet is a demand only if it is essential. So is one for a passkey that the person would have to set up.
 */
function requests(wishesPasskey: boolean): Array<[string, SignIn['requested'], Record<Rung, Rung>]> {
  return [
    ['nothing', undefined, floorOr('password')],
    ['password, as a wish', { rung: 'password', essential: false }, floorOr('password')],
    ['password', { rung: 'password', essential: true }, floorOr('password')],
    ['known device, as a wish', { rung: 'knownDevice', essential: false }, floorOr('knownDevice')],
    ['known device', { rung: 'knownDevice', essential: true }, floorOr('knownDevice')],
    ['mfa, as a wish', { rung: 'mfa', essential: false }, floorOr('mfa')],
    ['mfa', { rung: 'mfa', essential: true }, floorOr('mfa')],
    [
      'phishing-resistant, as a wish',
      { rung: 'phishingResistant', essential: false },
      floorOr(wishesPasskey ? 'phishingResistant' : 'password'),
    ],
    ['phishing-resistant', { rung: 'phishingResistant', essential: true }, floorOr('phishingResistant')],
    ['an unknown name, as a wish', { rung: undefined, essential: false }, floorOr('password')],
  ]
}

function floorOr(least: Rung): Record<Rung, Rung> {
  const higher = (floor: Rung) => RUNGS[Math.max(RUNGS.indexOf(floor), RUNGS.indexOf(least))] ?? 'password'
  return {
    password: higher('password'),
    knownDevice: higher('knownDevice'),
    mfa: higher('mfa'),
    phishingResistant: 'phishingResistant',
  }
}

describe.each([
  ['as things are', false],
  ['anew', true],
])('%s', (_when, fresh) => {
  test.each([...PEOPLE, ...WITH_PASSKEYS])('someone who %s', (_who, person, ...cells) => {
    const demands = cells[fresh ? 1 : 0].split(' ')
    const attainable = person.settable.length > 0 || person.provable !== 'password'
    for (const [what, requested, demand] of requests(person.provable === 'phishingResistant')) {
      // A wish for what nobody can ever prove here: a law below says what comes of it.
      if (requested?.essential === false && !attainable) continue
      for (const floor of RUNGS) {
        const expected = demands[RUNGS.indexOf(demand[floor])] ?? ''
        const found = REACHED.slice(0, expected.length).map((reached) => {
          return LETTER[decide({ ...person, fresh, requested, floor, reached })]
        })
        expect.soft(found.join(''), `asked for ${what}, floor ${floor}`).toBe(expected)
      }
    }
  })

  test.each([...PEOPLE, ...WITH_PASSKEYS])('an unknown name is a demand that nobody meets: %s', (_who, person) => {
    const requested = { rung: undefined, essential: true }
    for (const floor of RUNGS)
      for (const reached of REACHED) expect(decide({ ...person, fresh, requested, floor, reached })).toBe('unmet')
  })
})

describe('for everybody, in every state there can be', () => {
  const rung = fc.constantFrom(...RUNGS)
  const person = fc.oneof(
    fc.record({
      enrolled: fc.constant(true),
      equipped: fc.boolean(),
      provable: fc.constantFrom('password' as const, 'mfa' as const, 'phishingResistant' as const),
      sure: fc.boolean(),
      old: fc.boolean(),
      backupOwed: fc.boolean(),
      holding: fc.boolean(),
      binds: fc.boolean(),
    }),
    fc.constant({
      ...nobody,
      ...{ binds: false, sure: false },
    }),
  )
  const situation = fc.record({
    reached: fc.constantFrom(...REACHED),
    settable: fc.subarray([...both]),
    passkeyOffer: fc.boolean(),
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
    .map(([who, rest]) => ({
      ...{ ...who, ...rest },
      holding: who.holding && rest.reached === 'mfa',
      sure: who.sure && who.binds,
    }))
  // With a code that is held nothing opens yet: it is spent first.
  const opens = (signIn: SignIn) =>
    !signIn.holding && ['proceed', 'offer', 'offer-passkey', 'backup', 'suggest'].includes(decide(signIn))
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
      expect(['enroll', 'offer', 'enroll-passkey', 'backup']).not.toContain(decide(signIn))
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
      if (signIn.requested?.essential || signIn.reached !== 'phishingResistant') return
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
      if (!signIn.old || !['offer', 'enroll', 'backup'].includes(decide(signIn))) return
      expect(signIn.sure || higher(RUNGS, 'mfa').includes(signIn.reached)).toBe(true)
    })
  })

  test('a wish ends no request, and sets up no passkey beside what there is', () => {
    always((signIn) => {
      if (signIn.requested?.essential !== false) return
      const without = decide({ ...signIn, requested: undefined })
      if (decide(signIn) === 'unmet') expect(without).toBe('unmet')
      if (signIn.requested.rung === 'phishingResistant' && decide(signIn) === 'enroll-passkey')
        expect(without).toBe('enroll-passkey')
    })
  })

  test('nothing is set up that does not count, and none beside what there is without proof of that', () => {
    always((signIn) => {
      const decision = decide(signIn)
      if (decision !== 'enroll-passkey') return
      expect(signIn.settable).toContain('passkey')
      expect(!signIn.enrolled || signIn.sure).toBe(true)
    })
  })

  test('each page leads on: what it asked for is not asked for again', () => {
    always((signIn) => {
      // Nothing of theirs counts here: the page of the challenge leads to the help desk.
      if (signIn.enrolled && !signIn.equipped && signIn.provable === 'password') return
      const decision = decide(signIn)
      const proven = { ...signIn, reached: signIn.provable, binds: true, sure: true }
      if (decision === 'challenge' || decision === 'passkey')
        expect(['challenge', 'passkey']).not.toContain(decide(proven))
      if (decision === 'prove') expect(decide({ ...signIn, binds: true, sure: true })).not.toBe('prove')
      if (decision !== 'enroll-passkey') return
      const [provable, enrolled] = ['phishingResistant' as const, true]
      const next = decide({ ...signIn, reached: provable, provable, enrolled, equipped: true, binds: true, sure: true })
      expect(['challenge', 'passkey', 'prove', 'enroll-passkey', 'unmet']).not.toContain(next)
    })
  })
})

/**
 * The whole decision as a table: every kind of person, by what is demanded and what the session has reached. The cells
 * were filled in by hand from the journeys, not by the code.
 */
import { describe, expect, test } from 'vitest'
import type { Rung } from '../../../src/mfa/assurance.ts'
import { type Decision, decide, type SignIn } from '../../../src/mfa/challenge-policy.ts'

const REACHED: Rung[] = ['password', 'knownDevice', 'mfa']
const RUNGS: Rung[] = ['password', 'knownDevice', 'mfa', 'phishingResistant']
const LETTERS: Record<string, Decision> = {
  P: 'proceed',
  C: 'challenge',
  E: 'enroll',
  O: 'offer',
  B: 'backup',
  U: 'unmet',
}

const nobody: Pick<SignIn, 'enrolled' | 'equipped' | 'backupOwed' | 'campaign' | 'postponed'> = {
  enrolled: false,
  equipped: false,
  backupOwed: false,
  campaign: 'none',
  postponed: false,
}
const everything = { ...nobody, enrolled: true, equipped: true }

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

describe.each(PEOPLE)('someone who %s', (_who, person, asIs, anew) => {
  describe.each([
    ['as things are', false, asIs],
    ['anew', true, anew],
  ] as const)('%s', (_when, fresh, cells) => {
    const rows = REQUESTS.flatMap(([what, requested, demand]) =>
      RUNGS.flatMap((floor) =>
        REACHED.map((reached, column) => {
          const letter = cells.split(' ')[RUNGS.indexOf(demand[floor])]?.[column] ?? ''
          return [
            `asked for ${what}, floor ${floor}, reached ${reached}`,
            { ...person, fresh, requested, floor, reached },
            LETTERS[letter],
          ] as const
        }),
      ),
    )
    test.each(rows)('%s', (_row, signIn, expected) => expect(decide(signIn)).toBe(expected))
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

/**
 * The ladder from end to end, for one request: what the session has proven, what the application takes and asks for, and
 * what the person has; the decision, `acr` and `amr` that come of it. Filled in from the specifications and not by the code:
 * OpenID Connect EAP ACR Values 1.0 (`phr`, `phrh`, `pop`), RFC 8176 (`amr`), OpenID Connect Core 1.0 sections 2, 3.1.2.1
 * and 5.5.1.1, OpenID Connect Core Error Code unmet_authentication_requirements 1.0, RFC 9470 section 4.
 */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { describe, expect, test } from 'vitest'
import type { OwnFields } from '../../../src/client/own-fields.ts'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { ladder, type Proofs } from '../../../src/mfa/assurance.ts'
import type { Decision } from '../../../src/mfa/challenge-policy.ts'
import type { SecondFactors } from '../../../src/mfa/second-factors.ts'
import { type AssessmentParts, assess, decisionOf, type OwnResult } from '../../../src/oidc/assessment.ts'
import type { EnrolledFactor } from '../../../src/person/second-factor.ts'

const NOW = 1_900_000_000
const [PASSWORD, KNOWN, MFA] = ['urn:sigma:acr:password', 'urn:sigma:acr:known-device', 'urn:sigma:acr:mfa']
const REFEDS = 'https://refeds.org/profile/mfa'
const NAMES = { password: PASSWORD, knownDevice: KNOWN, mfa: MFA, phishingResistant: 'phr' }
/** As an operator might write it by mistake. */
const LADDER = ladder(NAMES, { [REFEDS]: 'mfa', phrh: 'phishingResistant' })

interface Situation {
  /** What the session has proven, by its age in seconds. */
  session?: Proofs
  /** What was proven within this request, likewise; with a sign-in or without. */
  just?: Proofs
  signedIn?: boolean
  has?: EnrolledFactor[]
  person?: Partial<SecondFactors>
  client?: Partial<OwnFields>
  params?: Record<string, unknown>
  prompt?: 'login' | 'none'
}

type Told = [decision: Decision, acr: string | undefined, amr: string[] | undefined]

async function told(situation: Situation): Promise<Told> {
  const { session = {}, just, signedIn = just !== undefined, has = [], client = {}, params = {}, prompt } = situation
  const at = (ages: Proofs) => Object.fromEntries(Object.entries(ages).map(([method, age]) => [method, NOW - age]))
  const kept: Record<string, unknown> = { uid: 'u', accountId: 'sanne', prover: 'sanne', epoch: 1, proofs: at(session) }
  const result: (OwnResult & { login?: object }) | undefined = just && {
    proofs: at(just),
    epoch: 1,
    ...(signedIn && { login: { accountId: 'sanne', ts: NOW }, passkeyHere: true }),
  }
  const ctx = {
    req: {},
    oidc: {
      entities: {},
      session: kept,
      account: { accountId: 'sanne', epoch: 1, person: { id: 'sanne', roles: [] } },
      result,
      params,
      client,
      prompts: new Set(prompt === 'login' ? ['login'] : []),
      promptPending: (name: string) => name === prompt && prompt === 'none',
    },
  } as unknown as KoaContextWithOIDC
  const parts: AssessmentParts = {
    ladder: LADDER,
    now: () => NOW * SECOND,
    secondFactors: async () => ({
      ...{ enrolled: has.length > 0, equipped: has.length > 0, has, settable: ['totp', 'passkey'] },
      ...{ old: false, backupOwed: false, password: 'fine', passkeyOffer: false },
      ...{ campaign: 'none', postponed: false, held: () => ({}) },
      ...situation.person,
    }),
    postpone: async () => undefined,
    requests: { find: () => undefined, keep: () => undefined },
  }
  await assess(ctx, parts)
  return [decisionOf(ctx), kept.acr as string | undefined, kept.amr as string[] | undefined]
}

const APP: EnrolledFactor[] = ['totp']
const KEY: EnrolledFactor[] = ['passkey']
const BOTH: EnrolledFactor[] = ['totp', 'passkey']
const wish = (...names: string[]) => ({ acr_values: names.join(' ') })
const demand = (...values: string[]) => ({ claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }) })

type Row = [what: string, situation: Situation, ...told: Told]

function rows(name: string, table: Row[]): void {
  describe(name, () => {
    test.each(table)('%s', async (_what, situation, ...expected) => {
      expect(await told(situation)).toEqual(expected)
    })
  })
}

rows('what was proven has one rung, and amr says by what', [
  ['a password', { session: { password: 0 } }, 'proceed', PASSWORD, ['pwd']],
  ['a code beside it', { session: { password: 0, totp: 0 }, has: APP }, 'proceed', MFA, ['pwd', 'otp', 'mfa']],
  ['a remembered device', { session: { password: 0, device: 0 }, has: APP }, 'proceed', KNOWN, ['pwd', 'device']],
  ['a passkey alone', { session: { passkey: 0 }, has: KEY }, 'proceed', 'phr', ['pop', 'user', 'mfa']],
  [
    'a passkey and the password',
    { session: { password: 0, passkey: 0 }, has: KEY },
    'proceed',
    'phr',
    ['pwd', 'pop', 'mfa'],
  ],
  [
    'a passkey and a code',
    { session: { passkey: 0, totp: 0 }, has: BOTH },
    ...(['proceed', 'phr', ['pop', 'otp', 'user', 'mfa']] as Told),
  ],
  [
    'a passkey, and a device of before',
    { session: { password: 0, passkey: 0, device: 0 }, has: KEY },
    ...(['proceed', 'phr', ['pwd', 'pop', 'device', 'mfa']] as Told),
  ],
  ['a code alone says of nobody who it is', { session: { totp: 0 }, has: APP }, 'proceed', undefined, undefined],
])

const HALF_DAY = (12 * HOUR) / SECOND
rows('a passkey that is too old still opens, and is no second factor', [
  ['half a day', { session: { passkey: HALF_DAY }, has: KEY }, 'proceed', 'phr', ['pop', 'user', 'mfa']],
  ['a second more', { session: { passkey: HALF_DAY + 1 }, has: KEY }, 'challenge', PASSWORD, ['pop']],
  [
    'for the application',
    { session: { passkey: 301 }, has: KEY, client: { mfa_max_age: 300 } },
    'challenge',
    PASSWORD,
    ['pop'],
  ],
  [
    'for the request',
    { session: { passkey: 301 }, has: KEY, params: { mfa_max_age: '300' } },
    'challenge',
    PASSWORD,
    ['pop'],
  ],
  [
    'to the second',
    { session: { passkey: 300 }, has: KEY, params: { mfa_max_age: '300' } },
    'proceed',
    'phr',
    ['pop', 'user', 'mfa'],
  ],
  ['by max_age', { session: { passkey: 301 }, has: KEY, params: { max_age: '300' } }, 'challenge', PASSWORD, ['pop']],
  [
    'a younger code beside it',
    { session: { passkey: 301, totp: 10 }, has: BOTH, client: { mfa_max_age: 300 } },
    ...(['proceed', MFA, ['pop', 'otp', 'mfa']] as Told),
  ],
  [
    'the password beside it',
    { session: { password: 400, passkey: 301 }, has: KEY, client: { mfa_max_age: 300 } },
    ...(['challenge', PASSWORD, ['pwd']] as Told),
  ],
  [
    'however long the pages took after it',
    { just: { passkey: 301 }, has: KEY, client: { mfa_max_age: 300 } },
    ...(['proceed', 'phr', ['pop', 'user', 'mfa']] as Told),
  ],
])

const APPS_ONLY = { second_factors: ['totp', 'backup'] as OwnFields['second_factors'] }
const KEYS_ONLY = { second_factors: ['passkey'] as OwnFields['second_factors'] }
rows('what the application takes', [
  [
    'no passkeys: one opens, and the code is asked for',
    { just: { passkey: 0 }, has: BOTH, client: APPS_ONLY },
    'challenge',
    PASSWORD,
    ['pop'],
  ],
  [
    '…and the code counts',
    { just: { passkey: 1, totp: 0 }, has: BOTH, client: APPS_ONLY },
    'proceed',
    MFA,
    ['pop', 'otp', 'mfa'],
  ],
  [
    '…whoever has no app sets one up',
    { just: { passkey: 0 }, has: KEY, client: APPS_ONLY },
    'enroll',
    PASSWORD,
    ['pop'],
  ],
  [
    '…and nobody is led where no page sets it up',
    { just: { passkey: 0 }, has: KEY, client: APPS_ONLY, person: { settable: [] } },
    ...(['unmet', PASSWORD, ['pop']] as Told),
  ],
  [
    'passkeys only: the code does not count',
    { just: { password: 1, totp: 0 }, has: BOTH, client: KEYS_ONLY },
    'challenge',
    PASSWORD,
    ['pwd'],
  ],
  [
    '…whoever has none sets one up',
    { just: { password: 1, totp: 0 }, has: APP, client: KEYS_ONLY },
    'enroll-passkey',
    PASSWORD,
    ['pwd'],
  ],
  ['…and proves the app before', { just: { password: 1 }, has: APP, client: KEYS_ONLY }, 'prove', PASSWORD, ['pwd']],
  [
    '…a stranger to all that comes in by password',
    { just: { password: 1 }, client: KEYS_ONLY },
    'proceed',
    PASSWORD,
    ['pwd'],
  ],
  [
    '…a device that was remembered for a code says nothing',
    { session: { password: 0, device: 0 }, has: BOTH, client: KEYS_ONLY },
    'challenge',
    PASSWORD,
    ['pwd'],
  ],
])

rows('prompt=login counts what was proven within the request, and nothing else', [
  [
    'the password now, a passkey before',
    { session: { passkey: 10 }, just: { password: 0 }, has: KEY, prompt: 'login' },
    'challenge',
    PASSWORD,
    ['pwd'],
  ],
  [
    'a passkey now',
    { session: { password: 10, totp: 10 }, just: { passkey: 0 }, has: BOTH, prompt: 'login' },
    'proceed',
    'phr',
    ['pop', 'user', 'mfa'],
  ],
  ['nothing now', { session: { passkey: 10 }, has: KEY, prompt: 'login' }, 'proceed', undefined, undefined],
])

const MFA_AMR = ['pwd', 'otp', 'mfa']
const KEY_AMR = ['pop', 'user', 'mfa']
const withCode: Situation = { session: { password: 60, totp: 60 }, has: APP }
const keyUnused: Situation = { session: { password: 60, totp: 60 }, has: BOTH }
const withKey: Situation = { session: { passkey: 60 }, has: KEY }
rows('a wish is answered with the truth', [
  ['phr, of whoever has no passkey', { ...withCode, params: wish('phr') }, 'proceed', MFA, MFA_AMR],
  ['phr, of whoever has nothing', { session: { password: 60 }, params: wish('phr') }, 'proceed', PASSWORD, ['pwd']],
  ['phr, of whoever has one', { ...keyUnused, params: wish('phr') }, 'passkey', MFA, MFA_AMR],
  ['phr, of whoever has proven it', { ...withKey, params: wish('phr') }, 'proceed', 'phr', KEY_AMR],
  ['phr or mfa, of whoever has one', { ...keyUnused, params: wish('phr', MFA) }, 'proceed', MFA, MFA_AMR],
  ['mfa, of whoever has proven more: its own word', { ...withKey, params: wish(REFEDS) }, 'proceed', REFEDS, KEY_AMR],
  ['phr or mfa, of whoever has proven more', { ...withKey, params: wish(MFA, 'phr') }, 'proceed', 'phr', KEY_AMR],
  ['phrh, of whoever has proven a passkey', { ...withKey, params: wish('phrh') }, 'proceed', 'phr', KEY_AMR],
  ['phrh, of whoever has one', { ...keyUnused, params: wish('phrh') }, 'proceed', MFA, MFA_AMR],
  ['what nobody knows', { ...withKey, params: wish('urn:x') }, 'proceed', 'phr', KEY_AMR],
  ['mfa, of whoever has nothing', { session: { password: 60 }, params: wish(MFA) }, 'enroll', PASSWORD, ['pwd']],
])

rows('a demand is met, or nothing is answered', [
  ['phr, met', { ...withKey, params: demand('phr') }, 'proceed', 'phr', KEY_AMR],
  ['phr, of whoever has a passkey', { ...keyUnused, params: demand('phr') }, 'passkey', MFA, MFA_AMR],
  [
    'phr, of whoever has none and proved the app just now',
    { ...withCode, params: demand('phr') },
    'enroll-passkey',
    MFA,
    MFA_AMR,
  ],
  [
    'phr, of whoever has none and proved the app ten minutes ago',
    { session: { password: 0, totp: (10 * MINUTE) / SECOND }, has: APP, params: demand('phr') },
    ...(['enroll-passkey', MFA, MFA_AMR] as Told),
  ],
  [
    'phr, of whoever has none and proved the app a while ago',
    { session: { password: 0, totp: (10 * MINUTE) / SECOND + 1 }, has: APP, params: demand('phr') },
    ...(['prove', MFA, MFA_AMR] as Told),
  ],
  [
    'phr, of whoever proved a text message',
    { just: { password: 1, sms: 0 }, has: ['sms'], params: demand('phr') },
    ...(['prove', MFA, ['pwd', 'sms', 'mfa']] as Told),
  ],
  [
    'phr, of whoever has nothing',
    { just: { password: 1 }, params: demand('phr') },
    'enroll-passkey',
    PASSWORD,
    ['pwd'],
  ],
  [
    'phr, where none can be set up',
    { ...withCode, person: { settable: ['totp'] }, params: demand('phr') },
    'unmet',
    MFA,
    MFA_AMR,
  ],
  [
    'phr, where the application takes none',
    { ...keyUnused, client: APPS_ONLY, params: demand('phr') },
    'unmet',
    MFA,
    MFA_AMR,
  ],
  ['phr or mfa', { ...withCode, params: demand('phr', MFA) }, 'proceed', MFA, MFA_AMR],
  ['phrh, of whoever has proven a passkey', { ...withKey, params: demand('phrh') }, 'unmet', 'phr', KEY_AMR],
  ['phrh, with phr as a wish', { ...withKey, params: { ...wish('phr'), ...demand('phrh') } }, 'unmet', 'phr', KEY_AMR],
  ['phrh or phr', { ...withKey, params: demand('phrh', 'phr') }, 'proceed', 'phr', KEY_AMR],
  ['what nobody knows', { ...withKey, params: demand('urn:x') }, 'unmet', 'phr', KEY_AMR],
  [
    'phr, with a wish for less',
    { ...withCode, params: { ...wish(MFA), ...demand('phr') } },
    'enroll-passkey',
    MFA,
    MFA_AMR,
  ],
  [
    'phr, of a passkey that is too old',
    { session: { passkey: 301 }, has: KEY, params: { ...demand('phr'), mfa_max_age: '300' } },
    'passkey',
    PASSWORD,
    ['pop'],
  ],
  [
    'phr, of a device',
    { session: { password: 0, device: 0 }, has: KEY, params: demand('phr') },
    'passkey',
    KNOWN,
    ['pwd', 'device'],
  ],
])

const FLOOR = { minimum_acr: 'phishingResistant' as const }
rows('a floor of passkeys holds whatever is asked', [
  ['met', { ...withKey, client: FLOOR }, 'proceed', 'phr', KEY_AMR],
  ['met, asked for less', { ...withKey, client: FLOOR, params: demand(PASSWORD) }, 'proceed', PASSWORD, KEY_AMR],
  ['not met', { ...keyUnused, client: FLOOR, params: demand(MFA) }, 'passkey', MFA, MFA_AMR],
  ['by whoever has none', { ...withCode, client: FLOOR }, 'enroll-passkey', MFA, MFA_AMR],
  ['by whoever has nothing', { just: { password: 0 }, client: FLOOR }, 'enroll-passkey', PASSWORD, ['pwd']],
  ['where none can be set up', { ...withCode, client: FLOOR, person: { settable: [] } }, 'unmet', MFA, MFA_AMR],
  ['phrh above it', { ...withKey, client: FLOOR, params: demand('phrh') }, 'unmet', 'phr', KEY_AMR],
])

rows('of whoever turned two-step verification off, in this very session, no factor counts', [
  ['signed in with a passkey', { session: { passkey: 60 } }, 'proceed', PASSWORD, ['pop']],
  ['with both', { session: { password: 60, passkey: 50, totp: 60 } }, 'proceed', PASSWORD, ['pwd']],
  ['a floor of passkeys', { session: { passkey: 60 }, client: FLOOR }, 'enroll-passkey', PASSWORD, ['pop']],
])

const offered: Situation = { just: { password: 1, totp: 0 }, has: APP, person: { passkeyOffer: true } }
rows('a passkey is offered last, to whoever has just signed in with two factors', [
  ['after the code', offered, 'offer-passkey', MFA, MFA_AMR],
  ['in a step-up', { ...offered, signedIn: false }, 'proceed', MFA, MFA_AMR],
  ['in a session of before', { ...offered, session: { password: 60, totp: 60 }, just: {} }, 'proceed', MFA, MFA_AMR],
  ['where no page may be shown', { ...offered, prompt: 'none' }, 'proceed', MFA, MFA_AMR],
  [
    'to whoever used one',
    { ...offered, just: { password: 1, passkey: 0 }, has: BOTH },
    'proceed',
    'phr',
    ['pwd', 'pop', 'mfa'],
  ],
  [
    'after the backup code is saved',
    { ...offered, person: { passkeyOffer: true, backupOwed: true } },
    'backup',
    MFA,
    MFA_AMR,
  ],
])

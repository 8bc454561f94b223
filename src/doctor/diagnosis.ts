/**
 * What is right and wrong with an application, the most likely fault first. What a sentence says is in the language files:
 * here it is a name, with the values that go in it.
 */
import { type Evidence, type Fault, type Fix, type Found, fieldsOf, type Weight } from './evidence.ts'
import { AUTHENTICATION } from './faults/authentication.ts'
import { CODE } from './faults/code.ts'
import { REDIRECT } from './faults/redirect.ts'
import { REQUEST } from './faults/request.ts'
import { SIGN_OUT } from './faults/sign-out.ts'
import { keysAt, missesKeys, TOKENS } from './faults/tokens.ts'
import type { LiveResult } from './memory.ts'

export type State = 'passed' | 'failed' | 'unknown'

export interface Line {
  check: string
  state: State
  /** Which fault it is. */
  finding?: string | undefined
  /** Its sentence in the language files, under `doctor`: of a fault, of a check, or of what was tried. */
  sentence: Sentence
  values: Record<string, string | number>
  fix?: Fix | undefined
  weight?: Weight | undefined
  /** Milliseconds: when it was seen last. */
  at?: number | undefined
}

export interface Sentence {
  family: 'fault' | 'check' | 'live'
  name: string
  variant: string
}

interface Check {
  id: string
  faults: Fault[]
  /** Whether it was seen to work. */
  works(evidence: Evidence): boolean
  /** Absent for what every application has. */
  applies?(evidence: Evidence): boolean
}

const byId = new Map(
  [...REDIRECT, ...AUTHENTICATION, ...REQUEST, ...CODE, ...TOKENS, ...SIGN_OUT].map((fault) => [fault.id, fault]),
)

function faults(...ids: string[]): Fault[] {
  return ids.flatMap((id) => byId.get(id) ?? [])
}

const did = (...names: Array<keyof Evidence['memory']['seen']>) => {
  return ({ memory: { seen } }: Evidence) => names.every((name) => seen[name] !== undefined)
}
const tried = (name: string) => {
  return ({ live }: Evidence) => live.get(name)?.state === 'passed'
}
const either = (...ways: Array<(evidence: Evidence) => boolean>) => {
  return (evidence: Evidence) => ways.some((way) => way(evidence))
}

const CHECKS: Check[] = [
  { id: 'issuer', faults: faults('issuer'), works: either(tried('discovery'), did('token')) },
  {
    id: 'redirect',
    faults: faults('redirect-address', 'redirect-http', 'redirect-inside', 'redirect-elsewhere'),
    works: either(did('authorized'), tried('sign-in')),
    applies: (evidence) => fieldsOf(evidence).signsIn,
  },
  {
    id: 'request',
    faults: faults('pkce', 'response-type', 'scope'),
    works: either(did('authorized'), tried('sign-in')),
    applies: (evidence) => fieldsOf(evidence).signsIn,
  },
  {
    id: 'callback',
    faults: faults('state-lost', 'never-asked'),
    works: either(did('token'), tried('token')),
    applies: (evidence) => fieldsOf(evidence).signsIn,
  },
  {
    id: 'authentication',
    faults: faults('secret-encoding', 'secret-wrong', 'method', 'browser-secret', 'clock'),
    works: either(did('token'), tried('token')),
  },
  {
    id: 'code',
    faults: faults('code-twice', 'code-differs', 'algorithm'),
    works: either(did('token'), tried('token')),
    applies: (evidence) => fieldsOf(evidence).signsIn,
  },
  {
    id: 'claims',
    faults: faults('claims-unread', 'email-unasked'),
    works: either(did('userinfo'), tried('userinfo'), (evidence) => fieldsOf(evidence).claimsInToken),
    applies: (evidence) => fieldsOf(evidence).signsIn,
  },
  {
    id: 'refresh',
    faults: faults('no-refresh', 'refresh-twice'),
    works: either(did('refresh'), tried('refresh')),
    applies: ({ memory, ...evidence }) =>
      fieldsOf(evidence).grants.includes('refresh_token') || memory.scopes.includes('offline_access'),
  },
  {
    id: 'keys',
    faults: faults('keys-unfetched'),
    works: (evidence) => !missesKeys(evidence) && keysAt(evidence) !== undefined,
    applies: (evidence) => {
      const { signsIn, method, native } = fieldsOf(evidence)
      return signsIn && !native && method !== 'none'
    },
  },
  {
    id: 'step-up',
    faults: faults('step-up'),
    works: tried('step-up'),
    applies: ({ memory, live }) => memory.below !== undefined || live.has('step-up'),
  },
  {
    id: 'sign-out',
    faults: faults('sign-out-address', 'sign-out-nameless', 'back-channel-none'),
    works: either(did('left'), tried('sign-out')),
    applies: (evidence) => fieldsOf(evidence).signsIn,
  },
  {
    id: 'back-channel',
    faults: faults('back-channel'),
    works: either(did('told'), tried('back-channel')),
    applies: (evidence) => fieldsOf(evidence).backChannel !== undefined,
  },
]

/** Every fault that there is a sentence for. */
export const FAULT_IDS = [...byId.keys()]

export function diagnose(evidence: Evidence): Line[] {
  const remembered = CHECKS.filter(({ applies }) => applies?.(evidence) ?? true).flatMap((check) =>
    linesOf(check, evidence),
  )
  const told = new Set(remembered.filter(({ state }) => state === 'failed').map(({ check }) => check))
  // What a clock was found to be is a fault of its own.
  const live = [...evidence.live.values()].filter(({ check }) => check !== 'clock' && !told.has(check)).map(lineOf)
  return [...remembered, ...live].sort((one, other) => rank(one) - rank(other) || (other.at ?? 0) - (one.at ?? 0))
}

function linesOf({ id, faults, works }: Check, evidence: Evidence): Line[] {
  const found = faults.flatMap((fault): Line[] => {
    const finding = fault.find(evidence)
    return finding ? [findingLine(id, fault.id, finding)] : []
  })
  if (found.length > 0) return found
  // Told by what was tried just now.
  if (evidence.live.has(id)) return []
  const state = works(evidence) ? 'passed' : 'unknown'
  return [{ check: id, state, sentence: { family: 'check', name: id, variant: state }, values: {} }]
}

function findingLine(check: string, finding: string, { weight, variant, values = {}, fix, at }: Found): Line {
  const state = weight === 'possible' ? 'unknown' : 'failed'
  const sentence: Sentence = { family: 'fault', name: finding, variant: variant ?? 'is' }
  return { check, state, finding, sentence, values, fix, weight, at }
}

function lineOf({ check, state, found, values = {} }: LiveResult): Line {
  return { check, state, sentence: { family: 'live', name: check, variant: found ?? state }, values }
}

function rank({ state, weight, finding }: Line): number {
  if (state === 'failed') return weight === 'likely' ? 2 : 1
  if (state === 'unknown') return finding === undefined ? 4 : 3
  return 5
}

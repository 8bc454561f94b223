/**
 * What an application asks for, by what the person has proven and set up: which pages come up, in order, and what the
 * application is told.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { ACR, type RelyingParty, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { ask, type Outcome, type Starts, startsOf } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const KNOWN_DEVICE = 'urn:sigma:acr:known-device'
const PAPE = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'
const PWD = ['pwd']
const MFA = ['pwd', 'otp', 'mfa']
const DEVICE = ['pwd', 'device']
const UNMET = 'unmet_authentication_requirements'

const parties = new Map<string, RelyingParty>()

const here = forAllTests(world)
beforeAll(async () => {
  for (const id of ['house', 'strict', 'device', 'totponly', 'sensitive']) parties.set(id, await relyingParty(here, id))
  starts = startsOf(here.app, party('house'))
})
clockOfEachTest()

function party(id: string): RelyingParty {
  const found = parties.get(id)
  if (!found) throw new Error(`no application ${id}`)
  return found
}

type Asked = Record<string, string>
const voluntary = (...names: string[]): Asked => ({ acr_values: names.join(' ') })
const claim = (acr: unknown): Asked => ({ claims: JSON.stringify({ id_token: { acr } }) })
const essential = (...values: string[]): Asked => claim({ essential: true, values })

let starts: Starts

type Row = [start: keyof Starts, client: string, what: string, asked: Asked, expected: Outcome]

async function check(start: keyof Starts, client: string, asked: Asked, expected: Outcome): Promise<void> {
  const who = await starts[start]()
  pass(2 * MINUTE)
  expect(await ask(who, party(client), asked)).toMatchObject(expected)
}

const title = '%s at %s, asked for %s'

describe('nobody asks for more', () => {
  test.each<Row>([
    ['stranger', 'house', 'nothing', {}, { pages: ['password'], acr: ACR.password, amr: PWD }],
    ['password', 'house', 'nothing', {}, { pages: [], acr: ACR.password, amr: PWD }],
    ['enrolled', 'house', 'nothing', {}, { pages: ['password', 'code'], acr: ACR.mfa, amr: MFA }],
    ['knownDevice', 'house', 'nothing', {}, { pages: [], acr: KNOWN_DEVICE, amr: DEVICE }],
    ['mfa', 'house', 'nothing', {}, { pages: [], acr: ACR.mfa, amr: MFA }],
  ])(title, (start, client, _what, asked, expected) => check(start, client, asked, expected))
})

describe('a wish', () => {
  test.each<Row>([
    ['password', 'house', 'mfa', voluntary(ACR.mfa), { pages: ['enroll'], acr: ACR.mfa, amr: MFA }],
    ['enrolled', 'house', 'mfa', voluntary(ACR.mfa), { pages: ['password', 'code'], acr: ACR.mfa, amr: MFA }],
    [
      'knownDevice',
      'house',
      'mfa',
      voluntary(ACR.mfa),
      { pages: ['code'], acr: ACR.mfa, amr: ['pwd', 'otp', 'device', 'mfa'] },
    ],
    ['knownDevice', 'house', 'its alias', voluntary(ACR.refedsMfa), { pages: ['code'], acr: ACR.refedsMfa }],
    ['knownDevice', 'house', 'a known device', voluntary(KNOWN_DEVICE), { pages: [], acr: KNOWN_DEVICE }],
    ['mfa', 'house', 'mfa', voluntary(ACR.mfa), { pages: [], acr: ACR.mfa, amr: MFA }],
    ['mfa', 'house', 'another alias', voluntary(PAPE), { pages: [], acr: PAPE, amr: MFA }],
    ['mfa', 'house', 'a password', voluntary(ACR.password), { pages: [], acr: ACR.password, amr: MFA }],
    ['mfa', 'house', 'a password or mfa', voluntary(ACR.password, ACR.refedsMfa), { pages: [], acr: ACR.refedsMfa }],
    ['password', 'house', 'mfa or a password', voluntary(ACR.mfa, ACR.refedsSfa), { pages: [], acr: ACR.refedsSfa }],
    ['password', 'house', 'what nobody knows', voluntary('urn:example:x'), { pages: [], acr: ACR.password }],
    ['password', 'house', 'phr', voluntary('phr'), { pages: [], acr: ACR.password, amr: PWD }],
    ['mfa', 'house', 'phr', voluntary('phr'), { pages: [], acr: ACR.mfa, amr: MFA }],
    ['mfa', 'house', 'phrh', voluntary('phrh'), { pages: [], acr: ACR.mfa, amr: MFA }],
    ['enrolled', 'house', 'phr', voluntary('phr'), { pages: ['password', 'code'], acr: ACR.mfa, amr: MFA }],
    ['knownDevice', 'house', 'phr', voluntary('phr'), { pages: [], acr: KNOWN_DEVICE, amr: DEVICE }],
    ['knownDevice', 'house', 'phr or mfa', voluntary('phr', ACR.mfa), { pages: ['code'], acr: ACR.mfa }],
    ['knownDevice', 'house', 'mfa by a claim', claim({ value: ACR.mfa }), { pages: ['code'], acr: ACR.mfa }],
    ['knownDevice', 'house', 'acr, whatever it is', claim({ essential: true }), { pages: [], acr: KNOWN_DEVICE }],
  ])(title, (start, client, _what, asked, expected) => check(start, client, asked, expected))
})

describe('a demand', () => {
  test.each<Row>([
    ['stranger', 'house', 'mfa', essential(ACR.mfa), { pages: ['password', 'enroll'], acr: ACR.mfa, amr: MFA }],
    ['password', 'house', 'mfa', essential(ACR.mfa), { pages: ['enroll'], acr: ACR.mfa, amr: MFA }],
    ['knownDevice', 'house', 'mfa', essential(ACR.mfa), { pages: ['code'], acr: ACR.mfa }],
    ['mfa', 'house', 'its alias', essential(ACR.refedsMfa), { pages: [], acr: ACR.refedsMfa }],
    ['mfa', 'house', 'phr or mfa', essential('phr', ACR.mfa), { pages: [], acr: ACR.mfa }],
    ['mfa', 'house', 'phr', essential('phr'), { pages: ['needed', 'passkey'], acr: 'phr' }],
    ['knownDevice', 'house', 'phr', essential('phr'), { pages: ['code', 'needed', 'passkey'], acr: 'phr' }],
    ['mfa', 'house', 'phrh', essential('phrh'), { pages: [], error: UNMET }],
    ['mfa', 'house', 'phrh or mfa', essential('phrh', ACR.mfa), { pages: [], acr: ACR.mfa, amr: MFA }],
    ['stranger', 'house', 'phrh', essential('phrh'), { pages: ['password'], error: UNMET }],
    ['mfa', 'house', 'what nobody knows', essential('urn:example:x'), { pages: [], error: UNMET }],
    ['stranger', 'house', 'what nobody knows', essential('urn:example:x'), { pages: ['password'], error: UNMET }],
    [
      'mfa',
      'house',
      'phr, with a wish for mfa',
      { ...voluntary(ACR.mfa), ...essential('phr') },
      { pages: ['needed', 'passkey'], acr: 'phr' },
    ],
    [
      'knownDevice',
      'house',
      'mfa, with a wish for less',
      { ...voluntary(ACR.password), ...essential(ACR.mfa) },
      { pages: ['code'], acr: ACR.mfa },
    ],
  ])(title, (start, client, _what, asked, expected) => check(start, client, asked, expected))
})

describe('the floor of the application', () => {
  test.each<Row>([
    ['stranger', 'strict', 'nothing', {}, { pages: ['password', 'enroll'], acr: ACR.mfa, amr: MFA }],
    ['password', 'strict', 'a password', voluntary(ACR.password), { pages: ['enroll'], acr: ACR.password, amr: MFA }],
    ['enrolled', 'strict', 'nothing', {}, { pages: ['password', 'code'], acr: ACR.mfa }],
    ['knownDevice', 'strict', 'nothing', {}, { pages: ['code'], acr: ACR.mfa }],
    ['knownDevice', 'strict', 'a password', essential(ACR.password), { pages: ['code'], acr: ACR.password }],
    ['mfa', 'strict', 'nothing', {}, { pages: [], acr: ACR.mfa }],
    ['mfa', 'strict', 'phr', essential('phr'), { pages: ['needed', 'passkey'], acr: 'phr' }],
    ['knownDevice', 'device', 'nothing', {}, { pages: [], acr: KNOWN_DEVICE }],
    ['password', 'device', 'nothing', {}, { pages: ['enroll'], acr: ACR.mfa }],
    ['knownDevice', 'totponly', 'nothing', {}, { pages: [], acr: KNOWN_DEVICE }],
    ['mfa', 'totponly', 'mfa', voluntary(ACR.mfa), { pages: [], acr: ACR.mfa }],
    ['mfa', 'sensitive', 'nothing', {}, { pages: [], acr: ACR.mfa }],
  ])(title, (start, client, _what, asked, expected) => check(start, client, asked, expected))
})

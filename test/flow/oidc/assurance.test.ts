/** What an application may ask of a sign-in (acr_values, the acr claim, its own floor), and what it is told. */
import { beforeAll, expect, test } from 'vitest'
import { ACR, answer, asksPassword, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

/** Phishing-resistant, with a key that hardware protects: a name that is known, and that nobody ever proves. */
const PHRH = 'phrh'

const sanne = new Person()

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
beforeAll(async () => {
  await house.signIn(sanne)
})

function acrClaim(acr: unknown): { claims: string } {
  return { claims: JSON.stringify({ id_token: { acr } }) }
}

test.each<[string, Record<string, string>, string]>([
  ['nothing', {}, ACR.password],
  ['its own name', { acr_values: ACR.password }, ACR.password],
  ['another name for the same', { acr_values: ACR.refedsSfa }, ACR.refedsSfa],
  ['a wish that takes a passkey', { acr_values: 'phr' }, ACR.password],
  ['a wish for what nobody can prove', { acr_values: PHRH }, ACR.password],
  ['a wish that nobody knows', { acr_values: 'urn:example:unknown' }, ACR.password],
  ['a wish for more, or less', { acr_values: `${ACR.refedsMfa} ${ACR.refedsSfa}` }, ACR.refedsSfa],
  ['an essential claim that is met', acrClaim({ essential: true, value: ACR.password }), ACR.password],
  ['an essential claim by another name', acrClaim({ essential: true, values: [ACR.refedsSfa] }), ACR.refedsSfa],
  ['any of several', acrClaim({ essential: true, values: [ACR.mfa, ACR.refedsSfa] }), ACR.refedsSfa],
  ['a voluntary claim out of reach', acrClaim({ value: PHRH }), ACR.password],
  ['a voluntary claim that is null', acrClaim(null), ACR.password],
  [
    'a wish beside an essential claim',
    { acr_values: ACR.password, ...acrClaim({ essential: true, value: ACR.refedsSfa }) },
    ACR.refedsSfa,
  ],
])('an application that asks for %s is told the truth in the words it asked in', async (_what, asked, acr) => {
  const tokens = await house.signIn(sanne, asked)
  expect(tokens.claims()).toMatchObject({ acr, amr: ['pwd'] })
})

const OUT_OF_REACH: Array<[string, Record<string, string>]> = [
  ['phrh', acrClaim({ essential: true, value: PHRH })],
  ['phrh, in a list', acrClaim({ essential: true, values: [PHRH] })],
  ['a value that nobody knows', acrClaim({ essential: true, value: 'urn:example:unknown' })],
  [
    'phrh, with a lower acr_values beside it',
    { acr_values: ACR.password, ...acrClaim({ essential: true, value: PHRH }) },
  ],
  ['a value that is no text', acrClaim({ essential: true, values: [42, { $ne: null }] })],
  ['values that are no list', acrClaim({ essential: true, values: PHRH })],
]

const TO_BE_SET_UP: Array<[string, Record<string, string>]> = [
  ['mfa', acrClaim({ essential: true, value: ACR.mfa })],
  ['mfa by another name', acrClaim({ essential: true, values: [ACR.refedsMfa] })],
  [
    'mfa, with a lower acr_values beside it',
    { acr_values: ACR.password, ...acrClaim({ essential: true, value: ACR.mfa }) },
  ],
  ['mfa, by values that are no list', acrClaim({ essential: true, values: ACR.mfa })],
]

test.each(TO_BE_SET_UP)('an essential acr of %s leads to the wizard, and with Cancel back', async (_what, asked) => {
  await house.open(sanne, asked)
  expect(sanne.page.html).toContain('value="enable"')
  expect(sanne.page.html).not.toContain('value="later"')
  await sanne.submit({ action: 'cancel' })
  expect([answer(sanne).get('error'), answer(sanne).get('code')]).toEqual(['access_denied', null])
  await house.open(sanne, { ...asked, prompt: 'none' })
  expect([answer(sanne).get('error'), answer(sanne).get('code')]).toEqual(['interaction_required', null])
})

test.each(OUT_OF_REACH)(
  'J-08 an essential acr of %s ends with an error, never with less and never in a loop',
  async (_what, asked) => {
    const hops = sanne.trail.length
    await house.open(sanne, asked)
    expect(answer(sanne).get('error')).toBe('unmet_authentication_requirements')
    expect(answer(sanne).get('code')).toBeNull()
    expect(sanne.trail.length - hops).toBeLessThanOrEqual(2)
  },
)

test.each(OUT_OF_REACH)('J-08 …and %s is refused to a stranger after the password, once', async (_what, asked) => {
  const stranger = new Person()
  await house.open(stranger, asked)
  expect(answer(stranger).get('error')).toBe('unmet_authentication_requirements')
})

test('J-08 an essential acr out of reach is refused without a page where none may be shown', async () => {
  await house.open(sanne, { prompt: 'none', ...acrClaim({ essential: true, value: PHRH }) })
  expect(answer(sanne).get('error')).toBe('unmet_authentication_requirements')
})

test('a floor on the record of the application holds whatever the request says', async () => {
  const strict = await relyingParty(here, 'strict')
  const attempts: Array<Record<string, string>> = [
    {},
    { acr_values: ACR.password },
    acrClaim({ essential: true, value: ACR.password }),
  ]
  for (const asked of attempts) {
    await strict.open(sanne, asked)
    expect(sanne.page.html).toContain('value="enable"')
    expect(sanne.page.html).not.toContain('value="later"')
    await strict.open(sanne, { ...asked, prompt: 'none' })
    expect([answer(sanne).get('error'), answer(sanne).get('code')]).toEqual(['interaction_required', null])
  }
})

test('acr, amr and auth_time come without being asked for, and again in refreshed tokens after a re-authentication', async () => {
  const before = await house.signIn(sanne)
  const request = await house.request({ prompt: 'login', acr_values: ACR.refedsSfa })
  await sanne.visit(request.url.href)
  expect(asksPassword(sanne)).toBe(true)
  await sanne.submit({ password: 'vier losse woorden samen' })
  const after = await house.redeem(sanne.page.url, request)
  expect(after.claims()).toMatchObject({ acr: ACR.refedsSfa, amr: ['pwd'] })
  expect((await house.refresh(after.refresh_token)).claims()).toMatchObject({
    acr: ACR.refedsSfa,
    amr: ['pwd'],
    auth_time: after.claims()?.auth_time,
  })
  // What was issued before is not made better by what came later.
  expect((await house.refresh(before.refresh_token)).claims()).toMatchObject({
    acr: ACR.password,
    auth_time: before.claims()?.auth_time,
  })
})

test.each([
  ['id_token: null', '{"id_token":null}'],
  ['acr as text', '{"id_token":{"acr":"mfa"}}'],
  ['acr as a list', '{"id_token":{"acr":[1]}}'],
  ['values as text', '{"id_token":{"acr":{"values":"mfa"}}}'],
  ['a prototype', '{"id_token":{"__proto__":{"acr":{"essential":true}}},"__proto__":{"id_token":{}}}'],
  ['a list', '[]'],
  ['no JSON', '{'],
])('J-06 a claims parameter that is odd (%s) gets an answer and no fault', async (_what, claims) => {
  await house.open(sanne, { claims })
  expect(sanne.page.url.startsWith(house.redirectUri)).toBe(true)
  expect(answer(sanne).get('error') ?? 'code').toMatch(/^(code|invalid_request)$/)
})

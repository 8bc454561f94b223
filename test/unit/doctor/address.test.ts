/** Which addresses of a refused request one press may register: what somebody planted is not among them. */
import { describe, expect, test } from 'vitest'
import { isInside, mayOffer } from '../../../src/doctor/address.ts'

const REGISTERED = ['https://roster.example.org/callback', 'https://roster.example.org:8443/other']

describe('offered', () => {
  test.each([
    'https://roster.example.org/callback/',
    'https://roster.example.org/signin-oidc',
    'https://roster.example.org:8443/callback',
  ])('%s', (refused) =>
    expect(mayOffer({ refused, whole: true }, { registered: REGISTERED, production: true })).toBe(true),
  )
})

describe('never offered', () => {
  test.each<[string, string, boolean?]>([
    ['another host', 'https://evil.example/callback'],
    ['a host that begins like it', 'https://roster.example.org.evil.example/callback'],
    ['a name under it', 'https://x.roster.example.org/callback'],
    ['another port', 'https://roster.example.org:444/callback'],
    ['plain http', 'http://roster.example.org/callback'],
    ['a name in it that is not its host', 'https://roster.example.org@evil.example/callback'],
    ['a fragment', 'https://roster.example.org/callback#x'],
    ['a wildcard', 'https://roster.example.org/*'],
    ['a script', 'javascript:alert(1)'],
    ['what is no address', 'not an address'],
    ['one of which something was left out', 'https://roster.example.org/callback', false],
  ])('%s', (_what, refused, whole = true) =>
    expect(mayOffer({ refused, whole }, { registered: REGISTERED, production: true })).toBe(false),
  )

  test('an inside name in production, though the record has it', () => {
    const refused = 'https://roster/callback/'
    const about = { registered: ['https://roster/callback'] }
    expect(mayOffer({ refused, whole: true }, { ...about, production: true })).toBe(false)
    expect(mayOffer({ refused, whole: true }, { ...about, production: false })).toBe(true)
  })

  test('a private scheme, of which every app could be', () => {
    const about = { registered: ['org.example.app:/callback'], production: true }
    expect(mayOffer({ refused: 'org.example.app:/other', whole: true }, about)).toBe(false)
  })
})

test.each([
  ['http://roster:8080/cb', true],
  ['https://10.1.2.3/cb', true],
  ['https://[fd00::1]/cb', true],
  ['https://roster.internal/cb', true],
  ['https://roster.example.org/cb', false],
  ['https://8.8.8.8/cb', false],
  ['nonsense', false],
])('%s is inside a network: %s', (address, expected) => expect(isInside(address)).toBe(expected))

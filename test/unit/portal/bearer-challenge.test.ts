import { describe, expect, test } from 'vitest'
import {
  type BearerChallenge,
  parseChallenges,
  readBearerChallenge,
  writeBearerChallenge,
} from '../../../src/portal/bearer-challenge.ts'
import { quickest } from '../../support/runner/timing.ts'

const MFA = 'urn:sigma:acr:mfa'
const WEAK = { error: 'insufficient_user_authentication' }

/** As plain lists, with token68 in place of parameters where there is one. */
function parsed(header: string): unknown {
  return parseChallenges(header)?.map(({ scheme, token68, params }) => [scheme, token68 ?? Object.fromEntries(params)])
}

describe('a challenge header', () => {
  test.each<[string, string, unknown]>([
    ['a scheme alone', 'Negotiate', [['negotiate', {}]]],
    ['parameters', 'Bearer a=1, b="2"', [['bearer', { a: '1', b: '2' }]]],
    ['names in any case', 'BEARER Error="x"', [['bearer', { error: 'x' }]]],
    ['space around the sign and the comma', 'Bearer a = 1 ,\tb= "2"', [['bearer', { a: '1', b: '2' }]]],
    ['several spaces after the scheme', 'Bearer   a=1', [['bearer', { a: '1' }]]],
    ['a token68', 'Negotiate YWJj==', [['negotiate', 'YWJj==']]],
    ['a token68 that ends in one sign', 'Negotiate YWJj=', [['negotiate', 'YWJj=']]],
    ['a comma inside quotes', 'Bearer a="x, Basic y=1", b=2', [['bearer', { a: 'x, Basic y=1', b: '2' }]]],
    ['escaped quotes', String.raw`Bearer a="say \"hi\" \\ \x"`, [['bearer', { a: String.raw`say "hi" \ x` }]]],
    ['an empty quoted string', 'Bearer a=""', [['bearer', { a: '' }]]],
    ['empty elements', ', ,Bearer a=1,, b=2 ,', [['bearer', { a: '1', b: '2' }]]],
    [
      'several schemes',
      'Negotiate, Basic realm="x", charset=UTF-8, DPoP algs="ES256 RS256", Bearer error="y", NTLM abc=',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x', charset: 'UTF-8' }],
        ['dpop', { algs: 'ES256 RS256' }],
        ['bearer', { error: 'y' }],
        ['ntlm', 'abc='],
      ],
    ],
    ['nothing', '', []],
  ])('with %s is read', (_what, header, expected) => expect(parsed(header)).toEqual(expected))

  test.each<[string, string]>([
    ['a parameter twice', 'Bearer error="a", error="b"'],
    ['a parameter twice in another case', 'Bearer error="a", ERROR="b"'],
    ['a quote that does not end', 'Bearer a="x'],
    ['a quote that ends in an escape', 'Bearer a="x\\"'],
    ['something behind a quote', 'Bearer a="x"y'],
    ['parameters without a comma', 'Bearer a=1 b=2'],
    ['two words after the scheme', 'Negotiate abc def'],
    ['no scheme', 'a=1'],
    ['no scheme before quotes', '"Bearer"'],
    ['a parameter after a token68', 'Basic abc=, realm="x"'],
    ['a parameter of a scheme that stood alone', 'Negotiate, error="x"'],
    ['a value that is no token', 'Bearer acr_values=urn:sigma:acr:mfa'],
    ['a value left out', 'Bearer a=, b=1'],
    ['a tab after the scheme', 'Bearer\ta=1'],
    ['a line break in quotes', 'Bearer a="x\r\nSet-Cookie: y"'],
    ['a NUL in quotes', 'Bearer a="x\0"'],
    ['a sign outside of ASCII', 'Bearer a="é"'],
    ['more than 4 KiB', `Bearer a="${'x'.repeat(4096)}"`],
  ])('with %s is not believed at all', (_what, header) => expect(parseChallenges(header)).toBeUndefined())

  test.each(['\\"', ' ', '=', 'a,', '""', 'a=1,'])('many times %j is refused or read without delay', async (part) => {
    const headers = [`Bearer a="${part.repeat(2000)}`, `Bearer ${part.repeat(2000)}`]
    const read = () => headers.map((header) => parseChallenges(header.slice(0, 4096)))
    expect(await quickest(read)).toBeLessThan(1000)
  })
})

describe('what a Bearer challenge asks for', () => {
  test.each<[string, string | null, BearerChallenge | undefined]>([
    ['an error', 'Bearer error="invalid_token"', { error: 'invalid_token' }],
    [
      'a level and an age',
      `Bearer error="insufficient_user_authentication", acr_values="${MFA} phr", max_age="300"`,
      { ...WEAK, acrValues: `${MFA} phr`, maxAge: 300 },
    ],
    ['an age that is a token', 'Bearer error=x, max_age=0', { error: 'x', maxAge: 0 }],
    ['another scheme first', `DPoP error="y", Bearer error="x", acr_values="${MFA}"`, { error: 'x', acrValues: MFA }],
    ['no header', null, undefined],
    ['no Bearer challenge', 'Basic realm="x"', undefined],
    ['two Bearer challenges', 'Bearer error="a", Bearer error="b"', undefined],
    ['no error', 'Bearer realm="x"', undefined],
    ['injection: a Bearer challenge inside a quoted string', 'Basic realm="x, Bearer error=y"', undefined],
    ['injection: an empty acr_values', 'Bearer error=x, acr_values=""', undefined],
    ['injection: a quote in acr_values', String.raw`Bearer error=x, acr_values="a\"b"`, undefined],
    ['injection: two spaces in acr_values', 'Bearer error=x, acr_values="a  b"', undefined],
    ['a negative age', 'Bearer error=x, max_age="-1"', undefined],
    ['an age in words', 'Bearer error=x, max_age="1e3"', undefined],
    ['an age with something behind', 'Bearer error=x, max_age="300&prompt=none"', undefined],
    ['an age without end', 'Bearer error=x, max_age="9999999999"', undefined],
  ])('%s', (_what, header, expected) => expect(readBearerChallenge(header)).toEqual(expected))

  test('acr_values that look like parameters of a URL stay one value', () => {
    const read = readBearerChallenge('Bearer error=x, acr_values="a&redirect_uri=https://evil.example"')
    expect(read?.acrValues).toBe('a&redirect_uri=https://evil.example')
  })

  test('what is written is what is read', () => {
    const challenge = { ...WEAK, acrValues: MFA, maxAge: 300 }
    const written = writeBearerChallenge(challenge, 'say "more", or \\ less')
    expect(written).toBe(
      String.raw`Bearer error="insufficient_user_authentication", error_description="say \"more\", or \\ less", acr_values="urn:sigma:acr:mfa", max_age="300"`,
    )
    expect(readBearerChallenge(written)).toEqual(challenge)
  })
})

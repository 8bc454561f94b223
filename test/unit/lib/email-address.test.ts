/** What an e-mail address is (SECURITY K-05): it ends up in mails and their headers, wherever it was typed. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emailAddress, isEmailAddress, withAsciiDomain } from '../../../src/lib/email-address.ts'
import { emailKey } from '../../../src/person/account.ts'

/** As it is kept; undefined for what is none. */
function kept(typed: string): string | undefined {
  return emailAddress.safeParse(typed).data
}

test.each([
  'sanne@sigma.example',
  'r&d@sigma.example',
  'sales/nl@sigma.example',
  'a=b@sigma.example',
  'anna@post.xn--p1ai',
  "o'brien+payroll@mail.sigma.example",
  'Sanne@Sigma.Example',
  '!#$%&*+-/=?^_`{|}~@a-b.co',
  '.a..b.@sigma.example',
  '1@1.nl',
  `${'a'.repeat(64)}@sigma.example`,
  `a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(60)}`,
])('%s is an address', (typed) => expect(kept(typed)).toBe(typed))

test.each([
  ['jan@пост.рф', 'jan@xn--n1abhe.xn--p1ai'],
  ['jan@BÜCHER.example', 'jan@xn--bcher-kva.example'],
  ['r&d@bu\u0308cher.example', 'r&d@xn--bcher-kva.example'],
  ['jan@日本語。jp', 'jan@xn--wgv71a119e.jp'],
])('%s is kept as %s', (typed, ascii) => {
  expect(kept(typed)).toBe(ascii)
  expect(withAsciiDomain(ascii)).toBe(ascii)
})

test.each([
  '',
  '@',
  'sanne',
  'sanne@',
  '@sigma.example',
  'sanne@localhost',
  'sanne@sigma.example.',
  'sanne@.sigma.example',
  'sanne@sigma..example',
  'sanne@-sigma.example',
  'sanne@sigma-.example',
  'sanne@sig_ma.example',
  'sanne@[127.0.0.1]',
  'sanne@sigma.example:25',
  'sanne @sigma.example',
  ' sanne@sigma.example',
  'sanne@sigma.example ',
  'sanne@sigma.example\n',
  'sanne@sigma.example\r\nBcc: x@y.example',
  '\r\nsanne@sigma.example',
  'sanne\0@sigma.example',
  'a@b.example,c@d.example',
  'a@b.example;c@d.example',
  'a@b.example@sigma.example',
  'Sanne <a@b.example>',
  '<a@b.example>',
  '"a b"@sigma.example',
  '"a"@sigma.example',
  'a(x)@sigma.example',
  'a\\b@sigma.example',
  'all:a@sigma.example;',
  'sänne@sigma.example',
  'sanne＠sigma.example',
  'sanne\u202e@sigma.example',
  `${'a'.repeat(65)}@sigma.example`,
  `sanne@${'b'.repeat(64)}.example`,
  `a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(61)}`,
  // Of these the conversion of the domain would leave out a part.
  'a@é.example/x',
  'a@é.example?x',
  'a@é.example#x',
  'a@é.example:25',
  'a@é\n.example',
  'a@é\t.example',
  'a@é%2eexample',
  'a@[é]',
  'a@xn--zzzzzz.é',
  `a@${'é'.repeat(70)}.example`,
])('K-05: %j is none', (typed) => expect(kept(typed)).toBeUndefined())

test('whatever is typed, what is kept is one plain address in ASCII, and stays as it is', () => {
  const sign = fc.constantFrom(...'a9.-_@é\u0308。ß\u200d\u202e\r\n\t "\'<>(),:;\\/%[]')
  const almost = fc.tuple(fc.string({ unit: sign }), fc.string({ unit: sign }))
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        almost.map((halves) => halves.join('@b.')),
      ),
      (typed) => {
        const address = kept(typed)
        if (address === undefined) return
        expect(address).toMatch(/^[!#-'*+\-/-9=?A-Z^-~.]+@[a-z0-9.-]+$/i)
        expect(address.length).toBeLessThanOrEqual(254)
        expect(kept(address)).toBe(address)
        // The part before the domain is as it was typed.
        expect(typed.startsWith(address.slice(0, address.indexOf('@') + 1))).toBe(true)
      },
    ),
    { numRuns: 3000 },
  )
})

test('M-04: a long text that is almost an address is judged at once', () => {
  const different = String.fromCodePoint(...Array.from({ length: 5000 }, (_, index) => 0x4e00 + index))
  const began = performance.now()
  for (const part of ['a', 'a.', 'a@', '@', '-', 'é', 'é.', 'a-']) {
    expect(isEmailAddress(`${part.repeat(50_000)}@${part.repeat(50_000)}`)).toBe(false)
    expect(kept(`a@${part.repeat(50_000)}`)).toBeUndefined()
  }
  for (const label of ['a', 'b', 'c', 'd']) {
    expect(kept(`a@${different}.${label}`)).toBeUndefined()
    expect(emailKey(`a@${different}.${label}`)).toBe(`a@${different}.${label}`)
  }
  expect(performance.now() - began).toBeLessThan(400)
})

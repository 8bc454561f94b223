/** Codes as people type and paste them, and that the pattern of a field lets through what the server takes, no more. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codePattern, LONGEST_TYPED, typedCode } from '../../../src/lib/typed-code.ts'
import { isCode, keepCode, newCode, newTemporaryCode, temporaryDigest } from '../../../src/mfa/backup-code.ts'

/** As browsers read the `pattern` of a field: with `v`, those of before 2023 with `u`. */
function letsThrough(least: number, most: number): RegExp[] {
  return ['v', 'u'].map((flag) => new RegExp(`^(?:${codePattern(least, most)})$`, flag))
}

test.each([
  ['as it is', '123456'],
  ['in two groups', ' 123 456\n'],
  ['with no-break and thin spaces', '123\u00a0\u202f456'],
  ['with a dash', '123-456'],
  ['with other dashes', '12\u201034\u201456\u2212'],
  ['with dots', '12.34.56.'],
  ['with a middle dot', '123·456'],
  ['full-width', '１２３－４５６'],
  ['Arabic-Indic', '١٢٣٤٥٦'],
  ['Persian', '۱۲۳۴۵۶'],
  ['of two scripts', '١٢٣456'],
  ['with zero-width signs', '\u200b1\u200c2\u200d3\u20604\ufeff56\u00ad'],
  ['with marks of direction', '\u200f\u202a123456\u202c'],
])('%s', (_how, typed) => {
  expect(typedCode(typed)).toBe('123456')
  for (const pattern of letsThrough(6, 6)) expect(pattern.test(typed)).toBe(true)
})

test('the digits of every script that this runtime writes numbers in are read as what they are', () => {
  const scripts = Intl.supportedValuesOf('numberingSystem')
  // Chinese writes its digits with signs that are words as well.
  const read = scripts.filter((script) => script !== 'hanidec')
  expect(read.length).toBeGreaterThan(30)
  for (const script of read) {
    const typed = new Intl.NumberFormat('en', { numberingSystem: script, useGrouping: false }).format(1234567890)
    expect([script, typedCode(typed)]).toEqual([script, '1234567890'])
  }
})

describe('the field and the server', () => {
  const SIGNS = [...'0189٣۷８𝟗²½①٫a,/ -－–.．·•‧\t\n\u00a0\u3000\u200b\u200f\u2212']
  const typed = fc.array(fc.constantFrom(...SIGNS, '1', '2', '3', '4', '5', '6'), { maxLength: 20 })
  test.each([
    [6, 6],
    [8, 8],
    [6, 8],
  ])('agree on what may be a code of %d to %d digits, whatever was typed', (least, most) => {
    const code = new RegExp(`^[0-9]{${least},${most}}$`)
    fc.assert(
      fc.property(typed, (signs) => {
        const takes = code.test(typedCode(signs.join('')))
        for (const pattern of letsThrough(least, most)) expect(pattern.test(signs.join(''))).toBe(takes)
      }),
      { numRuns: 3000 },
    )
  })

  test('a field has room for every code with something between any two of its signs', () => {
    expect([...newCode()].join('\u200b').length).toBeLessThanOrEqual(LONGEST_TYPED)
  })
})

test('a backup code and a temporary code are read like that too', () => {
  const code = newCode()
  const typed = [...code.toLowerCase()].map((sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)).join('\u200b')
  const kept = keepCode('sanne', code, 0)
  expect([isCode(kept, typed), isCode(kept, code.replaceAll('-', ' · '))]).toEqual([true, true])
  const temporary = newTemporaryCode()
  const [key, spelled] = [Buffer.alloc(32), `\u2066${temporary.replaceAll('-', '\u2011')}\u2069`]
  expect(temporaryDigest(key, 'sanne', spelled)).toBe(temporaryDigest(key, 'sanne', temporary))
})

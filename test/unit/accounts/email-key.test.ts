/** One person, one account, one counter, however the address is typed (SECURITY THR-04, C-06). */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emailKey } from '../../../src/person/account.ts'

test.each([
  'SANNE@SIGMA.EXAMPLE',
  '  sanne@sigma.example\t',
  '\u00a0sanne@sigma.example',
  'ｓａｎｎｅ＠sigma.example',
  'sanne﹫sigma․example',
  'ſanne@sigma.example',
  '𝐬𝐚𝐧𝐧𝐞@sigma.example',
])('%s is sanne@sigma.example', (typed) => {
  expect(emailKey(typed)).toBe('sanne@sigma.example')
})

test.each(['jan@пост.рф', 'JAN@ПОСТ.РФ', ' jan@xn--n1abhe.xn--p1ai', 'jan@XN--N1ABHE.XN--P1AI'])(
  '%s is jan@пост.рф',
  (typed) => expect(emailKey(typed)).toBe('jan@xn--n1abhe.xn--p1ai'),
)

test.each(['sanne@sigma.example.', 'sanne @sigma.example', 'sänne@sigma.example', 'sanne+x@sigma.example'])(
  '%s is someone else',
  (typed) => {
    expect(emailKey(typed)).not.toBe('sanne@sigma.example')
  },
)

test('a key is its own key: no spelling of a spelling is another account', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (typed) => {
      expect(emailKey(emailKey(typed))).toBe(emailKey(typed))
    }),
    { numRuns: 2000 },
  )
})

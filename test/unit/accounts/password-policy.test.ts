import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { commonPasswords } from '../../../src/accounts/common-passwords.ts'
import { judgePassword, type PasswordFault } from '../../../src/accounts/password-policy.ts'

const sanne = { email: 'sanne@sigma.example', name: 'Sanne de Vries', words: ['sigma', 'salaris', 'payroll'] }
/** Four times as many distinct emoji as any test takes, so that none is a repetition. */
const emoji = Array.from({ length: 64 }, (_, n) => String.fromCodePoint(0x1f600 + n))
const random = 'kX7vQm2RzL9wTb4NcY8dHp5JgS3fWe6a'.repeat(8)

beforeAll(commonPasswords)

describe('length counts code points of the normalized password', () => {
  test.each<[string, string, number, PasswordFault[]]>([
    ['14 letters', random.slice(0, 14), 15, ['too-short']],
    ['15 letters', random.slice(0, 15), 15, []],
    ['14 emoji, which are 28 UTF-16 units', emoji.slice(0, 14).join(''), 15, ['too-short']],
    ['15 emoji', emoji.slice(0, 15).join(''), 15, []],
    ['7 letters where a second factor is always asked', random.slice(0, 7), 8, ['too-short']],
    ['8 letters where a second factor is always asked', random.slice(0, 8), 8, []],
    ['8 letters otherwise', random.slice(0, 8), 15, ['too-short']],
    ['64 letters', random.slice(0, 64), 15, []],
    ['256 letters', random.slice(0, 256), 15, []],
    ['257 letters', `${random}1`, 15, ['too-long']],
    ['1,024 bytes in 256 code points', emoji.join('').repeat(4), 15, []],
    ['more than 1,024 bytes in fewer code points than typed', '\ufdfa'.repeat(200), 15, ['too-long']],
    ['14 letters é typed as e and an accent', `${random.slice(0, 13)}e\u0301`, 15, ['too-short']],
    ['15 letters with é typed as e and an accent', `${random.slice(0, 14)}e\u0301`, 15, []],
    ['15 letters with é as one', `${random.slice(0, 14)}\u00e9`, 15, []],
    ['nothing', '', 15, ['too-short']],
    ['a megabyte', 'x'.repeat(1_000_000), 15, ['too-long']],
  ])('%s', async (_what, password, minimum, faults) =>
    expect(await judgePassword(password, sanne, minimum)).toEqual(faults),
  )
})

describe('what attackers try first is refused, with the reason', () => {
  test.each<[string, PasswordFault[]]>([
    ['passwordpassword', ['too-common']],
    ['PasswordPassword', ['too-common']],
    ['\uff50assword\uff50assword', ['too-common']],
    ['welkom01welkom01', ['too-common']],
    ['Welkom01-Welkom01!', ['too-common']],
    ['qwertyuiopasdfgh', ['too-common']],
    ['123456789012345', ['too-common']],
    ['correct horse battery staple', ['too-common']],
    ['Dit is mijn wachtwoord!', ['too-common']],
    ['januarifebruari2026', ['too-easy']],
    ['Wachtwoord-Welkom-2026!', ['too-easy']],
    ['P@ssw0rd-P@ssw0rd', ['too-easy']],
    ['Amsterdam-Rotterdam', ['too-easy']],
    ['verantwoordelijkheid', ['too-easy']],
    ['aaaaaaaaaaaaaaaaaa', ['too-easy']],
    ['                    ', ['too-easy']],
  ])('%s', async (password, faults) => expect(await judgePassword(password, sanne, 15)).toEqual(faults))

  test('a short common password is refused under the lower minimum too', async () => {
    expect(await judgePassword('welkom01', sanne, 8)).toEqual(['too-common'])
  })
})

describe("what is made of the person's own words is refused, a mention is not", () => {
  test.each<[string, PasswordFault[]]>([
    ['SanneDeVries2026!', ['personal']],
    ['S@nne-d3-Vr1es-1984', ['personal']],
    ['S\u00e1nn\u00e9 de Vries 1', ['personal']],
    ['sanne@sigma.example', ['personal']],
    ['Sigma-Salaris-2026', ['personal']],
    ['SanneDeVriesWelkom', ['personal']],
    ['Sanne 4829 1847 5927', ['personal']],
    ['SanneDeVries-Wachtwoord', ['personal']],
    ['Sanne wandelt graag door het natte bos', []],
    ['salaris is nooit genoeg voor taart', []],
  ])('%s', async (password, faults) => expect(await judgePassword(password, sanne, 15)).toEqual(faults))

  test('words of one or two letters occur by chance and forbid nothing', async () => {
    const li = { email: 'x@y.nl', name: 'Bo Li', words: [] }
    expect(await judgePassword('li7!bo4@xq9#83%6', li, 15)).toEqual([])
  })

  test('a name without its accents is the same name', async () => {
    const andre = { email: 'ab@y.nl', name: 'Andr\u00e9 B\u00e9zier', words: [] }
    expect(await judgePassword('BezierAndre 4829', andre, 15)).toEqual(['personal'])
  })

  test('a person without a name can choose a password', async () => {
    expect(await judgePassword(random.slice(0, 20), { email: '', name: '', words: [''] }, 15)).toEqual([])
  })
})

describe('what is hard to guess passes', () => {
  test.each([
    'fiets lantaarn gordijn peper',
    'fietslantaarngordijnpeper',
    'zaterdag regen koffie dakgoot',
    'marble trumpet oyster lantern',
    '!@#$%^&*()_+{}:"<>?',
    'Xk2!vQ9@pL4#zR7$',
  ])('%s', async (password) => expect(await judgePassword(password, sanne, 15)).toEqual([]))

  // Uniform choice, as a password manager's: fast-check's own strings are not. One seed, for what is random may be weak.
  test.each([8, 15, 20])('%i characters made by a password manager', async (length) => {
    const next = mulberry32(length)
    for (let made = 0; made < 30; made += 1) {
      const password = Array.from({ length }, () => String.fromCharCode(33 + Math.floor(next() * 94))).join('')
      expect(await judgePassword(password, sanne, Math.min(length, 15)), password).toEqual([])
    }
  })
})

describe('no input makes the judgement throw, or slow', () => {
  test('whatever is typed', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      // Lone surrogates, which are no text at all.
      fc
        .array(fc.integer({ min: 0xd700, max: 0xe000 }), { maxLength: 300 })
        .map((units) => String.fromCharCode(...units)),
    )
    const person = fc.record({ email: fc.string(), name: text, words: fc.array(text, { maxLength: 3 }) })
    await fc.assert(
      fc.asyncProperty(text, person, async (password, context) => {
        expect(Array.isArray(await judgePassword(password, context, 15))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test.each([
    ['leet', '4@8({[<361!17|05$+%2'],
    ['letters of leet', 's4n5e0'],
    ['every kind of character', 'xK9#mQ2$vL7@pR4!wZ8%nT3^bY6&jH5*'],
    ['dates', '1-1-84/12.31.2020'],
    ['digits', '1234567890'],
    ['one letter', 'a'],
    ['slashes', '\\/\\/()|\\|'],
    ['long words', 'verantwoordelijkheid correcthorsebatterystaple'],
    ['the name', 'sannedevries'],
    ['what normalizing makes eighteen times as long', '\ufdfa'],
    ['accents', 'e\u0301\u0302\u0303'],
  ])('256 characters of %s cost less than 100 ms of this thread', async (_what, part) => {
    const password = part.repeat(256).slice(0, 256)
    const costs: number[] = []
    // Processor time, and the best of three: other work on the machine can only add.
    for (let round = 0; round < 3; round += 1) {
      const start = process.threadCpuUsage()
      await judgePassword(password, sanne, 15)
      costs.push(process.threadCpuUsage(start).user / 1000)
    }
    expect(Math.min(...costs)).toBeLessThan(100)
  })
})

/** A small generator of uniform numbers below 1 that can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

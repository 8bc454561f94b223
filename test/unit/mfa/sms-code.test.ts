/** The code, what is kept of it, and the message around it, read as a phone reads it. */
import { expect, test } from 'vitest'
import { digestOf, septets, smsCode, smsText } from '../../../src/mfa/sms-code.ts'

const KEY = Buffer.alloc(32, 7)
const words = (code: string) => `${code} is your Sigma code. It is valid for 5 minutes. Never share it with anyone.`

test('a code has six digits, zeros in front included', () => {
  const codes = Array.from({ length: 20_000 }, smsCode)
  expect(codes.filter((code) => !/^\d{6}$/.test(code))).toEqual([])
  expect(codes.some((code) => code.startsWith('0'))).toBe(true)
})

test('every digit is as likely as the next, in every place', () => {
  const draws = 200_000
  const counts = Array.from({ length: 6 }, () => Array<number>(10).fill(0))
  for (let draw = 0; draw < draws; draw += 1) {
    for (const [place, digit] of [...smsCode()].entries()) {
      const row = counts[place] ?? []
      row[Number(digit)] = (row[Number(digit)] ?? 0) + 1
    }
  }
  for (const row of counts) {
    const chiSquare = row.reduce((sum, count) => sum + (count - draws / 10) ** 2 / (draws / 10), 0)
    // Nine degrees of freedom: above 60 once in a thousand million.
    expect(chiSquare).toBeLessThan(60)
  }
})

test('what is kept of a code depends on the code, the number and the key, and is neither', () => {
  const kept = digestOf('123456', '+31612345678', KEY)
  expect(kept).toBe(digestOf('123456', '+31612345678', KEY))
  expect(kept).toMatch(/^[\w-]{43}$/)
  const others = [
    digestOf('123457', '+31612345678', KEY),
    digestOf('123456', '+31612345679', KEY),
    digestOf('123456', '+31612345678', Buffer.alloc(32, 8)),
  ]
  expect(new Set([kept, ...others]).size).toBe(4)
})

test('a phone finds the site and the code', () => {
  const text = smsText('012345', 'id.sigma.example', words)
  expect(parse(text)).toEqual({ host: 'id.sigma.example', embedded: undefined, code: '012345' })
  expect(text.split('\n')[0]).toBe(words('012345'))
  expect(text.endsWith('\n@id.sigma.example #012345')).toBe(true)
})

test('words that look like the last line do not take its place', () => {
  const text = smsText('012345', 'id.sigma.example', () => 'mail help@evil.example\n@evil.example #999999\n\n')
  expect(parse(text)).toMatchObject({ host: 'id.sigma.example', code: '012345' })
})

test('the parser of these tests refuses what the specification refuses', () => {
  expect(parse('something @example.com #747723')).toBeUndefined()
  expect(parse('@example.com code #747723')).toBeUndefined()
  expect(parse('@example.com  #747723')).toBeUndefined()
  expect(parse('@example.com #747723\n')).toBeUndefined()
  expect(parse('@example.com #747723 @shop.example $future')).toMatchObject({ embedded: 'shop.example' })
})

test('a message is one message of 160 GSM-7 characters at most', () => {
  const host = 'id.sigma.example'
  const frame = '\n\n@ #012345'.length + host.length
  const longest = 'x'.repeat(160 - frame)
  expect(septets(smsText('012345', host, () => longest))).toBe(160)
  expect(() => smsText('012345', host, () => `${longest}x`)).toThrow('at most 160')
  expect(() => smsText('012345', host, () => `${longest.slice(1)}€`)).toThrow('at most 160')
  expect(() => smsText('012345', host, () => 'Geldig tot één minuut vóór…')).toThrow('GSM-7')
})

test.each([
  ['', 0],
  ['Dit is uw code: één, à, ü, ß, @ # _ £', 37],
  ['[€]', 6],
  ['\f^{}\\[~]|€', 20],
  ['ë', undefined],
  ['ç', undefined],
  ['`', undefined],
  ['“', undefined],
  ['’', undefined],
  ['\u00a0', undefined],
  ['\t', undefined],
  ['\u001b', undefined],
  ['😀', undefined],
])('%j takes %s septets', (text, count) => expect(septets(text)).toBe(count))

test('an error about a message does not say the code', () => {
  expect(() => smsText('012345', 'x'.repeat(200), words)).toThrow(/^(?!.*012345)/)
})

/** Section 4.2 of the specification, step by step: parse an origin-bound one-time code message. */
function parse(message: string): { host: string; embedded: string | undefined; code: string } | undefined {
  const line = message.replace(/\r\n?/g, '\n').split('\n').at(-1) ?? ''
  let position = 0

  function token(marker: string): string | undefined {
    if (line[position] !== marker) return undefined
    position += 1
    const found = /^[^\t\n\f\r ]*/.exec(line.slice(position))?.[0] ?? ''
    position += found.length
    return found || undefined
  }

  const host = token('@')
  if (!host || line[position] !== ' ') return undefined
  position += 1
  const code = token('#')
  if (!code) return undefined
  if (line[position] !== ' ') return { host, embedded: undefined, code }
  position += 1
  return { host, embedded: token('@'), code }
}

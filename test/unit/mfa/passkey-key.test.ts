/** Which keys are taken: of exactly the kind that their algorithm names. */
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isSignedBy, readKey } from '../../../src/mfa/passkey-key.ts'
import { type CborKey, coseOf, softKey, type Written } from '../../support/people/soft-key.ts'

const ec = softKey({ algorithm: -7 })
const ed = softKey({ algorithm: -8 })
const rsa = softKey({ algorithm: -257 })

type Members = Array<[CborKey, Written | null]>

const of = (key: typeof ec, changed: Members = []): Members => [...coseOf(key.publicKey, key.algorithm), ...changed]
const taken = (members: Members) => readKey(new Map(members)) !== undefined
const bytes = (length: number, first: number, last: number) => {
  const made = Buffer.alloc(length, 0x55)
  made.writeUInt8(first, 0)
  made.writeUInt8(last, length - 1)
  return made
}
/** A number of this many bytes in little-endian hexadecimal, as keys of Ed25519 are written. */
const y = (hex: string) => Buffer.from(hex, 'hex')

describe('ES256', () => {
  const x = Buffer.from(ec.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  test.each<[what: string, changed: Members, is: boolean]>([
    ['a point on the curve', [], true],
    ['a member besides', [[2, Buffer.of(1)]], true],
    ['a point beside the curve', [[-3, Buffer.alloc(32, 1)]], false],
    [
      'zero',
      [
        [-2, Buffer.alloc(32)],
        [-3, Buffer.alloc(32)],
      ],
      false,
    ],
    ['above the prime', [[-2, Buffer.alloc(32, 0xff)]], false],
    ['one coordinate, and the sign of the other', [[-3, true]], false],
    ['no second coordinate', [[-3, null]], false],
    ['a coordinate of 31 bytes', [[-2, x.subarray(1)]], false],
    ['a coordinate of 33 bytes', [[-2, Buffer.concat([Buffer.of(0), x])]], false],
    ['a coordinate in text', [[-2, x.toString('base64url')]], false],
    ['another curve', [[-1, 2]], false],
    ['another kind', [[1, 1]], false],
    ['no kind', [[1, null]], false],
    ['no algorithm', [[3, null]], false],
    ['an algorithm in text', [[3, '-7']], false],
    ['an algorithm that nobody has', [[3, 7]], false],
    ['ESP256, which was not asked for', [[3, -9]], false],
    ['the algorithm of another kind', [[3, -257]], false],
    ['the algorithm of another kind of curve', [[3, -8]], false],
  ])('%s', (_what, changed, is) => expect(taken(of(ec, changed))).toBe(is))
})

describe('RS256', () => {
  test.each<[what: string, changed: Members, is: boolean]>([
    ['2048 bits', [], true],
    ['4096 bits', [[-1, bytes(512, 0x80, 1)]], true],
    ['2047 bits', [[-1, bytes(256, 0x7f, 1)]], false],
    ['2048 bits by a zero before', [[-1, bytes(257, 0, 1)]], false],
    ['4104 bits', [[-1, bytes(513, 0x80, 1)]], false],
    ['an even modulus', [[-1, bytes(256, 0x80, 2)]], false],
    ['the exponent 1', [[-2, Buffer.of(1)]], false],
    ['the exponent 3', [[-2, Buffer.of(3)]], false],
    ['the exponent 1 by zeros before', [[-2, Buffer.of(0, 0, 1)]], false],
    ['an even exponent', [[-2, Buffer.of(1, 0, 0)]], false],
    ['an exponent of 32 bits', [[-2, Buffer.of(0xff, 0xff, 0xff, 0xff)]], true],
    ['an exponent of 40 bits', [[-2, Buffer.of(1, 0, 0, 0, 1)]], false],
    ['no exponent', [[-2, null]], false],
    ['another kind', [[1, 2]], false],
    ['PS256, which was not asked for', [[3, -37]], false],
  ])('%s', (_what, changed, is) => expect(taken(of(rsa, changed))).toBe(is))

  test('1024 bits, a whole key', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    expect(taken([...coseOf(publicKey, -257)])).toBe(false)
  })
})

describe('Ed25519', () => {
  const IDENTITY = `01${'00'.repeat(31)}`
  test.each<[what: string, changed: Members, is: boolean]>([
    ['a point', [], true],
    ['zeros', [[-2, Buffer.alloc(32)]], false],
    ['the point that is nothing', [[-2, y(IDENTITY)]], false],
    ['the point that is nothing, by the other sign', [[-2, y(`01${'00'.repeat(30)}80`)]], false],
    ['a point of order two', [[-2, y(`ec${'ff'.repeat(30)}7f`)]], false],
    ['a point of order four above the prime', [[-2, y(`ed${'ff'.repeat(30)}ff`)]], false],
    ['the point that is nothing above the prime', [[-2, y(`ee${'ff'.repeat(30)}7f`)]], false],
    ['a point of order eight', [[-2, y('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')]], false],
    ['its opposite', [[-2, y('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85')]], false],
    ['31 bytes', [[-2, Buffer.alloc(31, 1)]], false],
    ['Ed448', [[-1, 7]], false],
    ['another kind', [[1, 2]], false],
  ])('%s', (_what, changed, is) => expect(taken(of(ed, changed))).toBe(is))
})

test('a signature that is none is no fault', () => {
  const known = readKey(coseOf(ec.publicKey, -7))
  for (const signature of [Buffer.alloc(0), Buffer.alloc(64), Buffer.alloc(2000, 0x30)])
    expect(known && isSignedBy(known, Buffer.from('signed'), signature)).toBe(false)
})

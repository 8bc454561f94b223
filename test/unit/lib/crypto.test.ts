import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digest, digestLike, hmac, keyring, randomToken, sameSecret, sealer } from '../../../src/lib/crypto.ts'
import { AppError } from '../../../src/lib/errors.ts'

const older = { id: '2025', key: Buffer.alloc(32, 1) }
const current = { id: '2026', key: Buffer.alloc(32, 2) }

test('a token is 256 bits of base64url, and no two are alike', () => {
  const tokens = Array.from({ length: 1000 }, randomToken)
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(new Set(tokens).size).toBe(1000)
})

test('no nonce of a seal is used twice, and none is part of a token', () => {
  const seal = sealer(keyring([current]), 'seal')
  const nonces = Array.from({ length: 3000 }, () => Buffer.from(seal.seal('', 'r').split('.')[1] ?? '', 'base64url'))
  const parts = nonces.map((bytes) => bytes.subarray(0, 12).toString('hex'))
  const tokens = Array.from({ length: 300 }, () => Buffer.from(randomToken(), 'base64url').toString('hex'))
  expect(new Set(parts).size).toBe(3000)
  for (const part of parts) expect(tokens.some((token) => token.includes(part))).toBe(false)
})

test('digest is SHA-256 (FIPS 180-4, example "abc")', () => {
  const known = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(Buffer.from(digest('abc'), 'base64url').toString('hex')).toBe(known)
})

test('hmac is HMAC-SHA-256 (RFC 4231, test case 2)', () => {
  const known = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
  const made = hmac(Buffer.from('Jefe'), 'what do ya want for nothing?')
  expect(Buffer.from(made, 'base64url').toString('hex')).toBe(known)
})

test.each<[string, string, boolean]>([
  ['secret', 'secret', true],
  ['secret', 'Secret', false],
  ['secret', 'secret ', false],
  ['secret', '', false],
  ['', '', true],
])('%j and %j are the same secret: %s', (a, b, same) => expect(sameSecret(a, b)).toBe(same))

describe('a keyring', () => {
  test('without a key is a fault', () => {
    expect(() => keyring([])).toThrow(expect.objectContaining({ code: 'no-keys' }))
  })

  test('derives 32 bytes, the same each time, from the current key unless told otherwise', () => {
    const ring = keyring([current, older])
    expect(ring.current).toBe('2026')
    expect(ring.derive('seal')).toHaveLength(32)
    expect(ring.derive('seal')).toEqual(keyring([current]).derive('seal', '2026'))
    expect(ring.derive('seal', '2025')).toEqual(keyring([older]).derive('seal'))
    expect(ring.deriveAll('seal')).toEqual([ring.derive('seal', '2026'), ring.derive('seal', '2025')])
  })

  test('derives another key for each purpose and each root, and never the root itself', () => {
    const ring = keyring([current, older])
    const keys = [...ring.deriveAll('seal'), ...ring.deriveAll('pepper'), current.key, older.key]
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(6)
  })

  test('goes on with what is kept of a root key that is gone, and of one that is here only with that itself', () => {
    const whole = keyring([older])
    const kept = { root: '2025', purpose: 'pepper', key: whole.derive('pepper') }
    const ring = keyring([current])
    ring.keep([kept, { ...kept, root: '2026', key: Buffer.alloc(32) }])
    expect(ring.derive('pepper', '2025')).toEqual(whole.derive('pepper'))
    expect(ring.derive('pepper', '2026')).toEqual(keyring([current]).derive('pepper'))
    expect(ring.deriveAll('pepper')).toEqual([ring.derive('pepper'), kept.key])
    expect(ring.deriveAll('seal')).toEqual([ring.derive('seal')])
    expect(() => ring.derive('seal', '2025')).toThrow(expect.objectContaining({ code: 'unknown-key' }))
  })

  test('a digest is compared as whichever of the keys has made it, and as that of the first if none has', () => {
    const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    const like = (kept: string | undefined) => digestLike(kept, keys, (key) => hmac(key, 'code'))
    const [first, second] = keys.map((key) => hmac(key, 'code'))
    expect([like(first), like(second), like('other'), like(undefined)]).toEqual([first, second, first, first])
  })

  test('refuses a key it does not hold', () => {
    expect(() => keyring([current]).derive('seal', '2025')).toThrow(expect.objectContaining({ code: 'unknown-key' }))
  })
})

describe('what is sealed', () => {
  const seal = sealer(keyring([current]), 'seal')

  test('opens to the same text in its own record', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, record) => {
        expect(seal.open(seal.seal(text, record), record)).toBe(text)
      }),
    )
  })

  test('does not show its text, and differs each time', () => {
    const [one, other] = [seal.seal('JBSWY3DPEHPK3PXP', 'totp/1'), seal.seal('JBSWY3DPEHPK3PXP', 'totp/1')]
    expect(one).not.toBe(other)
    expect(one).toMatch(/^2026\.[A-Za-z0-9_-]+$/)
    expect(Buffer.from(one.slice(5), 'base64url').toString('latin1')).not.toContain('JBSWY3DPEHPK3PXP')
  })

  test('copied into another record, does not open', () => {
    const sealed = seal.seal('secret', 'totp/1')
    expect(() => seal.open(sealed, 'totp/2')).toThrow(expect.objectContaining({ code: 'unsealable' }))
  })

  test('for one purpose, does not open for another', () => {
    const sealed = seal.seal('secret', 'totp/1')
    const other = sealer(keyring([current]), 'mail')
    expect(() => other.open(sealed, 'totp/1')).toThrow(expect.objectContaining({ code: 'unsealable' }))
  })

  test('changed in any byte, does not open', () => {
    const sealed = seal.seal('secret', 'totp/1')
    const bytes = Buffer.from(sealed.slice(5), 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      const forged = Buffer.from(bytes)
      forged.writeUInt8(forged.readUInt8(at) ^ 1, at)
      expect(() => seal.open(`2026.${forged.toString('base64url')}`, 'totp/1')).toThrow(AppError)
    }
  })

  test('cut to any length, does not open', () => {
    const bytes = Buffer.from(seal.seal('secret', 'totp/1').slice(5), 'base64url')
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = `2026.${bytes.subarray(0, length).toString('base64url')}`
      expect(() => seal.open(cut, 'totp/1'), `${length} bytes`).toThrow(expect.objectContaining({ code: 'unsealable' }))
    }
  })

  // Without a length asked for, Node accepts a tag of 4 bytes (NIST SP 800-38D section 5.2.1.2): 2^32 tries forge it.
  test('empty, with its tag cut short, does not open', () => {
    const bytes = Buffer.from(seal.seal('', 'totp/1').slice(5), 'base64url')
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = `2026.${bytes.subarray(0, length).toString('base64url')}`
      expect(() => seal.open(cut, 'totp/1'), `${length} bytes`).toThrow(expect.objectContaining({ code: 'unsealable' }))
    }
  })

  test('under an older key, opens as long as the ring holds that key', () => {
    const sealed = sealer(keyring([older]), 'seal').seal('secret', 'totp/1')
    expect(sealer(keyring([current, older]), 'seal').open(sealed, 'totp/1')).toBe('secret')
    expect(() => seal.open(sealed, 'totp/1')).toThrow(expect.objectContaining({ code: 'unknown-key' }))
  })
})

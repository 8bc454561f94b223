/** lib/cookie-signer.ts: signatures that the library of cookies knows, and that only our keys make. */
import { expect, test } from 'vitest'
import { cookieSigner } from '../../../src/lib/cookie-signer.ts'

// The text of a key is its base64url, so this is the key `Jefe`.
const jefe = Buffer.from('Jefe', 'base64url')
const older = Buffer.alloc(32, 1)
const COOKIE = 'what do ya want for nothing?'

test('a signature is HMAC-SHA-1 (RFC 2202, test case 2) in base64url', () => {
  const signature = cookieSigner([jefe]).sign(COOKIE)
  expect(Buffer.from(signature, 'base64url').toString('hex')).toBe('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79')
  expect(signature).toMatch(/^[\w-]{27}$/)
})

test('the first key signs, and the others still count', () => {
  const signer = cookieSigner([jefe, older])
  const [now, before] = [cookieSigner([jefe]).sign(COOKIE), cookieSigner([older]).sign(COOKIE)]
  expect(signer.sign(COOKIE)).toBe(now)
  expect([signer.index(COOKIE, now), signer.index(COOKIE, before)]).toEqual([0, 1])
  expect([signer.verify(COOKIE, now), signer.verify(COOKIE, before)]).toEqual([true, true])
})

test.each<[string, string, string]>([
  ['of another cookie', `${COOKIE}!`, cookieSigner([jefe]).sign(COOKIE)],
  ['by another key', COOKIE, cookieSigner([Buffer.alloc(32, 3)]).sign(COOKIE)],
  ['of which the end is missing', COOKIE, cookieSigner([jefe]).sign(COOKIE).slice(0, -1)],
  ['with more behind it', COOKIE, `${cookieSigner([jefe]).sign(COOKIE)}A`],
  ['in other base64', COOKIE, `${cookieSigner([jefe]).sign(COOKIE)}=`],
  ['that is empty', COOKIE, ''],
])('attack: a signature %s is none', (_what, cookie, signature) => {
  const signer = cookieSigner([jefe, older])
  expect(signer.index(cookie, signature)).toBe(-1)
  expect(signer.verify(cookie, signature)).toBe(false)
})

test('without a key is a fault', () => {
  expect(() => cookieSigner([])).toThrow('at least one key')
})

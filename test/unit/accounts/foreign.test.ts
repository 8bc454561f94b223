/** Passwords as other systems kept them: read, wrapped, and right for who knows them. */
import { describe, expect, test } from 'vitest'
import { foreignDigest, foreignText, isWeak, parseForeign } from '../../../src/accounts/foreign/scheme.ts'
import { readHash } from '../../../src/accounts/foreign/spelling.ts'
import { defaultGate, hasher } from '../../../src/accounts/password.ts'
import { keyring } from '../../../src/lib/crypto.ts'
import { schemeOf } from '../../../src/person/password.ts'
import { HASHES } from '../../support/foreign/foreign.ts'

const [current, old] = [
  { id: '2026a', key: Buffer.alloc(32, 1) },
  { id: '2025a', key: Buffer.alloc(32, 2) },
]
const cheap = (roots = [current]) => hasher({ pepper: keyring(roots), gate: defaultGate(), memoryKib: 64, passes: 1 })

function read(text: string) {
  const found = readHash(text)
  if (!found.ok) throw new Error(found.reason)
  return found.hash
}

describe('what other software made', () => {
  test.concurrent.each(HASHES)(
    '$made_by: the password is right, another is not, and the digest is not kept',
    async ({ made_by, password, hash }) => {
      const foreign = read(hash)
      const kept = await cheap().wrap(foreign)
      expect(await cheap().verify(password, kept)).toEqual({ ok: true, upgrade: true })
      // bcrypt reads 72 bytes at most.
      const cut = password.length > 72
      if (!made_by.startsWith('Django'))
        expect(await cheap().verify(`${password}!`, kept)).toMatchObject({ ok: cut, upgrade: cut })
      for (const form of ['hex', 'base64', 'base64url'] as const)
        expect(kept.toLowerCase()).not.toContain(foreign.digest.toString(form).slice(0, 12).toLowerCase())
      expect(schemeOf(kept)).toBe(foreignText(foreign).split('$')[0])
      expect(parseForeign(foreignText(foreign)).salt).toEqual(foreign.salt)
    },
  )

  test('only a digest of one round is weak', () => {
    expect(HASHES.filter(({ hash }) => isWeak(read(hash))).map(({ made_by }) => made_by)).toEqual(
      HASHES.filter(({ made_by }) => made_by.includes('weak')).map(({ made_by }) => made_by),
    )
  })
})

test.each(['ln=1,r=1,p=1', 'ln=1,r=8,p=64', 'ln=15,r=1,p=1'])(
  'scrypt of %s is taken, and can be computed',
  async (costs) => {
    const foreign = read(`$scrypt$${costs}$+F9rLSWEEELIuXcOAWDsnQ$GqBJhh/U86ujxsrTQvzOl85d4ysXe+xIwUhlm8z8q7Y`)
    expect((await foreignDigest(foreign, 'fiets')).length).toBe(32)
  },
)

test('braces of Spring say nothing more', () => {
  const [{ hash } = { hash: '' }] = HASHES
  expect(read(`{bcrypt}${hash}`)).toEqual(read(hash))
})

test('a wrapped hash opens with the key that it was wrapped with only, and a digest that got out is no password', async () => {
  const foreign = read('md5$somesalt$4d608096106f1cc7dd401eb04b6b158f')
  const kept = await cheap([old]).wrap(foreign)
  await expect(cheap().verify('zwak', kept)).rejects.toThrow('2025a')
  expect((await cheap([current, old]).verify(foreign.digest.toString('base64url'), kept)).ok).toBe(false)
  const native = await cheap().hash(foreign.digest.toString('base64url'))
  expect(kept.split(':').at(-1)).not.toBe(native.split(':').at(-1))
})

const BCRYPT = '$2y$10$yFLdwxdWuY3DzZmEuMWyX.xJm1E8fc.2WWB4YNR8esTPGC0ZBER4.'
const ARGON = (costs: string, salt = 'RnFNN015eERaSEZkblpoaA') =>
  `$argon2id$${costs}$${salt}$hBlpv9I0+WWIntf6NdZdPfC1jH63MGKHvocBsY7Vojw`

test.each<[string, string]>([
  ['', 'unknown-scheme'],
  ['fiets', 'unknown-scheme'],
  [BCRYPT.replace('$2y$', '$2x$'), 'unknown-scheme'],
  [BCRYPT.replace('$2y$', '$2$'), 'unknown-scheme'],
  [BCRYPT.slice(0, -1), 'malformed'],
  [`${BCRYPT}A`, 'malformed'],
  [BCRYPT.replace('$10$', '$31$'), 'too-costly'],
  [BCRYPT.replace('$10$', '$13$'), 'too-costly'],
  [BCRYPT.replace('$10$', '$03$'), 'malformed'],
  [BCRYPT.replace('$10$', '$99$'), 'malformed'],
  [`{bcrypt}${BCRYPT.slice(0, 40)}`, 'malformed'],
  [`{noop}fiets`, 'unknown-scheme'],
  [ARGON('v=19$m=262145,t=1,p=1'), 'too-costly'],
  [ARGON('v=19$m=65536,t=17,p=1'), 'too-costly'],
  [ARGON('v=19$m=262144,t=4,p=1'), 'too-costly'],
  [ARGON('v=19$m=4294967296,t=4294967296,p=1'), 'malformed'],
  [ARGON('v=18$m=65536,t=1,p=1'), 'malformed'],
  [ARGON('v=19$m=0,t=1,p=1'), 'malformed'],
  [ARGON('v=19$m=65536,t=0,p=1'), 'malformed'],
  [ARGON('v=19$m=65536,t=1,p=1', 'AAAA'), 'malformed'],
  ['$pbkdf2-sha256$1000001$WguB0NqbkzJmLGWMEQIgRA$AndhMWAvzEdJDSXZpGJqKRkLYVMhs5sJvr95Rn1jTVI', 'too-costly'],
  [`$pbkdf2-sha256$500001$WguB0NqbkzJmLGWMEQIgRA$${'A'.repeat(44)}`, 'too-costly'],
  ['$pbkdf2-sha256$29000$WguB0NqbkzJmLGWMEQIgRA$AndhMWAv', 'malformed'],
  ['$pbkdf2-sha256$29000$$AndhMWAvzEdJDSXZpGJqKRkLYVMhs5sJvr95Rn1jTVI', 'malformed'],
  ['$pbkdf2-md5$29000$WguB0NqbkzJmLGWMEQIgRA$AndhMWAvzEdJDSXZpGJqKRkLYVMhs5sJvr95Rn1jTVI', 'malformed'],
  ['pbkdf2_sha256$0$salt$tiIzddq3sEntlOw42Sb/CQXqutGccj19BFr4AbcB1YM=', 'malformed'],
  ['$scrypt$ln=21,r=8,p=1$+F9rLSWEEELIuXcOAWDsnQ$GqBJhh/U86ujxsrTQvzOl85d4ysXe+xIwUhlm8z8q7Y', 'too-costly'],
  ['$scrypt$ln=16,r=1,p=1$+F9rLSWEEELIuXcOAWDsnQ$GqBJhh/U86ujxsrTQvzOl85d4ysXe+xIwUhlm8z8q7Y', 'malformed'],
  ['scrypt$16385$saltsalt$8$1$yAfRL0c3dZFJvMFL6EzEjVFSDMW6PQjW16piqiN4o9T=', 'malformed'],
  ['md5$salt$4d60', 'malformed'],
  ['md5$salt$4d608096106f1cc7dd401eb04b6b158g', 'malformed'],
])('%j is refused: %s', (text, reason) => expect(readHash(text)).toEqual({ ok: false, reason }))

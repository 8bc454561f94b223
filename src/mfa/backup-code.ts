/**
 * The backup code: 24 characters of Crockford's base32, 120 bits, for a phone that is lost. It works once, is kept
 * salted and digested (NIST SP 800-63B-4 section 3.1.2.2: enough from 112 bits on), and is replaced when it was used.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { digest, hmac, randomToken, sameSecret } from '../lib/crypto.ts'
import { typedCode } from '../lib/typed-code.ts'
import type { BackupCode, SpentCode } from '../person/backup-code.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 24

/** Twenty-four characters in groups of four. */
export function newCode(): string {
  // 32 characters divide 256 evenly, so no character is likelier than another.
  const characters = Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length])
  return characters.join('').replace(/(.{4})(?=.)/g, '$1-')
}

/** What a person typed, as it was made: case, spaces and dashes do not matter, and O is 0, I and L are 1. */
export function normalizeCode(typed: string): string | undefined {
  const code = spelled(typed)
  return code.length === LENGTH && [...code].every((character) => ALPHABET.includes(character)) ? code : undefined
}

export function keepCode(accountId: string, code: string, now: number): BackupCode {
  const salt = randomToken()
  return { id: randomUUID(), accountId, salt, digest: digestOf(salt, code), createdAt: now, savedAt: undefined }
}

export function isCode(kept: SpentCode, typed: string): boolean {
  const code = normalizeCode(typed)
  return code !== undefined && sameSecret(kept.digest, digestOf(kept.salt, code))
}

/**
 * The help desk's temporary access code: 16 of the same characters. 80 bits need no limit of tries (NIST SP 800-63B-4
 * section 3.1.2.2 wants one below 64), so that nobody's wrong ones keep out whoever has the right one.
 */
export function newTemporaryCode(): string {
  return newCode().slice(0, 19)
}

/** Of releases before: one that was read out on the phone just before an update still opens. */
const LENGTHS = [16, 12]

/** Keyed, since 80 bits are too few for a plain digest. Undefined for what cannot be such a code. */
export function temporaryDigest(key: Buffer, accountId: string, typed: string): string | undefined {
  const code = spelled(typed)
  return LENGTHS.includes(code.length) ? hmac(key, `temporary/${accountId}/${code}`) : undefined
}

function spelled(typed: string): string {
  return typedCode(typed).toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')
}

function digestOf(salt: string, code: string): string {
  return digest(`backup/${salt}/${normalizeCode(code) ?? ''}`)
}

/**
 * What may be brought along. Costs have a ceiling: whoever could bring a hash that takes seconds or gigabytes to check would
 * have a lever against everybody's sign-in. What is too small to be what it says it is was cut or made up.
 */
import { digestLength, type Foreign, type ForeignHash } from './scheme.ts'

export type HashFault = 'unknown-scheme' | 'malformed' | 'too-costly'

/** In KiB, which Argon2 counts in. */
const MIB = 1024
const CEILING = {
  bcrypt: 12,
  /** Rounds for the whole digest. */
  pbkdf2: 1_000_000,
  /** N · r · p. */
  scrypt: 2 ** 21,
  argon2: { memory: 256 * MIB, passes: 16, lanes: 16, product: 512 * MIB },
}
const DIGESTS = ['md5', 'sha1', 'sha256', 'sha512']
const BYTES: Record<string, number> = { sha1: 20, sha256: 32, sha512: 64 }
const SALT = { least: 4, most: 128 }
const LENGTH = { least: 16, most: 128 }

/** Undefined if it may be. */
export function hashFault(hash: ForeignHash): HashFault | undefined {
  if (!isWhole(hash)) return 'malformed'
  return isTooCostly(hash) ? 'too-costly' : undefined
}

function isWhole(hash: ForeignHash): boolean {
  const { salt, digest } = hash
  return (
    salt.length >= SALT.least &&
    salt.length <= SALT.most &&
    hasCosts(hash) &&
    digest.length >= LENGTH.least &&
    digest.length <= LENGTH.most &&
    digest.length === digestLength(hash)
  )
}

/** Whether its costs are some that the scheme can have at all. */
function hasCosts({ scheme, costs, salt }: Foreign): boolean {
  const { h, a, v } = costs
  switch (scheme) {
    case 'bcrypt':
      return salt.length === 16 && isWithin(costs.c, 4, 31)
    case 'pbkdf2':
      return DIGESTS.slice(1).includes(String(h)) && isWithin(costs.i, 1, 2 ** 31)
    case 'scrypt':
    case 'firebase':
      // RFC 7914 section 2: N is less than 2^(128 · r / 8). Of another nothing can be computed.
      return (
        isWithin(costs.r, 1, 2 ** 16) &&
        isPowerOfTwo(costs.n) &&
        Math.log2(Number(costs.n)) < 16 * Number(costs.r) &&
        isWithin(costs.p ?? 1, 1, 2 ** 16)
      )
    case 'argon2':
      return (
        ['d', 'i', 'id'].includes(String(a)) &&
        [16, 19].includes(Number(v)) &&
        salt.length >= 8 &&
        isWithin(costs.t, 1, 2 ** 31) &&
        isWithin(costs.p, 1, 255) &&
        isWithin(costs.m, 8 * Number(costs.p), 2 ** 32)
      )
    case 'digest':
      return DIGESTS.includes(String(h)) && ['sp', 'ps', 'hmac'].includes(String(costs.o))
  }
}

function isTooCostly({ scheme, costs }: Foreign): boolean {
  const [m, t, p] = [Number(costs.m), Number(costs.t), Number(costs.p)]
  switch (scheme) {
    case 'bcrypt':
      return Number(costs.c) > CEILING.bcrypt
    case 'pbkdf2':
      // RFC 8018 section 5.2: the rounds are gone through again for each block of what is derived.
      return Number(costs.i) * Math.ceil(Number(costs.l) / (BYTES[String(costs.h)] ?? 1)) > CEILING.pbkdf2
    case 'scrypt':
    case 'firebase':
      return Number(costs.n) * Number(costs.r) * Number(costs.p ?? 1) > CEILING.scrypt
    case 'argon2': {
      const { memory, passes, lanes, product } = CEILING.argon2
      return m > memory || t > passes || p > lanes || m * t > product
    }
    case 'digest':
      return false
  }
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most
}

function isPowerOfTwo(value: unknown): boolean {
  return isWithin(value, 2, 2 ** 31) && Number.isInteger(Math.log2(Number(value)))
}

/**
 * How a password is kept, and checked.
 *
 * NFKC (UAX 15), then HMAC-SHA-256 (as base64url) with the pepper, then Argon2id. The pepper is not in the database,
 * so a copy of the database alone lets nobody test a guess. Kept is `<pepper key id>:<PHC string>`:
 *
 *     2026a:$argon2id$v=19$m=19456,t=2,p=1$<16 bytes of salt>$<32 bytes of hash>
 *
 * A hash of another system (foreign/) is kept wrapped: in the place of the password stands the digest that the other scheme
 * makes of it, so that nothing is kept that could be guessed at faster than what is ours. The scheme stands in between:
 *
 *     2026a:bcrypt c=10,k=plain$<salt>:$argon2id$…
 *
 * Which passwords may be chosen is password-policy.ts's work; counting failed tries is the caller's.
 */
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash as argon2, verify as argon2Verify, parseOptions } from '@node-rs/argon2'
import { hmac, type Keyring } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import { type Gate, type Rank, type Semaphore, semaphore } from '../lib/semaphore.ts'
import { inSpan } from '../lib/tracing.ts'
import { schemeOf } from '../person/password.ts'
import type { EvenTime } from './even-time.ts'
import { type Foreign, type ForeignHash, foreignDigest, foreignText, parseForeign } from './foreign/scheme.ts'

export interface Hasher {
  /** Throws `password-too-long` for what the policy should have refused, `busy` when the gate is. */
  hash(password: string): Promise<string>
  /** What is kept of a hash of another system. Throws `busy` when the gate is. */
  wrap(hash: ForeignHash): Promise<string>
  /**
   * Costs the same whether the password is wrong or `stored` undefined: then a hash of nothing is checked, so that the
   * time of an answer does not tell which addresses have an account. `upgrade` when it is right but kept with weaker
   * parameters or an older pepper, or wrapped. Throws `unknown-key` when its pepper is gone, and `busy` when the gate is; strangers
   * are `last` there.
   */
  verify(password: string, stored: string | undefined, rank?: Rank): Promise<Checked>
  /** Checks a hash of nothing that is kept by this scheme: from then on it is known how long that takes. */
  tryOut(scheme: string): Promise<void>
}

export interface Checked {
  ok: boolean
  upgrade: boolean
  /** Milliseconds to wait before it is told that the password was wrong (even-time.ts). */
  rest?: number | undefined
}

export interface HasherOptions {
  pepper: Keyring
  gate: Gate
  /** OWASP's parameters for Argon2id, at their least: 19 MiB and 2 passes, one lane. */
  memoryKib?: number
  passes?: number
  /** Argon2's own, unless somebody counts what is checked. */
  check?: (phc: string, input: string) => Promise<boolean>
  /** Where the time of an answer tells something. */
  even?: EvenTime
}

/** Bytes of UTF-8. */
const MOST_BYTES = 1024
const SALT_BYTES = 16
const HASH_BYTES = 32
/** Milliseconds: as long as somebody waits who has typed a password, for otherwise they type it again. */
const PATIENCE = 20_000

export function hasher({
  pepper,
  gate,
  memoryKib = 19_456,
  passes = 2,
  check = argon2Verify,
  even,
}: HasherOptions): Hasher {
  const dummy = `${pepper.current}:${dummyPhc(memoryKib, passes)}`

  function isWeaker(keyId: string, phc: string): boolean {
    const kept = parseOptions(phc)
    return (
      keyId !== pepper.current ||
      !phc.startsWith('$argon2id$v=19$') ||
      kept.memoryCost < memoryKib ||
      kept.timeCost < passes ||
      kept.outputLen < HASH_BYTES ||
      kept.saltLen < SALT_BYTES
    )
  }

  function make(input: string): Promise<string> {
    const options = { memoryCost: memoryKib, timeCost: passes, parallelism: 1, outputLen: HASH_BYTES }
    return inSpan('password.hash', () => gate(() => argon2(input, { ...options, salt: randomBytes(SALT_BYTES) })))
  }

  /** With a key of its own: a digest of another system is no password. */
  function wrapped(digest: Buffer, keyId?: string): string {
    return hmac(pepper.derive('foreign-digest', keyId), digest.toString('base64url'))
  }

  return {
    async hash(password) {
      const text = normalized(password)
      if (text === undefined) throw new AppError('password-too-long', 'the password is too long', { status: 400 })
      return `${pepper.current}:${await make(hmac(pepper.derive('pepper'), text))}`
    },

    async wrap(hash) {
      return `${pepper.current}:${foreignText(hash)}:${await make(wrapped(hash.digest))}`
    },

    verify,
    async tryOut(scheme) {
      const salt = randomBytes(SALT_BYTES).toString('base64url')
      await verify('', `${pepper.current}:${scheme}$${salt}:${dummyPhc(memoryKib, passes)}`, 'last')
    },
  }

  async function verify(password: string, stored: string | undefined, rank?: Rank): Promise<Checked> {
    const text = normalized(password)
    const { keyId, foreign, phc } = parse(stored ?? dummy)
    const compare = async () => {
      const began = performance.now()
      // Raw for another system, which did not normalize what was typed.
      const digest = foreign && (await foreignDigest(foreign, text === undefined ? '' : password))
      const input = digest ? wrapped(digest, keyId) : hmac(pepper.derive('pepper', keyId), text ?? '')
      return { matches: await check(phc, input), took: performance.now() - began }
    }
    const { matches, took } = await inSpan('password.hash', () => gate(compare, rank))
    const ok = matches && text !== undefined && stored !== undefined
    const rest = even?.rest(schemeOf(stored), took)
    return { ok, upgrade: ok && (foreign !== undefined || isWeaker(keyId, phc)), rest }
  }
}

/** More at once only makes each slower: a third, with twice as many as there are cores. */
export function defaultGate(): Semaphore {
  return semaphore({ running: availableParallelism(), waiting: 50, patience: PATIENCE })
}

/**
 * The password as it is hashed: NFKC, so that one typed on another keyboard is the same, and nothing else. Undefined if
 * it is longer than any password may be; never cut.
 */
export function normalized(password: string): string | undefined {
  // NFKC shortens text to a quarter at most. A longer text is refused before it costs the time to normalize it.
  if (password.length > 4 * MOST_BYTES) return undefined
  const text = password.normalize('NFKC')
  return Buffer.byteLength(text) > MOST_BYTES ? undefined : text
}

function parse(stored: string): { keyId: string; foreign: Foreign | undefined; phc: string } {
  const [, keyId, foreign, phc] = /^([^:]+):(?:([^:]+):)?(\$argon2.*)$/s.exec(stored) ?? []
  if (keyId === undefined || phc === undefined)
    throw new AppError('unreadable-hash', 'a password hash is not in a form this version writes')
  return { keyId, foreign: foreign === undefined ? undefined : parseForeign(foreign), phc }
}

/** A hash that no password is known for. Checking it costs what checking any other does; making it costs nothing. */
function dummyPhc(memoryKib: number, passes: number): string {
  const base64 = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${base64(SALT_BYTES)}$${base64(HASH_BYTES)}`
}

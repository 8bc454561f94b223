/** Factors that need no file of their own, each as a challenge sees it: codes that are good once. */
import type { Keyring } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import { holdBackupCode } from '../person/backup-code.ts'
import type { People } from '../person/kind.ts'
import { holdTemporaryCode } from '../person/temporary-code.ts'
import { isCode, temporaryDigest } from './backup-code.ts'
import type { Factor } from './challenge.ts'

/**
 * The backup code. Whoever proved it holds it (person/held-code.ts) until a new one is saved, or a new app set up
 * (challenge-policy.ts).
 */
export function backup(people: Pick<People, 'find' | 'change'>, now: Clock): Factor {
  return {
    method: 'backup',
    async available(account) {
      return (await people.find(account.id))?.backup && { hint: undefined }
    },
    async verify({ account, code, session }) {
      const kept = (await people.find(account.id))?.backup
      if (!kept) return 'wrong-code'
      if (kept.spent?.some((used) => isCode(used, code))) return 'used-code'
      if (!isCode(kept, code)) return 'wrong-code'
      const held = { by: session, at: now() }
      return (await people.change(account.id, (person) => holdBackupCode(person, kept.id, held)))
        ? { holds: kept.id }
        : 'used-code'
    },
  }
}

/** A code that the help desk gave out. Always offered: whether there is one is nobody's business before it is right. */
export function temporary(people: Pick<People, 'change'>, ring: Keyring, now: Clock): Factor {
  const keys = ring.deriveAll('temporary-codes')
  return {
    method: 'temporary',
    available: async () => ({ hint: undefined }),
    async verify({ account, code, session }) {
      const [digest, ...others] = keys.flatMap((key) => temporaryDigest(key, account.id, code) ?? [])
      if (digest === undefined) return 'wrong-code'
      const held = { by: session, at: now() }
      const holds = await people.change(account.id, (person) => {
        // It may have been given out before the newest root key was there, or by a node that does not have it in front.
        const known = others.find((other) => person.temporaryCodes.some((kept) => kept.digest === other))
        return holdTemporaryCode(person, known ?? digest, held)
      })
      if (holds === undefined) return 'wrong-code'
      return holds === 'spent' ? 'used-code' : { holds }
    },
  }
}

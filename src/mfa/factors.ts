/** Factors that need no file of their own, each as a challenge sees it: codes that are good once. */
import type { Notice } from '../accounts/notify.ts'
import type { Keyring } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import { spendBackupCode } from '../person/backup-code.ts'
import type { People } from '../person/kind.ts'
import { spendTemporaryCode } from '../person/temporary-code.ts'
import { isCode, temporaryDigest } from './backup-code.ts'
import type { Factor } from './challenge.ts'

/** The backup code. Using it takes it away; a new one is owed (challenge-policy.ts) and the person is told. */
export function backup(people: Pick<People, 'find' | 'change'>, notice: Notice, now: Clock): Factor {
  return {
    method: 'backup',
    async available(account) {
      return (await people.find(account.id))?.backup && { hint: undefined }
    },
    async verify({ account, code }) {
      const kept = (await people.find(account.id))?.backup
      if (!kept || !isCode(kept, code)) return 'wrong-code'
      const told = notice(account, 'backup-code-used', { at: now() })
      const spent = await people.change(account.id, (person) => spendBackupCode(person, kept.id, told, now()))
      return spent ? 'right' : 'used-code'
    },
  }
}

/** A code that the help desk gave out. Always offered: whether there is one is nobody's business before it is right. */
export function temporary(people: Pick<People, 'change'>, ring: Keyring, now: Clock): Factor {
  const key = ring.derive('temporary-codes')
  return {
    method: 'temporary',
    available: async () => ({ hint: undefined }),
    async verify({ account, code }) {
      const digest = temporaryDigest(key, account.id, code)
      if (digest === undefined) return 'wrong-code'
      const spent = await people.change(account.id, (person) => spendTemporaryCode(person, digest, now()))
      return spent ? 'right' : 'wrong-code'
    },
  }
}

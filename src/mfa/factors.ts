/** The factors there are, each as a challenge sees it. A new one is one more function here, or a file of its own. */

import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import { hmac, type Keyring, type Sealer } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import { advanceStep, listApps } from '../person/authenticator.ts'
import { spendBackupCode } from '../person/backup-code.ts'
import type { People } from '../person/kind.ts'
import { spendTemporaryCode } from '../person/temporary-code.ts'
import { isCode, temporaryDigest } from './backup-code.ts'
import type { Factor } from './challenge.ts'
import { stepOf } from './totp.ts'

/** What a secret or number is sealed for. */
export function authenticatorRecord(accountId: string, id: string): string {
  return `authenticator/${accountId}/${id}`
}

/** The authenticator app. A person may have several entries; a code of any of them is right, once. */
export function totp(people: Pick<People, 'find' | 'change'>, seal: Sealer, now: Clock): Factor {
  return {
    method: 'totp',
    async available(_account, authenticators) {
      const apps = authenticators.filter(({ kind }) => kind === 'totp')
      return apps.length > 0 ? { hint: apps.map(({ label }) => label).join(', ') } : undefined
    },
    async verify({ account, code }) {
      for (const app of listApps(await findPerson(people, account.id))) {
        const step = stepOf(seal.open(app.sealed, authenticatorRecord(account.id, app.id)), code, now)
        if (step === undefined) continue
        const fresh = await people.change(account.id, (person) => advanceStep(person, app.id, step, now()))
        return fresh ? 'right' : 'used-code'
      }
      return 'wrong-code'
    },
  }
}

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
      const spent = await people.change(account.id, (person) => spendBackupCode(person, kept.id, told))
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

/** Names a number without being it, to count the accounts that share it. */
export function numberKey(ring: Keyring, number: string): string {
  return hmac(ring.derive('phone-numbers'), number)
}

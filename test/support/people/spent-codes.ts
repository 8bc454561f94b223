/** The two ends of a code that is held, in one act: proven by a session, and spent by it. */
import type { Parcel } from '../../../src/delivery/queue.ts'
import { type BackupCode, exchangeBackupCode, holdBackupCode } from '../../../src/person/backup-code.ts'
import { holdsAll, spendTemporary } from '../../../src/person/held-code.ts'
import type { Draft } from '../../../src/person/person.ts'
import { holdTemporaryCode } from '../../../src/person/temporary-code.ts'

/** False if it is not there any more; else `made` is in its place. */
export function useBackupCode(
  person: Draft,
  id: string,
  made: BackupCode,
  now: number,
  by = 'session',
  parcels: Parcel[] = [],
): boolean {
  if (!holdBackupCode(person, id, { by, at: now })) return false
  const exchanged = { made, holder: { by, holding: { backup: id } }, epoch: person.account?.epoch }
  return exchangeBackupCode(person, exchanged, parcels, now)
}

/** False if it is not there, expired, or was used. */
export function useTemporaryCode(person: Draft, digest: string, now: number, by = 'session'): boolean {
  const id = holdTemporaryCode(person, digest, { by, at: now })
  if (id === undefined || id === 'spent') return false
  const holder = { by, holding: { temporary: id } }
  if (!holdsAll(person, holder, now)) return false
  spendTemporary(person, holder, now)
  return true
}

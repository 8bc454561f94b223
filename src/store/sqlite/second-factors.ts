/** All that mfa/ needs kept, as the one port that it asks for. */
import type { MfaStore } from '../../mfa/authenticator.ts'
import { authenticators } from './authenticators.ts'
import { backupCodes } from './backup-codes.ts'
import type { Database } from './database.ts'
import { devices } from './devices.ts'
import { enrollments } from './enrollments.ts'
import { factorChanges } from './factor-changes.ts'
import { sentCodes } from './sent-codes.ts'
import { sweep } from './sweep.ts'
import { temporaryCodes } from './temporary-codes.ts'

const PASSING = ['temporary_code', 'sent_code', 'enrollment', 'remembered_device']

export function secondFactors(db: Database): MfaStore {
  const sweeps = PASSING.map((table) => sweep<{ now: number }>(db, table, 'expires_at <= :now'))

  return {
    ...authenticators(db),
    ...factorChanges(db),
    ...backupCodes(db),
    ...temporaryCodes(db),
    ...sentCodes(db),
    ...enrollments(db),
    ...devices(db),
    async sweepMfa(now) {
      let swept = 0
      for (const sweepExpired of sweeps) swept += await sweepExpired({ now })
      return swept
    },
  }
}

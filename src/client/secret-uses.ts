/**
 * When each secret was used last. A request only notes it in memory; what was noted is written once a minute, so a token
 * costs no write, and whoever moves an application to a new secret sees whether the old one is still in use.
 */
import type { Clock } from '../lib/time.ts'
import type { ClientRecords } from './record.ts'
import { noteUses } from './secrets.ts'

export interface SecretUses {
  note(clientId: string, secretId: string): void
  /** Writes what was noted. What cannot be written is noted still. */
  write(): Promise<void>
}

export function secretUses(records: Pick<ClientRecords, 'change'>, now: Clock): SecretUses {
  let noted = new Map<string, Map<string, number>>()

  function note(clientId: string, secretId: string, at = now()): void {
    const uses = noted.get(clientId) ?? new Map<string, number>()
    noted.set(clientId, uses.set(secretId, Math.max(at, uses.get(secretId) ?? 0)))
  }

  async function writeOne(clientId: string, uses: Map<string, number>): Promise<void> {
    try {
      await records.change(clientId, (draft) => noteUses(draft, uses))
    } catch (fault) {
      for (const [secretId, at] of uses) note(clientId, secretId, at)
      throw fault
    }
  }

  return {
    note: (clientId, secretId) => note(clientId, secretId),
    async write() {
      const due = noted
      noted = new Map()
      const outcomes = await Promise.allSettled([...due].map(([clientId, uses]) => writeOne(clientId, uses)))
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed) throw failed.reason
    },
  }
}

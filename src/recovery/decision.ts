/**
 * How a recovery case ends: declined, or with a temporary access code in the place of every factor that was lost. Both
 * only with a word on how the person was checked, and with a mail to every known address.
 */

import { randomUUID } from 'node:crypto'
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { onOneLine } from '../accounts/plain-text.ts'
import { HOUR } from '../lib/time.ts'
import { newTemporaryCode, temporaryDigest } from '../mfa/backup-code.ts'
import { everyKey } from '../mfa/challenge.ts'
import { keyOf } from '../person/kind.ts'
import { decidableFrom, decideCase, findCase, isOpen } from '../person/recovery-case.ts'
import type { TemporaryCode } from '../person/temporary-code.ts'
import { noteRecord } from './case.ts'
import type { Recovery, RecoveryParts } from './recovery.ts'

type Decision = Parameters<Recovery['decide']>[0]

const LONGEST_NOTE = 500
/** Time to type a code that was read out on the phone, and to find the phone to set up. */
const CODE_LIFE = 4 * HOUR

export function decider(parts: RecoveryParts): Recovery['decide'] {
  const { people, seal, ring, throttle, audit, notice, now, codeLife = CODE_LIFE } = parts
  const key = ring.derive('temporary-codes')

  function make(accountId: string): { text: string; kept: TemporaryCode } {
    const text = newTemporaryCode()
    const digest = temporaryDigest(key, accountId, text) ?? ''
    return { text, kept: { id: randomUUID(), accountId, digest, createdAt: now(), expiresAt: now() + codeLife } }
  }

  async function record({ to, number, check, actor, source }: Decision, subject: string, waits: boolean) {
    const details = { case: number, check, ...(waits && { reason: 'wait' }) }
    await audit({ type: `recovery.${to}`, outcome: waits ? 'refused' : 'ok', actor, subject, source, details })
  }

  return async (decision) => {
    const { number, to, check, actor } = decision
    const whose = await people.findBy(keyOf.case(number))
    const found = whose && findCase(whose.record, number)
    const account = whose?.record.account
    if (!found || !account) return { ok: false, reason: 'unknown' }
    const note = onOneLine(decision.note)
    if ([...note].length > LONGEST_NOTE) return { ok: false, reason: 'too-long' }
    if (holdsCitizenNumber(note)) return { ok: false, reason: 'citizen-number' }
    if (!isOpen(found, now())) return { ok: false, reason: 'closed' }
    const retryAt = decidableFrom(found, account)
    if (to === 'issued' && now() < retryAt) {
      await record(decision, account.id, true)
      return { ok: false, reason: 'wait', retryAt }
    }

    const code = to === 'issued' ? make(account.id) : undefined
    const sealedNote = note === '' ? undefined : seal.seal(note, noteRecord(number))
    const closing = { number, to, at: now(), by: actor, check, sealedNote, code: code?.kept }
    const told = notice(account, to === 'issued' ? 'recovery-issued' : 'recovery-declined', { number })
    const closed = await people.change(account.id, (person) => decideCase(person, closing, told))
    if (!closed) return { ok: false, reason: 'closed' }
    // A thief who knows the password may have used up every try there is; the code has to open the door all the same.
    if (code) await throttle.reset(...everyKey(account.id))
    await record(decision, account.id, false)
    return { ok: true, code: code?.text, expiresAt: code?.kept.expiresAt }
  }
}

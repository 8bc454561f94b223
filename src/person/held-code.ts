/**
 * Codes that are good once and lead to setting up anew: the backup code and the help desk's temporary access code. The
 * session that proved one holds it. It is spent in the write that makes what it was for real, so whoever closes the window
 * gets back in with the same code, from any browser; and of two that hold it one after the other, the later one counts.
 */
import { MINUTE } from '../lib/time.ts'
import type { PersonRecord } from './person.ts'
import type { SecondFactor } from './second-factor.ts'

/** Factors whose codes are held. */
export type HeldFactor = Extract<SecondFactor, 'backup' | 'temporary'>
export const HELD_FACTORS: readonly HeldFactor[] = ['backup', 'temporary']

/** Ids of the codes that a session has proven and not spent. */
export type Holding = Partial<Record<HeldFactor, string>>

/** Which session has proven a code that is not spent yet, and when. */
export interface Hold {
  /** Names a session, and opens nothing. */
  by: string
  at: number
}

/** A session, and what it holds. */
export interface Holder {
  by: string
  holding: Holding
}

/** A code that was held before it ran out may still end what it began: the phone is being looked for. */
const FINISHING = 30 * MINUTE

/** Until when a code can be held, or spent by whoever holds it. */
export function endOf({ expiresAt, held }: { expiresAt: number; held?: Hold }): number {
  return held ? Math.max(expiresAt, held.at + FINISHING) : expiresAt
}

/** What of these a session still holds; not what another one has taken over, or what is spent. */
export function stillHeld(person: PersonRecord, { by, holding }: Holder, now: number): Holding {
  const backup = person.backup?.id === holding.backup && person.backup?.held?.by === by
  const temporary = findHeldTemporary(person, { by, holding }, now) !== undefined
  return {
    ...(holding.backup !== undefined && backup && { backup: holding.backup }),
    ...(holding.temporary !== undefined && temporary && { temporary: holding.temporary }),
  }
}

/** Whether the session still holds all that it held. */
export function holdsAll(person: PersonRecord, holder: Holder, now: number): boolean {
  const still = stillHeld(person, holder, now)
  return HELD_FACTORS.every((factor) => still[factor] === holder.holding[factor])
}

/** Spends a temporary code that the session holds. A backup code goes when another takes its place (`successor`). */
export function spendTemporary(person: PersonRecord, holder: Holder, now: number): void {
  const code = findHeldTemporary(person, holder, now)
  if (code) code.spentAt = now
}

function findHeldTemporary({ temporaryCodes }: PersonRecord, { by, holding }: Holder, now: number) {
  return temporaryCodes.find(
    (code) => code.id === holding.temporary && code.held?.by === by && code.spentAt === undefined && endOf(code) > now,
  )
}

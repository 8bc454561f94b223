/**
 * Whether what is old may be removed for good: records of the trail, whole addresses in them, back-ups. Not while the clock
 * of this machine is not believed (lib/known-time.ts). Everything else goes on.
 */
import { operatorActor } from '../audit/actor.ts'
import type { AuditStore } from '../audit/audit.ts'
import type { Config } from '../config.ts'
import { InputError } from '../lib/errors.ts'
import { farFrom, type KnownTimeStore, settingsOf } from '../lib/known-time.ts'
import type { Log } from '../lib/log.ts'
import { type Clock, DAY, HOUR } from '../lib/time.ts'
import { type Foundation, openFoundation, type Surroundings } from './foundation.ts'

type Kept = KnownTimeStore & Pick<AuditStore, 'listAudit'>

export interface RemovalHoldParts {
  durable: Kept
  now: Clock
  /** What the machine itself says, and what nobody can set. */
  wall: Clock
  steady: Clock
  log: Pick<Log, 'warn' | 'info'>
}

export interface RemovalHold {
  /**
   * The moment by which what is old may be removed; undefined while the clock is not believed. Of several nodes only one whose
   * clock is that of the stores may ask: what it believes the others go by.
   */
  believed(): Promise<number | undefined>
  /** Whether it is held on this machine, of a store that knows this moment. */
  isHeld(known: number | undefined): boolean
  /** Sees whether the clock was set since the last look. */
  look(): void
}

const CONFIRM = 'if it is right, say so: clock:confirm --today (docs/growth.md)'
const WHY = {
  after: `nothing old is removed: the clock of this machine is far after what the store knows; ${CONFIRM}`,
  before: `nothing old is removed: the clock of this machine is far before what the store knows; ${CONFIRM}`,
  set: 'nothing old is removed for an hour: the clock of this machine was set',
}

export function removalHold({ durable, now, wall, steady, log }: RemovalHoldParts): RemovalHold {
  const wasSet = settingsOf(wall, steady)
  let told: { why: string; at: number } | undefined

  /** Once a day for each reason. */
  function tell(why: string, details: Record<string, string>): void {
    const at = steady()
    if (told?.why === why && at - told.at < DAY) return
    told = { why, at }
    log.warn(details, why)
  }

  return {
    look: () => void wasSet(),
    isHeld: (known) => wasSet() || farFrom(known, now()) !== undefined,
    async believed() {
      const at = now()
      // What happens to the clock while the store is asked concerns the next one who asks.
      const isSet = wasSet()
      const known = await knownTime(durable, at)
      const why = farFrom(known, at) ?? (isSet ? 'set' : undefined)
      if (why) {
        tell(WHY[why], { clock: moment(at), known: moment(known) })
        return undefined
      }
      if (told) log.info({ clock: moment(at) }, 'old things are removed again')
      told = undefined
      // By a clock that went back less is old; what was known stays, or a battery that was empty would hold everything up.
      if (at - known >= HOUR) await durable.putKnownTime(at)
      return at
    },
  }
}

/** Where nothing was noted yet, the newest record of the trail says it. */
async function knownTime(durable: Kept, now: number): Promise<number> {
  const noted = await durable.findKnownTime()
  if (noted !== undefined) return noted
  const [newest] = await durable.listAudit({ limit: 1 })
  const known = newest?.at ?? now
  await durable.putKnownTime(known)
  return known
}

export interface Confirmed {
  /** What the clock says, and what was believed last. */
  clock: string
  known: string | undefined
}

/** An operator says which day it is. Rejects with InputError if the clock of this machine says another. */
export async function confirmClock(
  { store, now, record }: Pick<Foundation, 'now' | 'record'> & { store: { durable: KnownTimeStore } },
  { today, operator }: { today: string; operator: string },
): Promise<Confirmed> {
  const at = now()
  const said = /^\d{4}-\d\d-\d\d$/.test(today) ? Date.parse(today) : Number.NaN
  if (Number.isNaN(said)) throw wrong('is a day such as 2026-11-30')
  // Where it is tomorrow, or yesterday, by the clock on the wall.
  if (at < said - DAY || at >= said + 2 * DAY)
    throw wrong(`is not what the clock of this machine says: it is at ${moment(at)}. Set the clock first`)
  const known = await store.durable.findKnownTime()
  await store.durable.putKnownTime(at)
  const details = {
    verb: 'clock:confirm',
    via: 'command-line',
    operator,
    known: known === undefined ? '' : moment(known),
  }
  await record({ type: 'admin.verb', outcome: 'ok', actor: operatorActor(operator), details })
  return { clock: moment(at), known: known === undefined ? undefined : moment(known) }
}

/** For a command. */
export async function openAndConfirmClock(
  config: Config,
  { operator, today, ...surroundings }: Surroundings & { operator: string; today: string },
): Promise<Confirmed> {
  const foundation = await openFoundation(config, { ...surroundings, role: 'command', clientsFile: 'left' })
  return confirmClock(foundation, { operator, today }).finally(() => foundation.store.close())
}

function wrong(reason: string): InputError {
  return new InputError('The input is not in order.', [{ path: 'today', reason }])
}

function moment(at: number): string {
  return new Date(at).toISOString()
}

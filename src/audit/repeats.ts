/**
 * What comes again and again is told once, and then how often: strangers cause refusals as often as they like, and an
 * application redeems a code with every sign-in. So the trail grows with what happens, not with how often.
 *
 * It is counted in memory, by each process for itself. What was counted is written when its window is over and when the
 * process stops; a process that dies loses the counts of windows that are open, and never what was told whole.
 */
import { digest } from '../lib/crypto.ts'
import { networks } from '../lib/network.ts'
import { type Clock, DAY, MINUTE } from '../lib/time.ts'
import type { AuditEvent, Repeat, RepeatRule, Source } from './event.ts'

/** Refusals that strangers cause, by network. */
export const REFUSALS: RepeatRule = { whole: 30, all: 300, window: MINUTE }
/** Being turned away because there are too many, by network. */
export const TURNED_AWAY: RepeatRule = { whole: 1, all: 100, window: MINUTE }
/** Tokens that belong to what is told by itself, by application and address. */
export const TOKENS: RepeatRule = { whole: 1, all: Number.POSITIVE_INFINITY, window: 15 * MINUTE }

export interface Repeats {
  /** Whether it is told whole; otherwise it was counted. */
  tells(event: AuditEvent): boolean
  /** It was not kept after all: the next of its kind is told in its place. */
  missed(event: AuditEvent): void
  /** Hands over what was counted in windows that are over, or all of it. What `keep` does not take stays counted. */
  write(keep: (event: AuditEvent) => Promise<void>, how?: { all: boolean }): Promise<void>
}

interface Counted {
  rule: RepeatRule
  until: number
  told: number
  /** What all of them that were counted have in common. */
  common: AuditEvent
  count: number
  first: number
  last: number
  /** Of refusals: whom they were about, by their ids. */
  aimed: Set<string>
  /** There are more of them than are remembered. */
  moreAimed: boolean
}

/** What is counted at once: a flood may come from more networks, and is then counted together by its type. */
const COUNTED_MOST = 10_000
/** Known for a day, at 60 bytes. What is more than that is told each time. */
const DAILY_MOST = 100_000
/** Accounts that are told apart in one count, and in all that are open, at some 100 bytes. */
const AIMED_MOST = 1000
const AIMED_MOST_IN_ALL = 50_000

export function repeats(now: Clock): Repeats {
  const counted = new Map<string, Counted>()
  /** Of windows that are over. */
  const over: Counted[] = []
  const days = { known: new Set<string>(), until: Number.NEGATIVE_INFINITY }
  /** By type: who causes many of one type takes nothing from the others. */
  const wholes = new Map<string, { left: number; until: number }>()
  let aimedInAll = 0

  function isFirstToday(key: string): boolean {
    const at = now()
    // A clock that was put back begins a day too.
    if (at >= days.until || at < days.until - DAY) {
      days.known.clear()
      days.until = at + DAY
    }
    const short = shortOf(key)
    if (days.known.has(short)) return false
    if (days.known.size < DAILY_MOST) days.known.add(short)
    return true
  }

  function isLeftOf(rule: RepeatRule, type: AuditEvent['type']): boolean {
    const at = now()
    const key = `${type} ${rule.all} ${rule.window}`
    const known = wholes.get(key)
    const left = known && at < known.until && at >= known.until - rule.window ? known : undefined
    const { left: before, until } = left ?? { left: rule.all, until: at + rule.window }
    wholes.set(key, { left: before - 1, until })
    return before > 0
  }

  function isOpen({ until, rule }: Counted): boolean {
    return now() < until && now() >= until - rule.window
  }

  /** Where it is counted. What was counted in a window that is over waits to be written, and another begins. */
  function entryOf(event: AuditEvent, repeat: Repeat, rule: RepeatRule): Counted {
    const at = now()
    const full = counted.size + over.length >= COUNTED_MOST
    for (const key of [keyOf(event, repeat), ...(full ? [event.type] : [])]) {
      const known = counted.get(key)
      if (known && (isOpen(known) || (full && known.count > 0))) return known
      if (full && !known && key !== event.type) continue
      if (known && known.count > 0) over.push(known)
      const begun = {
        rule,
        until: at + rule.window,
        told: 0,
        common: event,
        count: 0,
        first: at,
        last: at,
        aimed: new Set<string>(),
        moreAimed: false,
      }
      counted.set(key, begun)
      return begun
    }
    throw new Error('a type has its entry')
  }

  /** Whether somebody hammers at one account, or sprays over many. Whoever has none is not told apart. */
  function aim(entry: Counted, { outcome, subject }: AuditEvent): void {
    if (outcome !== 'refused' || subject === undefined || entry.aimed.has(subject)) return
    if (entry.aimed.size >= AIMED_MOST || aimedInAll >= AIMED_MOST_IN_ALL) {
      entry.moreAimed = true
      return
    }
    entry.aimed.add(subject)
    aimedInAll += 1
  }

  return {
    tells(event) {
      const repeat = repeatOf(event)
      if (!repeat) return true
      const { rule } = repeat
      if (rule === 'daily') return isFirstToday(keyOf(event, repeat))
      const entry = entryOf(event, repeat, rule)
      if (entry.told < rule.whole && isLeftOf(rule, event.type)) {
        entry.told += 1
        return true
      }
      entry.last = now()
      if (entry.count === 0) Object.assign(entry, { first: entry.last, common: ofNobody(event) })
      else entry.common = inCommon(entry.common, event)
      entry.count += 1
      aim(entry, event)
      return false
    },
    missed(event) {
      const repeat = repeatOf(event)
      if (!repeat) return
      const key = keyOf(event, repeat)
      if (repeat.rule === 'daily') return void days.known.delete(shortOf(key))
      const entry = counted.get(key)
      if (entry && entry.told > 0) entry.told -= 1
    },
    async write(keep, { all } = { all: false }) {
      for (const [key, entry] of counted) {
        if (!all && isOpen(entry)) continue
        counted.delete(key)
        if (entry.count > 0) over.push(entry)
      }
      for (let entry = over.shift(); entry; entry = over.shift()) {
        try {
          await keep(told(entry))
          aimedInAll -= entry.aimed.size
        } catch (fault) {
          over.unshift(entry)
          throw fault
        }
      }
    },
  }
}

function keyOf({ type }: AuditEvent, { by }: Repeat): string {
  return `${type} ${by}`
}

function shortOf(key: string): string {
  return digest(key).slice(0, 11)
}

/** Whoever is turned away says nothing more by saying it again; everything else says of itself whether it repeats. */
function repeatOf({ type, source, details, repeats }: AuditEvent): Repeat | undefined {
  if (repeats || type !== 'throttle.engaged' || !source) return repeats
  return { by: `${details?.door} ${details?.reason} ${networks(source.ip).network}`, rule: REFUSALS }
}

/**
 * Without whom it is about, nor the sign-in that leads to them: a person may be erased before it is written, and it would
 * bring their address back.
 */
function ofNobody({ subject, actor, source, ...event }: AuditEvent): AuditEvent {
  return { ...event, ...(actor !== subject && { actor }), ...(source && { source: placeOf(source) }) }
}

function placeOf({ ip, correlation }: Source): Source {
  return { ip, correlation }
}

function inCommon(one: AuditEvent, other: AuditEvent): AuditEvent {
  const details = Object.entries(one.details ?? {}).filter(([name, value]) => other.details?.[name] === value)
  const { actor, client, ...rest } = one
  return {
    ...rest,
    ...(actor !== undefined && actor === other.actor && { actor }),
    ...(client !== undefined && client === other.client && { client }),
    // Of the last one: its line is still in the log.
    ...(other.source && { source: placeOf(other.source) }),
    details: Object.fromEntries(details),
  }
}

function told({ common, count, first, last, aimed, moreAimed }: Counted): AuditEvent {
  const when = { from: new Date(first).toISOString(), to: new Date(last).toISOString() }
  // As a text where there are more: no number is told that is not true.
  const accounts = moreAimed ? `${aimed.size}+` : aimed.size
  return {
    ...common,
    details: { ...common.details, count, ...((aimed.size > 0 || moreAimed) && { accounts }), ...when },
  }
}

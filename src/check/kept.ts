/** What a store keeps, held against what is configured and against the clock of this machine. */
import { farFrom } from '../lib/known-time.ts'
import { DAY, SECOND, SKEW } from '../lib/time.ts'
import { type Finding, ok } from './finding.ts'

/** An installation that nobody came to for longer is rare; a clock that was set wrong by years is not. */
const QUIET = 31 * DAY

/** Ids of root keys: those that kept passwords and signing keys need, and those that servers have had. */
export interface NeededKeys {
  passwordKeys: readonly string[]
  signingKeys: readonly string[]
  rootKeys: readonly string[]
}

/** Without one that something needs a start is refused, after it has looked at everything. */
export function checkKeys(
  keys: ReadonlyArray<{ id: string }>,
  { passwordKeys, signingKeys, rootKeys }: NeededKeys,
): Finding {
  const name = 'SIGMA_KEYS'
  const lacking = (ids: readonly string[]) => ids.filter((id) => !keys.some((key) => key.id === id))
  const others = lacking(rootKeys)
  const should = {
    expected: 'every key that kept data is sealed with, the current one first',
    remedy: 'put the old key behind the new one, until keys:status says that nothing needs it',
  }
  for (const [needed, what] of [
    [lacking(passwordKeys), 'passwords'],
    [lacking(signingKeys), 'signing keys'],
  ] as const)
    if (needed.length > 0)
      return { level: 'fault', name, found: `lacks ${needed.join(', ')}, which kept ${what} need`, ...should }
  if (others.length > 0)
    return { level: 'warning', name, found: `lacks ${others.join(', ')}, which a server has had`, ...should }
  return ok(name, 'has every key that servers have had')
}

/** People who have passkeys, by the RP id that these were made for. */
export interface KeptPasskeys {
  rpId: string
  people: number
}

/** `rpId` is undefined where the issuer's host is an address. */
export function checkPasskeys(kept: readonly KeptPasskeys[], rpId: string | undefined): Finding[] {
  const name = 'passkeys.rpId'
  const others = kept.filter((each) => each.rpId !== rpId).toSorted((one, other) => other.people - one.people)
  const [most] = others
  if (!most) return kept.map(({ people }) => ok(name, `is ${rpId}, for which ${peopleHave(people)} passkeys`))
  const told = others.slice(0, 5).map((each) => `${peopleHave(each.people)} passkeys for ${each.rpId}`)
  return [
    {
      level: 'warning',
      name,
      found: `${rpId === undefined ? 'is none: the issuer is an address' : `is ${rpId}`}, and ${told.join(', ')}`,
      expected: 'the name that kept passkeys were made for: with another they open nothing',
      remedy: `set ${name} to ${most.rpId}, or let these people set up new ones: docs/operating.md#passkeys`,
    },
  ]
}

function peopleHave(people: number): string {
  return people === 1 ? '1 person has' : `${people} people have`
}

/**
 * By the last moment that a server believed (lib/known-time.ts), and by the trail's last record: that is given only where no
 * store has a clock of its own.
 */
export function checkTime(known: number | undefined, lastRecordAt: number | undefined, now: number): Finding[] {
  const side = farFrom(known, now)
  if (known === undefined || side === undefined)
    return lastRecordAt === undefined ? [] : [checkClock(lastRecordAt, now)]
  return [
    {
      level: 'warning',
      name: 'clock',
      found: `stands ${durationOf(Math.abs(now - known))} ${side} what the store knows, so nothing old is removed`,
      expected: 'the time of now',
      remedy: 'set it; if it is right, say so: clock:confirm',
    },
  ]
}

/**
 * The clock of this machine, where no store has one of its own: `last` is when the trail's last record was made. A clock that
 * runs behind makes good again what is over; one that is far ahead ends what is not, and removes what is to be kept.
 */
export function checkClock(last: number, now: number): Finding {
  const [behind, ahead] = [last - now, now - last]
  if (behind <= SKEW && ahead <= QUIET) return ok('clock', 'fits the last record of the audit trail')
  const told = behind > SKEW ? `stands ${durationOf(behind)} before` : `stands ${durationOf(ahead)} after`
  return {
    level: 'warning',
    name: 'clock',
    found: `${told} the last record of the audit trail, of ${new Date(last).toISOString()}`,
    expected: 'the time of now',
    remedy: 'look whether the clock of this machine is right, and let it keep time by NTP',
  }
}

function durationOf(milliseconds: number): string {
  return milliseconds < DAY ? `${Math.round(milliseconds / SECOND)} s` : `${Math.round(milliseconds / DAY)} days`
}

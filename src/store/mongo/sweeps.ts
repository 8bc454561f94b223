/** Cleaning in small bites. A document says when something in it may be dropped, so only those are read. */
import { trusted } from 'mongoose'
import type { AccountStore } from '../../accounts/account.ts'
import type { MfaStore } from '../../mfa/authenticator.ts'
import type { RecoveryStore } from '../../recovery/recovery.ts'
import type { Erasure } from './erasure.ts'
import type { People } from './people.ts'
import { endOf, keptUntil, type Person } from './person.ts'

type Sweeps = Pick<AccountStore, 'sweepAccounts'> & Pick<MfaStore, 'sweepMfa'> & Pick<RecoveryStore, 'sweepCases'>
type Tidy = 'tidyAccounts' | 'tidyMfa' | 'tidyCases'

const BITE = 200

export function sweeps(people: People, { finish }: Pick<Erasure, 'finish'>): Sweeps {
  /** Runs `drop`, which returns how much it dropped, wherever something may be dropped at `until`. */
  async function sweep(tidy: Tidy, until: number, drop: (person: Person) => number): Promise<number> {
    let swept = 0
    for (;;) {
      const filter = { [tidy]: trusted({ $lte: until }) }
      const bite = await people.model.find(filter, { _id: 1 }).limit(BITE).lean()
      const outcomes = []
      for (const { _id } of bite) outcomes.push(await settled(people.change(_id, drop)))
      swept += outcomes.reduce((sum, { dropped }) => sum + dropped, 0)
      // One document that cannot be changed holds up no other.
      const failed = outcomes.find(({ fault }) => fault !== undefined)
      if (failed) throw failed.fault
      if (bite.length < BITE) return swept
    }
  }

  return {
    async sweepAccounts(now) {
      await finish()
      return sweep('tidyAccounts', now, (person) => {
        const before = size(person)
        person.links = person.links.filter((link) => keptUntil(link) > now)
        person.undos = person.undos.filter((undo) => keptUntil(undo) > now)
        person.browsers = unexpired(person.browsers, now)
        person.addressCodes = unexpired(person.addressCodes, now)
        return before - size(person)
      })
    },
    sweepMfa: (now) =>
      sweep('tidyMfa', now, (person) => {
        const before = size(person)
        person.temporaryCodes = unexpired(person.temporaryCodes, now)
        person.sentCodes = unexpired(person.sentCodes, now)
        person.wizards = unexpired(person.wizards, now)
        person.devices = unexpired(person.devices, now)
        return before - size(person)
      }),
    sweepCases: (before) =>
      sweep('tidyCases', before - 1, (person) => {
        const all = size(person)
        person.cases = person.cases.filter((recoveryCase) => endOf(recoveryCase) >= before)
        return all - size(person)
      }),
  }
}

async function settled(change: Promise<number>): Promise<{ dropped: number; fault?: unknown }> {
  return change.then(
    (dropped) => ({ dropped }),
    (fault: unknown) => ({ dropped: 0, fault }),
  )
}

function unexpired<T extends { expiresAt: number }>(things: T[], now: number): T[] {
  return things.filter(({ expiresAt }) => expiresAt > now)
}

function size(person: Person): number {
  return Object.values(person).reduce((sum, part) => sum + (Array.isArray(part) ? part.length : 0), 0)
}

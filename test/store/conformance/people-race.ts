/** One row of the table of races: who begins how, what each of the callers does, and what must hold in the end. */
import type { Draft, PersonRecord } from '../../../src/person/person.ts'
import { account, NOW } from '../../support/samples/records.ts'

export const RACERS = 20

/** Numbers of the callers, for who makes one thing for each. */
export const EACH = [...Array(RACERS).keys()]

/** The caller who ends something while all others write. */
export const ENDER = 7

/** Active, enrolled, in the first epoch. */
export const SANNE = account({
  id: 'sanne',
  email: 'sanne@sigma.example',
  emailKey: 'sanne@sigma.example',
  status: 'active',
  passwordHash: 'hash-1',
  passwordChangedAt: NOW,
  enrolledAt: NOW,
})

export interface Race {
  name: string
  /** Each caller changes a person of their own; without it all change the same one. */
  apart?: true
  /** What there is of the person: of the only one, or of each. */
  begins(racer: number): Partial<PersonRecord>
  /** The key that the person is changed by, where the product has no id. */
  by?: string
  /** The key of which the loser hears that it is taken. */
  wants?: string
  /** What each of the callers does; anything but false is a success. */
  rule(draft: Draft, racer: number): unknown
  /** How many succeed: one, if it does not say. */
  wins?: number | 'some'
  holds?(ended: Ended): void
}

export interface Ended {
  /** The only person, or that of the winner. */
  person: PersonRecord
  /** Who succeeded; of several, the one with the lowest number. */
  winner: number
  won: number[]
  outcomes: unknown[]
}

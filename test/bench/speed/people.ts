/** The people of the bench: whoever has their number knows all about them, so that nobody hands lists round. */
import { createHash } from 'node:crypto'
import { codeOf } from '../../support/people/second-factor.ts'

export const PASSWORD = 'vier losse woorden samen'

export interface Member {
  number: number
  email: string
  /** Of their authenticator app, in base32. Every second person has one. */
  key: string | undefined
}

/** What people sign in with, and what a row needs. */
export type Equipped = 'plain' | 'app' | 'passkey'

export function member(number: number): Member {
  return { number, email: `person-${number}@people.example`, key: hasApp(number) ? keyOf(number) : undefined }
}

/** People with a passkey, and an app beside it, where a target knows any. They are put in besides the others. */
export const KEYED = 500

/** Their numbers follow those of the others. */
export function keyedMember(people: number, n: number): Member {
  const number = people + n
  return { ...member(number), key: keyOf(number) }
}

/** Of the person with this address. */
export function numberOf(email: string): number | undefined {
  const [, number] = /^person-(\d+)@people\.example$/.exec(email) ?? []
  return number === undefined ? undefined : Number(number)
}

/** What the app of this person shows now. */
export function shownTo({ email, key }: Member): string {
  if (key === undefined) throw new Error(`${email} has no app`)
  return codeOf(key, Date.now())
}

function hasApp(number: number): boolean {
  return number % 2 === 1
}

/** 160 bits. */
function keyOf(number: number): string {
  const bytes = createHash('sha1').update(`app of ${number}`).digest()
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('')
}

/** Milliseconds after which an app shows another code for certain. */
const SHOWN = 31_000
/** Longer than anybody takes to type a code once it is their turn. */
const LONGEST = 5000

export interface Crowd {
  /** How many of them have an app. */
  apps: number
  /** Those that come next: everybody has had their turn before somebody comes again. */
  next(size: number, equipped: Equipped): Member[]
  /** Resolves when each of them may type a code: one is good once. They do so within seconds. */
  typing(some: Member[]): Promise<void>
}

export function inTurn(people: number): Crowd {
  const apps = Math.floor(people / 2)
  const turns = { plain: 0, app: 0, passkey: 0 }
  const typed = new Map<number, number>()
  return {
    apps,
    next(size, equipped) {
      const there = equipped === 'passkey' ? KEYED : apps
      if (size > there) throw new Error(`${there} people are too few for a batch of ${size}`)
      return Array.from({ length: size }, () => {
        const turn = turns[equipped]++ % there
        return equipped === 'passkey' ? keyedMember(people, turn) : member(turn * 2 + (equipped === 'app' ? 1 : 0))
      })
    },
    async typing(some) {
      const free = Math.max(...some.map(({ number }) => (typed.get(number) ?? 0) + SHOWN))
      await new Promise((done) => setTimeout(done, Math.max(0, free - Date.now())))
      for (const { number } of some) typed.set(number, Date.now() + LONGEST)
    },
  }
}

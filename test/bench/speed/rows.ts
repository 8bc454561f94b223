/** What is measured: a batch of each kind of work, done by one target at a time. */
import { type Line, lineTo } from './driver.ts'
import * as flows from './flows.ts'
import { type Crowd, type Equipped, inTurn } from './people.ts'
import type { Spent } from './processor.ts'
import type { Target } from './target.ts'

/** A target and those who are in front of it. */
export interface Station {
  line: Line
  people: Crowd
  /** Signed in for good: for work that a session, or its tokens, can do again and again. */
  signedIn: flows.SignedIn[]
  /** Those who have not been asked for more than what they signed in with. */
  plain: flows.SignedIn[]
}

export function stationAt(target: Target, people: number): Station {
  return { line: lineTo(target), people: inTurn(people), signedIn: [], plain: [] }
}

export interface Row {
  name: string
  /** How often in one round, if nobody says otherwise. */
  batch: number
  /** Left out for targets that know no passkeys. */
  passkeys?: true
  /** What costs nothing of what is measured; returns the works of the batch. */
  ready(station: Station, size: number): Promise<Array<() => Promise<unknown>>>
}

/** What a figure is to be at most: so many times the first target's, or so much. */
export interface Reach {
  most: number
  by: 'times' | 'amount'
}

/** A figure of the table: processor time of one work, in ms. */
export interface Figure {
  name: string
  row: string
  of(spent: Spent): number
  /** Only where the hash can be told apart. */
  ofHash?: true
  reach: Reach | undefined
}

/** At most so many works of one batch are under way. */
const AT_ONCE = 4
const SESSIONS = 20
const MOST_BATCHES = 10

export const ROWS: Row[] = [
  { name: 'password', batch: 40, ready: (station, size) => newcomers(station, size, 'plain', flows.withPassword) },
  { name: 'code', batch: 40, ready: (station, size) => newcomers(station, size, 'app', flows.withCode) },
  {
    name: 'passkey',
    batch: 40,
    passkeys: true,
    ready: (station, size) => newcomers(station, size, 'passkey', flows.withPasskey),
  },
  {
    name: 'step-up',
    batch: 40,
    async ready(station, size) {
      const row = await plainlySignedIn(station, size)
      await station.people.typing(row.map(({ person }) => person))
      return row.map((one) => () => flows.stepUp(station.line, one))
    },
  },
  { name: 'silent', batch: 120, ready: again((line, one) => flows.silent(line, one)) },
  { name: 'refresh', batch: 120, ready: again(refreshed) },
  { name: 'client', batch: 400, ready: again((line) => flows.clientCredentials(line)) },
  { name: 'introspection', batch: 400, ready: again((line, { tokens }) => flows.introspect(line, tokens)) },
  { name: 'userinfo', batch: 400, ready: again((line, { tokens }) => flows.userinfo(line, tokens)) },
  { name: 'discovery', batch: 600, ready: again((line) => flows.document(line, 'discovery')) },
  { name: 'jwks', batch: 600, ready: again((line) => flows.document(line, 'jwks')) },
]

const whole = ({ all }: Spent) => all
/** Argon2id runs on libuv's threads. Syncs of the store's log do too, and are left out with it. */
const withoutHash = ({ all, pool }: Spent) => all - pool

function times(most: number): Reach {
  return { most, by: 'times' }
}

export const FIGURES: Figure[] = [
  { name: 'password sign-in', row: 'password', of: whole, reach: times(1.15) },
  { name: 'password sign-in without the hash', row: 'password', of: withoutHash, ofHash: true, reach: times(1.6) },
  { name: 'password + code', row: 'code', of: whole, reach: times(1.25) },
  { name: 'password + code without the hash', row: 'code', of: withoutHash, ofHash: true, reach: times(1.6) },
  { name: 'passkey sign-in', row: 'passkey', of: whole, reach: undefined },
  { name: 'step-up', row: 'step-up', of: whole, reach: undefined },
  { name: 'silent sign-on', row: 'silent', of: whole, reach: times(1.2) },
  { name: 'refresh', row: 'refresh', of: whole, reach: times(1.2) },
  { name: 'client credentials', row: 'client', of: whole, reach: times(1.6) },
  { name: 'introspection', row: 'introspection', of: whole, reach: times(1.2) },
  { name: 'userinfo', row: 'userinfo', of: whole, reach: times(1.2) },
  { name: 'discovery', row: 'discovery', of: whole, reach: times(0.6) },
  { name: 'JWKS', row: 'jwks', of: whole, reach: times(0.6) },
]

async function newcomers(
  { line, people }: Station,
  size: number,
  equipped: Equipped,
  signIn: typeof flows.withPassword,
): Promise<Array<() => Promise<unknown>>> {
  const row = people.next(size, equipped)
  if (equipped === 'app') await people.typing(row)
  return row.map((person) => () => signIn(line, person))
}

/** For several rounds at once: whoever has just typed a code waits for the next. */
async function plainlySignedIn({ line, people, plain }: Station, size: number): Promise<flows.SignedIn[]> {
  const { before } = line.target.stepUp
  const batches = Math.min(MOST_BATCHES, Math.floor(people.apps / size))
  while (plain.length < size) {
    for (let n = 0; n < batches; n += 1) {
      const row = people.next(size, 'app')
      if (before === 'code') await people.typing(row)
      const signIn = before === 'code' ? flows.withCode : flows.withPassword
      await together(row.map((person) => async () => void plain.push(await signIn(line, person))))
    }
  }
  return plain.splice(0, size)
}

/** Work of those who are signed in, in turn: at one time nobody does two things. */
function again(work: (line: Line, one: flows.SignedIn) => Promise<unknown>): Row['ready'] {
  return async (station, size) => {
    const { line, people, signedIn } = station
    if (signedIn.length === 0) {
      for (const person of people.next(SESSIONS, 'plain')) signedIn.push(await flows.withPassword(line, person))
    }
    return Array.from({ length: size }, (_, n) => {
      const one = signedIn[n % SESSIONS] as flows.SignedIn
      return () => work(line, one)
    })
  }
}

async function refreshed(line: Line, one: flows.SignedIn): Promise<void> {
  one.tokens = { ...one.tokens, ...(await flows.refresh(line, one.tokens)) }
}

/** Rejects with the first that fails, once those under way are over. */
export async function together(works: Array<() => Promise<unknown>>): Promise<void> {
  const left = works.values()
  async function worker(): Promise<void> {
    for (const work of left) await work()
  }
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
}

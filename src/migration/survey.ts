/**
 * The first look at a file: which addresses, ids and secrets are in it more than once. Which of two lines is right cannot be
 * known here, so neither is taken: the one that is wrong would give somebody another's account.
 */
import { createHash } from 'node:crypto'
import { looksOf } from '../person/look-alike.ts'
import type { Incoming } from './incoming.ts'
import type { LineFault } from './line.ts'

export interface Survey {
  note(line: number, incoming: Incoming, secrets: string[]): void
  /** What is wrong with a line because of others. */
  faults(line: number, incoming: Incoming, secrets: string[]): LineFault[]
  /** How many lines have this number: those of one family may. */
  countOf(number: string): number
  /** A line is about whom the old system calls so. */
  holds(externalId: string): boolean
  /** Another line has an address that looks like this one. */
  looksLikeAnother(email: string): boolean
  /** So many ids of the old system pass for citizen service numbers that this is what they are. */
  holdsCitizenNumbers(): boolean
}

/** Of all ids, as of a column in a file of invitations. By chance one in eleven numbers passes. */
const TOO_MANY = 1 / 3
/** Lines that are named of those which have something in common. */
const MOST_NAMED = 5

export function survey(passesForCitizenNumber: (text: string) => boolean): Survey {
  const keys = seenTwice()
  const looks = seenTwice()
  let [ids, passing] = [0, 0]

  return {
    note(line, incoming, secrets) {
      for (const { key } of keysOf(incoming, secrets)) keys.add(key, line)
      looks.add(shortOf(looksOf(incoming.email)), line)
      const { externalId, phone } = incoming
      if (phone) keys.add(numberOf(phone.number), line)
      ids += 1
      // A spreadsheet takes the zero away that a number begins with.
      if (passesForCitizenNumber(/^\d{8}$/.test(externalId) ? `0${externalId}` : externalId)) passing += 1
    },
    faults: (line, incoming, secrets) =>
      keysOf(incoming, secrets).flatMap(({ field, key }) => {
        const seen = keys.seenIn(key)
        if (!seen) return []
        const others = seen.first.filter((other) => other !== line).slice(0, MOST_NAMED)
        const unnamed = seen.count - 1 - others.length
        const named = `line ${others.join(', ')}${unnamed > 0 ? ` and ${unnamed} more` : ''}`
        return [{ field, code: field === 'totp' ? 'shared' : 'twice', reason: `is in ${named} as well` }]
      }),
    countOf: (number) => keys.seenIn(numberOf(number))?.count ?? 1,
    holds: (externalId) => keys.has(externalOf(externalId)),
    looksLikeAnother: (email) => looks.seenIn(shortOf(looksOf(email))) !== undefined,
    holdsCitizenNumbers: () => passing > 0 && passing >= ids * TOO_MANY,
  }
}

interface Seen {
  /** The first lines. */
  first: number[]
  count: number
}

/** Which keys were seen in several lines. Kept as plain numbers one after the other, so that a million takes 20 MB. */
function seenTwice() {
  let keys = new Float64Array(1024)
  let lines = new Uint32Array(1024)
  let size = 0
  let sorted: Float64Array | undefined
  let found: Map<number, Seen> | undefined

  function inOrder(): Float64Array {
    sorted ??= keys.slice(0, size).sort()
    return sorted
  }

  function find(): Map<number, Seen> {
    const sorted = inOrder()
    const repeated = new Map<number, Seen>()
    for (let at = 1; at < size; at += 1)
      if (sorted[at] === sorted[at - 1]) repeated.set(sorted[at] ?? 0, { first: [], count: 0 })
    for (let at = 0; repeated.size > 0 && at < size; at += 1) {
      const seen = repeated.get(keys[at] ?? 0)
      if (!seen) continue
      seen.count += 1
      // One more than are named, since one may be the line that it is told of; all would be gone through for each of them.
      if (seen.first.length <= MOST_NAMED) seen.first.push(lines[at] ?? 0)
    }
    return repeated
  }

  return {
    add(key: number, line: number) {
      if (size === keys.length) {
        const [more, longer] = [new Float64Array(2 * size), new Uint32Array(2 * size)]
        more.set(keys)
        longer.set(lines)
        keys = more
        lines = longer
      }
      keys[size] = key
      lines[size] = line
      size += 1
    },
    /** Undefined for a key that was seen once. To be asked once everything was added. */
    seenIn(key: number): Seen | undefined {
      found ??= find()
      return found.get(key)
    },
    /** To be asked then, too. */
    has(key: number): boolean {
      const all = inOrder()
      let [from, to] = [0, all.length]
      while (from < to) {
        const middle = (from + to) >> 1
        if ((all[middle] ?? 0) < key) from = middle + 1
        else to = middle
      }
      return all[from] === key
    },
  }
}

function keysOf({ emailKey, externalId, id }: Incoming, secrets: string[]): Array<{ field: string; key: number }> {
  return [
    { field: 'email', key: shortOf(`e${emailKey}`) },
    { field: 'external_id', key: externalOf(externalId) },
    ...(id === undefined ? [] : [{ field: 'id', key: shortOf(`i${id}`) }]),
    ...secrets.map((secret) => ({ field: 'totp', key: shortOf(`s${secret}`) })),
  ]
}

function externalOf(externalId: string): number {
  return shortOf(`x${externalId}`)
}

function numberOf(number: string): number {
  return shortOf(`n${number}`)
}

/**
 * Stands for a text in a few bytes, since a file may have millions: 52 bits of a digest. That two of 100,000 people are taken
 * for one by it happens once in a hundred thousand files, and then they are refused and told of.
 */
function shortOf(text: string): number {
  const bytes = createHash('sha256').update(text).digest()
  return bytes.readUIntBE(0, 6) * 16 + (bytes.readUInt8(6) >> 4)
}

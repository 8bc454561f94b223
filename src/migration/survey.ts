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
  /** Another line has an address that looks like this one. */
  looksLikeAnother(incoming: Incoming): boolean
  /** Ids of the old system that pass for citizen service numbers, all of them: then that is what they are. */
  holdsCitizenNumbers(): boolean
}

/** So many that it is no chance: one in eleven numbers passes. */
const ENOUGH = 5

export function survey(passesForCitizenNumber: (text: string) => boolean): Survey {
  const keys = seenTwice()
  const looks = seenTwice()
  let [nineDigits, passing] = [0, 0]

  return {
    note(line, incoming, secrets) {
      for (const { key } of keysOf(incoming, secrets)) keys.add(key, line)
      looks.add(shortOf(looksOf(incoming.email)), line)
      if (!/^\d{9}$/.test(incoming.externalId)) return
      nineDigits += 1
      if (passesForCitizenNumber(incoming.externalId)) passing += 1
    },
    faults: (line, incoming, secrets) =>
      keysOf(incoming, secrets).flatMap(({ field, key }) => {
        const lines = keys.linesOf(key)
        if (lines.length === 0) return []
        const others = lines.filter((other) => other !== line).slice(0, 5)
        const code = field === 'totp' ? 'shared' : 'twice'
        return [{ field, code, reason: `is in line ${others.join(', ')} as well` }]
      }),
    looksLikeAnother: ({ email }) => looks.linesOf(shortOf(looksOf(email))).length > 0,
    holdsCitizenNumbers: () => nineDigits >= ENOUGH && passing === nineDigits,
  }
}

/** Which keys were seen in several lines. Kept as plain numbers one after the other, so that a million takes 12 MB. */
function seenTwice() {
  let keys = new Float64Array(1024)
  let lines = new Uint32Array(1024)
  let size = 0
  let found: Map<number, number[]> | undefined

  function find(): Map<number, number[]> {
    const sorted = keys.slice(0, size).sort()
    const repeated = new Map<number, number[]>()
    for (let at = 1; at < size; at += 1) if (sorted[at] === sorted[at - 1]) repeated.set(sorted[at] ?? 0, [])
    for (let at = 0; repeated.size > 0 && at < size; at += 1) repeated.get(keys[at] ?? 0)?.push(lines[at] ?? 0)
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
    /** None for a key that was seen once. To be asked once everything was added. */
    linesOf(key: number): number[] {
      found ??= find()
      return found.get(key) ?? []
    },
  }
}

function keysOf({ emailKey, externalId, id }: Incoming, secrets: string[]): Array<{ field: string; key: number }> {
  return [
    { field: 'email', key: shortOf(`e${emailKey}`) },
    { field: 'external_id', key: shortOf(`x${externalId}`) },
    ...(id === undefined ? [] : [{ field: 'id', key: shortOf(`i${id}`) }]),
    ...secrets.map((secret) => ({ field: 'totp', key: shortOf(`s${secret}`) })),
  ]
}

/**
 * Stands for a text in a few bytes, since a file may have millions: 52 bits of a digest. That two of 100,000 people are taken
 * for one by it happens once in a hundred thousand files, and then they are refused and told of.
 */
function shortOf(text: string): number {
  const bytes = createHash('sha256').update(text).digest()
  return bytes.readUIntBE(0, 6) * 16 + (bytes.readUInt8(6) >> 4)
}

/**
 * The first look at a file: which addresses, ids and secrets are in it more than once. Which of two lines is right cannot be
 * known here, so neither is taken: the one that is wrong would give somebody another's account.
 */
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
  const first = new Map<string, number>()
  const more = new Map<string, number[]>()
  const looks = new Map<string, string>()
  const alike = new Set<string>()
  let [nineDigits, passing] = [0, 0]

  return {
    note(line, incoming, secrets) {
      for (const { key } of keysOf(incoming, secrets)) {
        const before = first.get(key)
        if (before === undefined) first.set(key, line)
        else more.set(key, [...(more.get(key) ?? [before]), line])
      }
      const seen = looksOf(incoming.email)
      const other = looks.get(seen)
      if (other === undefined) looks.set(seen, incoming.emailKey)
      else if (other !== incoming.emailKey) alike.add(seen)
      if (!/^\d{9}$/.test(incoming.externalId)) return
      nineDigits += 1
      if (passesForCitizenNumber(incoming.externalId)) passing += 1
    },
    faults: (line, incoming, secrets) =>
      keysOf(incoming, secrets).flatMap(({ field, key }) => {
        const lines = more.get(key)
        if (!lines) return []
        const others = lines.filter((other) => other !== line).slice(0, 5)
        const code = field === 'totp' ? 'shared' : 'twice'
        return [{ field, code, reason: `is in line ${others.join(', ')} as well` }]
      }),
    looksLikeAnother: ({ email }) => alike.has(looksOf(email)),
    holdsCitizenNumbers: () => nineDigits >= ENOUGH && passing === nineDigits,
  }
}

function keysOf({ emailKey, externalId, id }: Incoming, secrets: string[]): Array<{ field: string; key: string }> {
  return [
    { field: 'email', key: `e${emailKey}` },
    { field: 'external_id', key: `x${externalId}` },
    ...(id === undefined ? [] : [{ field: 'id', key: `i${id}` }]),
    ...secrets.map((secret) => ({ field: 'totp', key: `s${secret}` })),
  ]
}

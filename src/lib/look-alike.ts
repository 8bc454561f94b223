/**
 * Names that people would take for another's. Consent and the list of applications show the name alone, so one that looks
 * like an application of the house is a way to people's trust (UTR 39 section 4).
 *
 * The rule: two names look alike if the same is left of them after case, accents, spaces, punctuation and unseen signs are
 * gone, and every sign that looks like a Latin letter counts as that letter. And a word is of one script, whatever it
 * looks like (UTR 39 section 5.2): mixing them serves nothing but looking like another.
 */

/** Signs that look like a Latin letter or two, by what they look like. Small letters: capitals are made small first. */
const LOOKS: Record<string, string> = {
  // Cyrillic, Greek, Armenian, Cherokee, Latin with other names, by the letter.
  a: 'аɑαᴀ',
  b: 'ьƅʙв',
  c: 'сϲᴄƈ',
  d: 'ԁɗđᴅ',
  e: 'еҽɛєэᴇ',
  f: 'ƒғꜰ',
  g: 'ɡցɢ',
  h: 'һհңнʜ',
  j: 'јϳʝᴊ',
  k: 'кκᴋқ',
  // One class: in most typefaces a capital I is a small l, and 1 is close to both.
  l: 'il1|ıіιӏǀℓłᴌɩɪǃ!',
  m: 'мᴍ',
  n: 'ոռηɴпл',
  o: '0оοօσөøᴏ',
  p: 'рρᴘþ',
  q: 'ԛգ',
  r: 'гᴦʀɾ',
  s: 'ѕꜱƽ5$',
  t: 'тτᴛƭ',
  u: 'υսʋцᴜ',
  v: 'νѵᴠ',
  w: 'ԝѡաωɯшщᴡ',
  x: 'хχ×',
  y: 'уүγʏ',
  z: 'ᴢʐ',
  ss: 'ß',
  ae: 'æӕ',
  oe: 'œ',
}

const LIKE = new Map(Object.entries(LOOKS).flatMap(([letter, signs]) => [...signs].map((sign) => [sign, letter])))

/** What is left to tell names apart by. Empty for a name of nothing but signs. */
export function skeleton(name: string): string {
  const bare = name
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    // `!` and `|` are punctuation that stands for a letter.
    .replace(/[^\p{L}\p{N}|!$×ǀǃ]/gu, '')
  return [...bare]
    .map((sign) => LIKE.get(sign) ?? sign)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
}

export function looksLike(name: string, other: string): boolean {
  const left = skeleton(name)
  return left !== '' && left === skeleton(other)
}

/** Scripts that are written together in one word, beside Latin (UTR 39 section 5.2, «Highly Restrictive»). */
const TOGETHER = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo']
const SCRIPTS = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Georgian', 'Coptic', 'Lisu', ...TOGETHER]
const BY_SCRIPT = SCRIPTS.map((script) => ({ script, has: new RegExp(`\\p{Script=${script}}`, 'u') }))

/** A word of the name that is of several scripts; undefined if there is none. */
export function mixedWord(name: string): string | undefined {
  // In the form that is kept: a full-width letter is Latin as well.
  const words = name.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  return words.find((word) => {
    const used = BY_SCRIPT.filter(({ has }) => has.test(word)).map(({ script }) => script)
    return used.filter((script) => !TOGETHER.includes(script)).length > 1
  })
}

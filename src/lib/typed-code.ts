/**
 * Codes as people type and paste them: `123-456`, `１２３ ４５６`, `١٢٣٤٥٦`, with the signs that nobody sees and that a
 * message carries along. One reading for every field that takes a code, and the pattern by which such a field lets
 * through what the reading takes, and nothing else.
 */

/** Signs in a field for a code: enough for every code with something between any two of its signs. */
export const LONGEST_TYPED = 64

/** What stands between digits and says nothing: spaces, dashes, dots, and signs that nobody sees. */
const BETWEEN = '\\s\\p{Cf}\\p{Pd}\\u2212.．·•‧'
const SEPARATORS = new RegExp(`[${BETWEEN}]`, 'gu')
/** U+FF01 to U+FF5E, as an Asian keyboard makes them, are U+0021 to U+007E. */
const FULL_WIDTH = /[！-～]/gu
const FULL_WIDTH_OFFSET = 0xfee0
const DIGIT = /\p{Nd}/u

/** What was typed, without separators, in plain digits and letters. Whether that is a code, its reader says. */
export function typedCode(typed: string): string {
  return typed
    .replace(SEPARATORS, '')
    .replace(/\p{Nd}/gu, digitOf)
    .replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - FULL_WIDTH_OFFSET))
}

/** For the `pattern` of a field, which browsers read with `v` or `u`: so many digits, of any script, however apart. */
export function codePattern(least: number, most: number): string {
  const count = least === most ? least : `${least},${most}`
  return `[${BETWEEN}]*(\\p{Nd}[${BETWEEN}]*){${count}}`
}

/** The digits of every script stand in rows of ten that begin with its zero (Unicode Standard, section 4.6). */
function digitOf(sign: string): string {
  const at = sign.codePointAt(0) ?? 0
  let zero = at
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1
  return String((at - zero) % 10)
}

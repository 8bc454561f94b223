/** What people write, kept to signs that can be seen. */

/**
 * Signs that cannot be seen, or change the direction of the text around them, would make one name look like another, or
 * one line of a list like two. The joiners U+200C and U+200D stay: names in Persian and the scripts of India need them.
 */
const UNSEEN = String.raw`\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff`
const RUN_OF_UNSEEN = new RegExp(`[${UNSEEN}]+`, 'gu')

/** A text without them. */
export const PLAIN = new RegExp(`^[^${UNSEEN}]+$`, 'u')

/** Free text on one line: a space in the place of what cannot be seen. */
export function onOneLine(text: string): string {
  return text.replace(RUN_OF_UNSEEN, ' ').trim()
}

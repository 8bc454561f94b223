/** Text without what is different every time, so that what it must not hold cannot be in it by chance. */

/**
 * Nonces, tokens, ids, digests of files, references. A word of three letters, whatever their case, is found in one such
 * token in a thousand: looked for in page after page, it would be found one day.
 */
export function withoutRandom(text: string): string {
  return withoutDigests(text)
    .replaceAll(/nonce[-=]["']?[\w+/]{22}==["']?/g, '')
    .replaceAll(/<code>[A-Z2-9]{8}<\/code>/g, '')
    .replaceAll(/[\w-]{20,}/g, '')
}

/** A page without the digests of the files that it links: as good as random each time that one of them is changed. */
export function withoutDigests(html: string): string {
  return html.replaceAll(/\?v=[\w-]+/g, '')
}

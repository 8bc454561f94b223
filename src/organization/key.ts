/** How organizations are told apart by what people type. */

/** Two spellings of one name are one organization: NFKC (UAX 15), no case, one space between words and none around them. */
export function organizationKey(name: string): string {
  // Up before down, which is as good as case folding: ß and SS are the same then, and so are both forms of σ.
  return name.normalize('NFKC').trim().replace(/\s+/g, ' ').toUpperCase().toLowerCase()
}

/** How many signs have to be put in, left out or changed to make one of the other, in any order (Levenshtein). */
export function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, sign] of [...one].entries()) {
    const next = [index + 1]
    for (let at = 0; at < other.length; at += 1)
      next.push(
        Math.min((row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1, (row[at] ?? 0) + Number(other.charAt(at) !== sign)),
      )
    row = next
  }
  return row[other.length] ?? 0
}

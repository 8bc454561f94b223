/** How organizations are told apart by what people type. */

/** Two spellings of one name are one organization: NFKC (UAX 15), no case, one space between words and none around them. */
export function organizationKey(name: string): string {
  // Up before down, which is as good as case folding: ß and SS are the same then, and so are both forms of σ.
  return name.normalize('NFKC').trim().replace(/\s+/g, ' ').toUpperCase().toLowerCase()
}

/** How many signs have to be put in, left out or changed to make one of the other, in any order (Levenshtein). */
export function distance(one: string, other: string): number {
  const signs = [...other]
  // In place: a typed name is compared with thousands.
  const row = Uint32Array.from({ length: signs.length + 1 }, (_, index) => index)
  for (const [index, sign] of [...one].entries()) {
    let before = index
    row[0] = index + 1
    for (let at = 0; at < signs.length; at += 1) {
      const above = row[at + 1] ?? 0
      row[at + 1] = Math.min(above + 1, (row[at] ?? 0) + 1, before + (signs[at] === sign ? 0 : 1))
      before = above
    }
  }
  return row[signs.length] ?? 0
}

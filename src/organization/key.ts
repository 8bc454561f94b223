/** Organizations, as long as they are no records of their own: names that people type. */

/** Two spellings of one name are one organization: NFKC (UAX 15), no case, one space between words and none around them. */
export function organizationKey(name: string): string {
  // Up before down, which is as good as case folding: ß and SS are the same then, and so are both forms of σ.
  return name.normalize('NFKC').trim().replace(/\s+/g, ' ').toUpperCase().toLowerCase()
}

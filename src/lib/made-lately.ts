/**
 * What was made of a text lately, for what is made of it again with each request: a signature, say. It must depend on the text
 * and on nothing that changes, for it is not asked again whether it still holds.
 */

/** So many are held: some 200 bytes each. */
const MOST = 2000
/** Characters. A stranger's text may be as long as they like, and is made anew then. */
const LONGEST = 200

export function madeLately(make: (text: string) => string): (text: string) => string {
  // The one that was made longest ago stands first.
  const made = new Map<string, string>()

  return (text) => {
    const before = made.get(text)
    if (before !== undefined) return before
    const one = make(text)
    if (text.length > LONGEST) return one
    made.set(text, one)
    const [oldest] = made.keys()
    if (made.size > MOST && oldest !== undefined) made.delete(oldest)
    return one
  }
}

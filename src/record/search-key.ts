/** What a name is searched by, and what is typed to find it: NFKC (UAX 15), no case, no surrounding space. */
export function searchKey(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase()
}

/** What becomes of each line, in eight bytes of its digest: so a million takes 8 MB. */
export function deeds() {
  let kept = new BigUint64Array(1024)
  let size = 0
  const shortOf = (did: string) => Buffer.from(did, 'base64url').readBigUInt64BE()
  return {
    add(did: string) {
      if (size === kept.length) {
        const more = new BigUint64Array(2 * size)
        more.set(kept)
        kept = more
      }
      kept[size] = shortOf(did)
      size += 1
    },
    has: (at: number, did: string) => at < size && kept[at] === shortOf(did),
  }
}

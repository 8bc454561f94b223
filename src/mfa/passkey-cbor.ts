/**
 * CBOR (RFC 8949) as authenticators write it (CTAP 2.1 section 8, the canonical form): no indefinite lengths and no tags.
 * That a number is written in more bytes than it needs is let pass, because some password managers do so.
 */

/** Floats and what is null or undefined are all null here: nobody asks what they say. Beyond 2^53 a number is not exact. */
export type Cbor = number | string | boolean | null | Buffer | Cbor[] | CborMap
export type CborMap = Map<number | string, Cbor>

/** One item, and where the next one begins. */
export interface CborItem {
  value: Cbor
  end: number
}

interface Head {
  major: number
  /** The low five bits of the first byte. */
  info: number
  argument: number
  end: number
}

/** An attestation statement has three levels, an extension rarely more. */
const DEPTH = 16
const SIMPLE = new Map<number, Cbor>([
  [20, false],
  [21, true],
  [22, null],
  [23, null],
  // Floats of 2, 4 and 8 bytes.
  [25, null],
  [26, null],
  [27, null],
])

/** Undefined if no whole item of this form begins there. */
export function readCbor(bytes: Buffer, start: number, depth = DEPTH): CborItem | undefined {
  const head = readHead(bytes, start)
  if (!head || depth === 0) return undefined
  const { major, info, argument, end } = head
  switch (major) {
    case 0:
      return { value: argument, end }
    case 1:
      return { value: -1 - argument, end }
    case 2:
    case 3:
      if (argument > bytes.length - end) return undefined
      return { value: textOrBytes(major, bytes.subarray(end, end + argument)), end: end + argument }
    case 4:
      return readList(bytes, head, depth - 1)
    case 5:
      return readMap(bytes, head, depth - 1)
    case 7: {
      const value = SIMPLE.get(info)
      return value === undefined ? undefined : { value, end }
    }
    default:
      return undefined
  }
}

function readHead(bytes: Buffer, start: number): Head | undefined {
  const first = bytes[start]
  if (first === undefined) return undefined
  const [major, info, at] = [first >> 5, first & 31, start + 1]
  if (info < 24) return { major, info, argument: info, end: at }
  // 28 to 30 are reserved, 31 is of indefinite length.
  if (info > 27) return undefined
  const end = at + 2 ** (info - 24)
  if (end > bytes.length) return undefined
  const argument = info === 27 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUIntBE(at, end - at)
  return { major, info, argument, end }
}

function textOrBytes(major: number, content: Buffer): string | Buffer {
  return major === 3 ? content.toString('utf8') : content
}

// However long a list says that it is, reading ends where the bytes do.
function readList(bytes: Buffer, { argument, end }: Head, depth: number): CborItem | undefined {
  const value: Cbor[] = []
  let at = end
  while (value.length < argument) {
    const item = readCbor(bytes, at, depth)
    if (!item) return undefined
    value.push(item.value)
    at = item.end
  }
  return { value, end: at }
}

/** Of a map that says one thing twice, two readers may see different halves: it is none. */
function readMap(bytes: Buffer, { argument, end }: Head, depth: number): CborItem | undefined {
  const value: CborMap = new Map()
  let at = end
  while (value.size < argument) {
    const key = readCbor(bytes, at, depth)
    if (!key || (typeof key.value !== 'number' && typeof key.value !== 'string')) return undefined
    const item = readCbor(bytes, key.end, depth)
    if (!item || value.has(key.value)) return undefined
    value.set(key.value, item.value)
    at = item.end
  }
  return { value, end: at }
}

/**
 * Where one is in a JSON document that is read byte by byte: how deep, on which line, and in the object that is the document,
 * or in each of the list that it is, which name the value has that comes. Enough to find people and realms without keeping
 * what stands around them.
 */
const NEWLINE = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const [COLON, COMMA] = [0x3a, 0x2c]
const OPENS = new Set([0x7b, 0x5b])
const CLOSES = new Set([0x7d, 0x5d])
export const LIST = 0x5b
/** Byte order mark, spaces, tabs and line ends. */
const BEFORE = new Set([0xef, 0xbb, 0xbf, 0x20, 0x09, 0x0d, NEWLINE])
/** Bytes of a text that are kept. */
const LONGEST_TEXT = 1024

export function placeIn() {
  let [inText, escaped] = [false, false]
  const place = {
    line: 1,
    depth: 0,
    /** Depth of what has names: 1 for an object, 2 for each of a list. */
    level: 1,
    /** Which one of the list. */
    index: -1,
    name: undefined as string | undefined,
    /** The last text there, as it is written. */
    text: '',
    /** What comes is a value that `name` is the name of. */
    isValue: () => place.name !== undefined && place.depth === place.level + 1,

    /** What a byte is: where something opens, one is in it already. */
    step(byte: number): 'opens' | 'closes' | 'text' | undefined {
      if (byte === NEWLINE) place.line += 1
      if (inText) return inside(byte)
      if (byte === QUOTE) {
        inText = true
        place.text = ''
      } else if (byte === COLON && place.depth === place.level) place.name = place.text
      else if (byte === COMMA && place.depth === place.level) place.name = undefined
      else if (OPENS.has(byte)) {
        if (place.depth === 0) place.level = byte === LIST ? 2 : 1
        place.depth += 1
        if (place.depth === place.level) {
          place.index += 1
          place.name = undefined
        }
        return 'opens'
      } else if (CLOSES.has(byte)) {
        place.depth -= 1
        return 'closes'
      }
      return undefined
    },
  }

  function inside(byte: number): 'text' | undefined {
    if (escaped) escaped = false
    else if (byte === BACKSLASH) escaped = true
    else if (byte === QUOTE) {
      inText = false
      return 'text'
    }
    if (place.depth === place.level && place.text.length < LONGEST_TEXT) place.text += String.fromCharCode(byte)
    return undefined
  }

  return place
}

/** What the first sign says: a list is one document, and an object may be the first of lines. */
export async function beginsWithList(file: AsyncIterable<Uint8Array>): Promise<boolean> {
  for await (const chunk of file) {
    const first = chunk.find((byte) => !BEFORE.has(byte))
    if (first !== undefined) return first === LIST
  }
  return false
}

/** What the realms of an export are called, in their order; undefined for what has none of a name. */
export async function realmsIn(file: AsyncIterable<Uint8Array>): Promise<Array<string | undefined>> {
  const place = placeIn()
  const realms: Array<string | undefined> = []
  for await (const chunk of file)
    for (const byte of chunk) {
      if (place.step(byte) !== 'text' || place.depth !== place.level || place.name !== 'realm') continue
      realms[place.index] = textOf(place.text)
      // Of a single one nothing else is asked.
      if (place.level === 1) return realms
    }
  return realms
}

function textOf(written: string): string | undefined {
  try {
    return String(JSON.parse(`"${Buffer.from(written, 'latin1').toString()}"`))
  } catch {
    return undefined
  }
}

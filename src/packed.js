/**
 * Which JavaScript to start: the product and its libraries packed into a few files, or the sources as they are.
 *
 * More than a thousand modules, each to be found, read, freed of its types and linked, take two thirds of a start. A pack
 * is named by everything that it was made of, so one that no longer fits is not found; then the sources are started.
 * pack.js makes it. Plain JavaScript, because it runs before there is anything else.
 */
import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const sources = new URL('./', import.meta.url)
const lock = new URL('../package-lock.json', sources)
/** Beside the sources and not among the packages, whose folder may be that of another copy. */
const packs = new URL('../.made/packed/', sources)
/** Bytes: more than any source has. */
const MOST = 256 * 1024

/** The folder of the pack that fits these sources and these packages, whether it is there or not. None without a lock file. */
export function packFolder() {
  // Then nobody knows which packages these are.
  if (!existsSync(lock)) return undefined
  const all = createHash('sha256').update(readFileSync(lock))
  const root = fileURLToPath(sources)
  const room = Buffer.allocUnsafe(MOST)
  for (const name of namesIn(root).sort()) all.update(`\n${name}\n`).update(contentOf(root + name, room))
  return new URL(`${all.digest('hex').slice(0, 32)}/`, packs)
}

/** Read into one room for all, which takes two thirds of the time. A file that is larger than the room is read by itself. */
function contentOf(path, room) {
  const file = openSync(path, 'r')
  try {
    const length = readSync(file, room, 0, room.length, 0)
    return length < room.length ? room.subarray(0, length) : readFileSync(path)
  } finally {
    closeSync(file)
  }
}

/** Of every source below. By hand, and by paths instead of URLs: so it takes a third of the time, which each start waits. */
function namesIn(root, folder = '') {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const name = folder + entry.name
    return entry.isDirectory() ? namesIn(root, `${name}/`) : /\.[jt]s$/.test(name) ? [name] : []
  })
}

/** What to import for `src/<name>.ts`. */
export function entryOf(name, folder = packFolder()) {
  const packed = folder && new URL(`${name}.js`, folder)
  return (packed && existsSync(packed) ? packed : new URL(`${name}.ts`, sources)).href
}

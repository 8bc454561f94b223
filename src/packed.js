/**
 * Which JavaScript to start: the product and its libraries packed into a few files, or the sources as they are.
 *
 * More than a thousand modules, each to be found, read, freed of its types and linked, take two thirds of a start. A pack
 * is named by everything that it was made of, so one that no longer fits is not found; then the sources are started.
 * pack.js makes it. Plain JavaScript, because it runs before there is anything else.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const sources = new URL('./', import.meta.url)
const lock = new URL('../package-lock.json', sources)
/** Beside the sources and not among the packages, whose folder may be that of another copy. */
const packs = new URL('../.made/packed/', sources)

/** The folder of the pack that fits these sources and these packages, whether it is there or not. None without a lock file. */
export function packFolder() {
  // Then nobody knows which packages these are.
  if (!existsSync(lock)) return undefined
  const all = createHash('sha256').update(readFileSync(lock))
  const names = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => /\.[jt]s$/.test(name))
  for (const name of names.sort()) all.update(`\n${name}\n`).update(readFileSync(new URL(name, sources)))
  return new URL(`${all.digest('hex').slice(0, 32)}/`, packs)
}

/** What to import for `src/<name>.ts`. */
export function entryOf(name, folder = packFolder()) {
  const packed = folder && new URL(`${name}.js`, folder)
  return (packed && existsSync(packed) ? packed : new URL(`${name}.ts`, sources)).href
}

/**
 * Packs the product and its libraries into a few files of JavaScript, which start in a third of the time (packed.js).
 *
 * `npm start` does it where something changed, and the image when it is built. The packer is for development: where it is
 * not installed, the sources are started.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import { packFolder } from './packed.js'

const root = resolve(import.meta.dirname, '..')
/** Milliseconds. Servers that run on older packs may still load a part of them. */
const KEPT = 24 * 60 * 60 * 1000
/** The name of a pack that is whole. */
const FINISHED = /^[0-9a-f]{32}$/
/** Left as packages: they have native parts, or find and read files of their own. */
const APART = /^(@node-rs\/|sharp|mongoose|ioredis|@zxcvbn-ts\/language|fxa-common-password-list)/

const ENTRIES = ['main', 'cli']
const LISTS = resolve(root, 'src/accounts/word-lists.ts')
const WORDS = 'words'

/** Makes the pack for these sources, if it is not there. `place` is a URL. */
export async function pack(place = packFolder()) {
  if (!place) throw new Error('there is no package-lock.json, which says what is packed')
  const folder = fileURLToPath(place)
  if (existsSync(folder)) return
  const { rolldown } = await import('rolldown')
  const unfinished = `${folder.slice(0, -1)}.${process.pid}`
  // Each by itself: what a start needs is one file then, and not the many that two who share it would be cut into.
  for (const name of ENTRIES) {
    const build = await rolldown({
      cwd: root,
      input: { [name]: `src/${name}.ts` },
      platform: 'node',
      external: APART,
      plugins: [inItsPlace(folder), wordListsFromFile()],
      logLevel: 'silent',
    })
    await build.write({ dir: unfinished, entryFileNames: '[name].js', chunkFileNames: `${name}-[name]-[hash].js` })
    await build.close()
  }
  const { wordLists } = await import('./accounts/word-lists.ts')
  writeFileSync(resolve(unfinished, WORDS), serialize(await wordLists()))
  writeFileSync(resolve(unfinished, 'package.json'), '{"type":"module"}\n')
  removeOld(resolve(folder, '..'))
  try {
    renameSync(unfinished, folder)
  } catch (fault) {
    // Somebody else made the same one meanwhile.
    rmSync(unfinished, { recursive: true })
    if (!existsSync(folder)) throw fault
  }
}

/** In a pack every module is still told where its source lies, and what it requires is packed as well. */
function inItsPlace(folder) {
  return {
    name: 'in-its-place',
    transform(code, id) {
      if (!id.startsWith(resolve(root, 'src')) || id === LISTS || !code.includes('import.meta.url')) return undefined
      const source = JSON.stringify(relative(folder, id).replaceAll('\\', '/'))
      return code
        .replaceAll("createRequire(import.meta.url)('oidc-provider')", "require('oidc-provider')")
        .replaceAll('import.meta.url', `new URL(${source}, import.meta.url).href`)
    },
  }
}

/** The lists that passwords are judged by, as `src/accounts/word-lists.ts` makes them. */
function wordListsFromFile() {
  return {
    name: 'word-lists-from-file',
    load(id) {
      if (id !== LISTS) return undefined
      return `
        import { readFile } from 'node:fs/promises'
        import { deserialize } from 'node:v8'
        const file = new URL('${WORDS}', import.meta.url)
        export const wordLists = async () => deserialize(await readFile(file))`
    },
  }
}

/** However old it is, the last one that was made stays: a server may have run on it for weeks, and still be running. */
function removeOld(packs) {
  mkdirSync(packs, { recursive: true })
  const found = readdirSync(packs).map((name) => {
    const path = resolve(packs, name)
    return { name, path, madeAt: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }
  })
  const [last] = found.filter(({ name }) => FINISHED.test(name)).sort((one, other) => other.madeAt - one.madeAt)
  for (const pack of found)
    if (pack !== last && Date.now() - pack.madeAt > KEPT) rmSync(pack.path, { recursive: true, force: true })
}

if (import.meta.main) await pack()

/**
 * A scratch copy of the repository, in which something is added as README's «Extend it» says. What is written there is
 * remembered, so that a test can tell whether only the files that the table names were touched.
 */
import { execFile, execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

export interface Scratch {
  folder: string
  /** Files that were made or changed, in the order in which that happened. */
  touched: string[]
  read(file: string): string
  /** Makes a file. */
  add(file: string, text: string): void
  /** Puts `text` before or after the one place where `mark` stands. */
  insert(file: string, place: 'before' | 'after', mark: string, text: string): void
  /** Changes what a JSON file holds. */
  json(file: string, change: (content: Record<string, unknown>) => void): void
  /** Runs what the copy has; rejects with all that it said if it did not end well. */
  run(program: string, args: string[], environment?: Record<string, string>): Promise<string>
  remove(): void
}

/** One row of «Extend it», followed. */
export interface Addition {
  /** The first cell of the row. */
  row: string
  /** Does what the row says. */
  apply(scratch: Scratch): void
  /** A test of its own. */
  test: { project: 'unit' | 'flow'; text: string }
  /** Tests of the part that it was added to. */
  tests: string[]
}

export function scratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-extend-'))
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
  // A file that was moved and not committed yet is listed and not there.
  for (const file of files.filter((name) => existsSync(join(root, name))))
    cpSync(join(root, file), join(folder, file), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const touched: string[] = []

  function read(file: string): string {
    return readFileSync(join(folder, file), 'utf8')
  }

  function write(file: string, text: string): void {
    if (!touched.includes(file)) touched.push(file)
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }

  return {
    folder,
    touched,
    read,
    add: write,
    insert(file, place, mark, text) {
      const [before = '', after, ...more] = read(file).split(mark)
      if (after === undefined || more.length > 0) throw new Error(`${file} does not have this once: ${mark}`)
      write(file, place === 'before' ? before + text + mark + after : before + mark + text + after)
    },
    json(file, change) {
      const content = JSON.parse(read(file)) as Record<string, unknown>
      change(content)
      write(file, `${JSON.stringify(content, undefined, 2)}\n`)
    },
    async run(program, args, environment = {}) {
      // Of the runner that this is in, nothing is handed on.
      const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|TEST|CI)/.test(name))
      const env = { ...Object.fromEntries(inherited), ...environment }
      try {
        return (await run(program, args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })).stdout
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
        throw new Error(`${program} ${args.join(' ')}\n${stdout}\n${stderr}`)
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What the row of this name says may be touched, as patterns of whole paths. */
export function namedFor(row: string): RegExp[] {
  const table = readFileSync(join(root, 'README.md'), 'utf8').split('| To add | Touch |')[1] ?? ''
  const line = table.split('\n').find((candidate) => candidate.startsWith(`| ${row} |`))
  if (!line) throw new Error(`README has no row for ${row}`)
  const paths = [...line.matchAll(/`([^`]*\/[^`]*)`/g)].map(([, path = '']) => path)
  return paths.map((path) => {
    const anything = RegExp.escape(path.endsWith('/') ? `${path}<file>` : path).replace(
      /(?:\\x3c|<)\w+(?:\\x3e|>)/g,
      '[^/]+',
    )
    return new RegExp(`^${anything}$`)
  })
}

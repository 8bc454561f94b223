/** README and docs/ are true where that can be looked up: links, files, settings, commands, fields, rooms. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { listWholeAudit } from '../../../src/admin/trail.ts'
import { VERBS } from '../../../src/admin/verbs.ts'
import { AUDIT_ALIASES } from '../../../src/command-line/audit-list.ts'
import { settings } from '../../../src/settings.ts'

const root = resolve(import.meta.dirname, '../../..')
const pages = ['README.md', ...markdownUnder('docs')]

function markdownUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .sort()
}

function text(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

/** Without blocks of code, in which brackets and bars mean something else. */
function prose(page: string): string {
  return text(page).replace(/^```[\s\S]*?^```$/gm, '')
}

function links(page: string): string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}

function relativeLinks(page: string): Array<{ target: string; file: string; anchor: string | undefined }> {
  return links(page)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#')
      return { target, file: path === '' ? page : relative(root, resolve(root, dirname(page), path)), anchor }
    })
}

/** As GitHub makes them. */
function anchors(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Every row of the tables whose head begins with this word, without their bars. */
function rowsUnder(page: string, head: string): string[][] {
  return prose(page)
    .split('\n\n')
    .filter((part) => part.trimStart().startsWith(`| ${head} |`))
    .flatMap((table) => table.trim().split('\n').slice(2))
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

function code(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words)
}

test('the front page is one page', () => {
  expect(text('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(130)
})

test.each(pages)('every link of %s leads somewhere', (page) => {
  const dead = relativeLinks(page).filter(({ file, anchor }) => {
    if (!existsSync(join(root, file))) return true
    return anchor !== undefined && !anchors(file).includes(anchor)
  })
  expect(dead.map(({ target }) => target)).toEqual([])
})

test('every page is reached from the one above it, and leads back', () => {
  const lead = (from: string, to: string) => relativeLinks(from).some(({ file }) => file === to)
  const apart = pages.slice(1).filter((page) => {
    const above = dirname(page) === 'docs' ? 'README.md' : `${dirname(page)}.md`
    return !lead(above, page) || !lead(page, above)
  })
  expect(apart).toEqual([])
})

test('every file and folder that a page names is there', () => {
  const named = pages.flatMap((page) =>
    code(prose(page))
      .filter((words) => /^(src|test|config|docs|views|\.ci)\/[\w./-]*$/.test(words))
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${page}: ${path}`),
  )
  expect(named).toEqual([])
})

interface Leaf {
  path: string
  shape: z.ZodType
}

/** What can be set, each by its path: objects are opened, and nothing else is. */
function leaves(shape: z.ZodType, path = ''): Leaf[] {
  const bare = unwrapped(shape)
  if (!(bare instanceof z.ZodObject)) return [{ path, shape: bare }]
  return Object.entries(bare.shape).flatMap(([name, inner]) =>
    leaves(inner as z.ZodType, path === '' ? name : `${path}.${name}`),
  )
}

function unwrapped(shape: z.ZodType): z.ZodType {
  // What is said in short is made into the whole first.
  if (shape instanceof z.ZodPipe && shape.in instanceof z.ZodTransform) return unwrapped(shape.out as z.ZodType)
  const wraps = shape instanceof z.ZodPrefault || shape instanceof z.ZodDefault || shape instanceof z.ZodOptional
  return wraps ? unwrapped(shape.unwrap() as z.ZodType) : shape
}

const LEAST = { issuer: 'https://id.example.org', listen: { port: 1 }, operations: { port: 2 } }
/** Of parts that may be left out, what has to be there once they are. */
const PARTS = {
  admin: { origin: 'https://admin.example.org', listen: { port: 3 } },
  portal: { port: 4 },
  backup: { folder: 'x' },
}

function withValue(path: string, value: unknown): Record<string, unknown> {
  const given: Record<string, unknown> = structuredClone({ ...LEAST, ...PARTS })
  const names = path.split('.')
  let part = given
  for (const name of names.slice(0, -1)) {
    part[name] = part[name] ?? {}
    part = part[name] as Record<string, unknown>
  }
  part[names.at(-1) ?? ''] = value
  return given
}

test('every setting is described, and nothing else', () => {
  const described = rowsUnder('docs/operating.md', 'Setting').map(([name]) => code(name)[0])
  expect(described.toSorted()).toEqual(
    leaves(settings)
      .map(({ path }) => path)
      .toSorted(),
  )
})

test('a setting that nobody says is what its row says', () => {
  const plain = settings.parse({ ...LEAST, ...PARTS })
  const rows = rowsUnder('docs/operating.md', 'Setting').filter(([, cell]) => cell !== '')
  expect(rows.length).toBeGreaterThan(30)
  for (const [name, cell] of rows) {
    const [path = ''] = code(name)
    expect(settings.parse(withValue(path, parse(code(cell)[0] ?? ''))), path).toEqual(plain)
  }
})

test('every field of what is in a list of settings is named in its row', () => {
  const rows = new Map(rowsUnder('docs/operating.md', 'Setting').map(([name, , what]) => [code(name)[0], what]))
  const fields = leaves(settings).flatMap(({ path, shape }) => {
    if (!(shape instanceof z.ZodArray)) return []
    const item: unknown = shape.element
    return (item instanceof z.ZodDiscriminatedUnion ? item.options : [item])
      .flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []))
      .map((field) => ({ path, field }))
  })
  expect(fields.length).toBeGreaterThan(10)
  expect(fields.filter(({ path, field }) => !rows.get(path)?.includes(field))).toEqual([])
})

/** What is no verb. */
const OTHER_COMMANDS = [
  'src/cli.ts',
  ...readdirSync(join(root, 'src/command-line')).map((name) => `src/command-line/${name}`),
]
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .flatMap((source) => source.split(/\.command\((?=')/).slice(1))
  .map((source) => ({
    name: /^'([\w:-]+)'/.exec(source)?.[1] ?? '',
    options: [...source.matchAll(/'--([a-z-]+)[ ']/g)].map(([, option = '']) => option),
  }))

test('every command is described, with the roles that may run it on the pages', () => {
  const described = rowsUnder('docs/operating.md', 'Command').map(([name, roles]) => [code(name)[0], code(roles)])
  expect(described).toEqual([
    ...VERBS.map(({ name, roles }) => [name, expect.arrayContaining([...roles])]),
    ...described.slice(VERBS.length).map(() => [expect.any(String), []]),
  ])
  const others = OTHER_COMMANDS.map(({ name }) => name).sort()
  expect(
    described
      .slice(VERBS.length)
      .map(([name]) => name)
      .sort(),
  ).toEqual(others)
  for (const [name, roles] of described)
    expect(roles, `${name}`).toHaveLength(VERBS.find((verb) => verb.name === name)?.roles.length ?? 0)
})

test('every command line that a page prints is one', () => {
  const optionsOf = (name: string): string[] | undefined => {
    // As the command line has it.
    const verb = [listWholeAudit, ...VERBS].find((candidate) => candidate.name === name)
    const also = name.startsWith('audit:') ? Object.values(AUDIT_ALIASES).map((flag) => flag.slice(2)) : []
    const dashed = (field: string) => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    if (verb) return [...Object.keys(verb.input.shape).map(dashed), ...also, ...(verb.file ? ['to'] : [])]
    const other = OTHER_COMMANDS.find((candidate) => candidate.name === name)
    // Two commands make some of theirs by a function.
    return other && [...other.options, 'from', 'to', 'nodes-stopped']
  }
  const wrong = pages.flatMap((page) =>
    [
      ...text(page).matchAll(
        /\b(person|case|client|clients|resource|organization|audit|delivery|key|store):[a-z-]+(?: [^\n`|)#]*)?/g,
      ),
    ]
      .map(([line]) => line)
      // A scope of somebody's API and a kind of store look like a command.
      .filter((line) => !/^store: ?\{/.test(line))
      .filter((line) => {
        const options = optionsOf(line.split(' ')[0] ?? '')
        return ![...line.matchAll(/--([a-z_-]+)/g)].every(([, option = '']) => options?.includes(option)) || !options
      })
      .map((line) => `${page}: ${line}`),
  )
  expect(wrong).toEqual([])
})

test('every room has its line', () => {
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const described = rowsUnder('docs/architecture.md', 'Room').map(([name]) => code(name)[0])
  expect(described).toEqual(expect.arrayContaining(rooms.map(({ name }) => `${name}/`)))
})

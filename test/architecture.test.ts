/** The table of who may import whom. A line that breaks it is named in the failure. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const src = resolve(import.meta.dirname, '../src')

/** From the bottom up; a folder may import from those before it. */
const ORDER = [
  'lib',
  'audit',
  'delivery',
  'record',
  'organization',
  'person',
  'metrics',
  'accounts',
  'mfa',
  'recovery',
  'migration',
  'client',
  'oidc',
  'doctor',
  'keys',
  'admin',
  'check',
  'command-line',
  'render',
  'web',
]
/** What may be seen of a folder by those that may not see all of it. */
const PORTS: Record<string, string[]> = {
  delivery: ['delivery/queue.ts', 'delivery/ports.ts'],
  oidc: ['client/client.ts', 'oidc/keys.ts', 'oidc/signing-key.ts'],
}
const PORTS_ONLY: Array<[folder: string, of: string]> = [
  ['accounts', 'delivery'],
  ['mfa', 'delivery'],
  ['recovery', 'delivery'],
  ['oidc', 'delivery'],
  ['admin', 'delivery'],
  ['admin', 'oidc'],
]
const MAY_READ_THE_CLOCK = ['lib/time.ts', 'main.ts', 'run.ts', 'cli.ts']
const ENTRIES = ['run.ts', 'cli.ts', 'main.ts']

interface Import {
  from: string
  to: string
  typeOnly: boolean
  line: number
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

function text(file: string): string {
  return readFileSync(join(src, file), 'utf8')
}

function importsOf(file: string): Import[] {
  const source = text(file)
  return [...source.matchAll(/^(?:import|export) (type )?(?:[^'"]*?from )?'(\.[^']+)'|import\('(\.[^']+)'\)/gm)].map(
    (match) => ({
      from: file,
      to: relative(src, resolve(src, dirname(file), match[2] ?? match[3] ?? '')),
      typeOnly: match[1] !== undefined,
      line: source.slice(0, match.index).split('\n').length,
    }),
  )
}

const imports = files.flatMap(importsOf)

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : ''
}

function describeImport({ from, to, line }: Import): string {
  return `src/${from}:${line} imports ${to}`
}

function broken(rule: (candidate: Import) => boolean): string[] {
  return imports.filter(rule).map(describeImport)
}

test('there are imports to look at', () => expect(imports.length).toBeGreaterThan(100))

test('imports between features go one way', () => {
  expect(
    broken(({ from, to }) => {
      const [user, used] = [ORDER.indexOf(folderOf(from)), ORDER.indexOf(folderOf(to))]
      return user >= 0 && folderOf(from) !== folderOf(to) && (used < 0 || used > user)
    }),
  ).toEqual([])
})

test('ports are all that is seen of what is not a feature’s own business', () => {
  expect(
    broken(({ from, to }) =>
      PORTS_ONLY.some(([folder, of]) => folderOf(from) === folder && folderOf(to) === of && !PORTS[of]?.includes(to)),
    ),
  ).toEqual([])
})

test('a store sees lib, what records are made of, the chain of the trail, and the types that it implements', () => {
  const rooms = ['store', 'lib', 'record', 'organization', 'person']
  const files = [
    ...['chain', 'verify'].map((name) => `audit/${name}.ts`),
    ...['record', 'applied', 'made-once', 'logo'].map((name) => `client/${name}.ts`),
    'doctor/memory.ts',
    'keys/root-key.ts',
  ]
  const seen = (to: string) => rooms.includes(folderOf(to)) || files.includes(to)
  expect(broken(({ from, to, typeOnly }) => folderOf(from) === 'store' && !seen(to) && !typeOnly)).toEqual([])
})

test('a person sees lib, parcels, and what records are made of', () => {
  const seen = (to: string) => ['person', 'record', 'lib'].includes(folderOf(to)) || to === 'delivery/queue.ts'
  expect(broken(({ from, to }) => folderOf(from) === 'person' && !seen(to))).toEqual([])
})

test('only the composition root knows which adapters are in use', () => {
  expect(broken(({ from, to }) => folderOf(to) === 'store' && !['store', 'app'].includes(folderOf(from)))).toEqual([])
})

test('only the entry points import the composition root', () => {
  expect(
    broken(({ from, to }) => folderOf(to) === 'app' && folderOf(from) !== 'app' && !ENTRIES.includes(from)),
  ).toEqual([])
})

test('features get their slice of the configuration as an argument', () => {
  expect(
    broken(
      ({ from, to }) =>
        (['config.ts', 'settings.ts'].includes(to) || folderOf(to) === 'settings') &&
        !['', 'app', 'settings'].includes(folderOf(from)),
    ),
  ).toEqual([])
})

test('the portal knows nothing of the provider but the standards', () => {
  expect(
    broken(({ from, to }) => folderOf(from) === 'portal' && folderOf(to) !== 'portal' && folderOf(to) !== 'lib'),
  ).toEqual([])
})

test('nobody asks the machine for the time but the clock', () => {
  const offenders = files
    .filter((file) => !MAY_READ_THE_CLOCK.includes(file))
    .flatMap((file) =>
      text(file)
        .split('\n')
        .map((line, index) => ({ line, where: `src/${file}:${index + 1}` })),
    )
    .filter(({ line }) => /Date\.now\(|new Date\(\)/.test(line) && !/^\s*(\*|\/\/)/.test(line))
  expect(offenders.map(({ where }) => where)).toEqual([])
})

test('a file is named for its subject', () => {
  expect(files.filter((file) => /(^|\/)(utils?|types?|index|helpers?|common|misc)\.ts$/.test(file))).toEqual([])
})

test('what puts the product together does so in functions of 80 lines at most', () => {
  const long = files
    .filter((file) => folderOf(file) === 'app')
    .flatMap((file) => [...text(file).matchAll(/^(?:export )?(?:async )?function (\w+)[\s\S]*?^}$/gm)])
    .filter(([whole]) => whole.split('\n').length > 80)
  expect(long.map(([, name]) => name)).toEqual([])
})

test('no circle of imports, but for the types of a person, whose parts and rules name each other', () => {
  const next = new Map<string, string[]>()
  for (const { from, to, typeOnly } of imports)
    if (!(typeOnly && folderOf(from) === 'person' && folderOf(to) === 'person'))
      next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  const circles: string[] = []
  function walk(file: string, path: string[]): void {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (path.includes(file) || done.has(file)) return
    for (const to of next.get(file) ?? []) walk(to, [...path, file])
    done.add(file)
  }
  for (const file of files) walk(file, [])
  expect(circles).toEqual([])
})

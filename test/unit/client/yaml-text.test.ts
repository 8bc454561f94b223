/** A text that two readers could take for different things is taken by nobody, and what is wrong is told with its line. */
import { expect, test } from 'vitest'
import { fileAsYaml, itemAsYaml } from '../../../src/client/as-yaml.ts'
import { readYaml } from '../../../src/client/yaml-text.ts'

/** Code, path and line of what is wrong. */
function told(text: string | Uint8Array): string[] {
  return readYaml(text).faults.map(({ code, path, line }) => `${code} ${path.join('.')} ${line}`)
}

test.each<[string, string, string]>([
  ['a field twice', 'a: 1\nb: 2\na: 3', 'duplicate-key a 3'],
  ['a field twice, once in quotes', 'a: 1\n"a": 3', 'duplicate-key a 2'],
  ['a field twice, deep in a list', 'a:\n  - b: 1\n    c: 2\n    b: 3', 'duplicate-key a.0.b 4'],
  ['a field twice in JSON', '{"a": 1,\n "a": 2}', 'duplicate-key a 2'],
  ['yes', 'a: 1\nb: yes', 'two-readings b 2'],
  ['off', 'b: off', 'two-readings b 1'],
  ['a number that begins with 0', 'b: 0123', 'two-readings b 1'],
  ['a number with underscores', 'b: 3_600', 'two-readings b 1'],
  ['a time, which is a number to some', 'b: 12:30', 'two-readings b 1'],
  ['a day, which is a moment to some', 'b: 2026-12-01', 'two-readings b 1'],
  ['a field named on', 'a: { on: 1 }', 'two-readings a 1'],
  ['fields merged in', '<<: { a: 1 }', 'two-readings  1'],
  ['a reference', 'a: &x 1\nb: *x', 'alias b 2'],
  ['a reference to itself', 'a: &x [*x]', 'alias a.0 1'],
  ['a tag', 'a: !!str 12', 'tag a 1'],
  ['a tag of somebody else', 'a: !env NAME', 'tag a 1'],
  ['another YAML', '%YAML 1.1\n---\na: yes', 'directive  1'],
  ['two documents', 'a: 1\n---\nb: 1', 'several-documents  2'],
  ['a number for a name', '1: a', 'key 1 1'],
  ['a list for a name', '? [a]\n: b', 'key  1'],
  ['a name that every object has', 'a: 1\n__proto__: { b: 1 }', 'unknown-field __proto__ 2'],
  ['half a sign', 'a: "\\ud800"', 'encoding a 1'],
  ['no end', 'a: [', 'syntax  1'],
])('%s is refused', (_what, text, fault) => expect(told(text)).toEqual([fault]))

test('all of it at once', () => {
  expect(told('a: yes\nb: 1\nb: 2\nc: !x 1\nconstructor: 1')).toEqual([
    'duplicate-key b 3',
    'tag c 4',
    'unknown-field constructor 5',
    'two-readings a 1',
  ])
})

test('what is no text, too long or nested without end is a fault, not a crash', () => {
  expect(told(Uint8Array.from([0xff, 0xfe, 0x61]))).toEqual(['encoding  1'])
  expect(told('\ud800')).toEqual(['encoding  1'])
  expect(told(`a: ${'x'.repeat(4 * 1024 * 1024)}`)).toEqual(['too-long  1'])
  expect(readYaml('['.repeat(20_000)).faults.length).toBeGreaterThan(0)
})

test.each<[string, unknown]>([
  ['a: no-one\nb: "yes"\nc: \'0123\'', { a: 'no-one', b: 'yes', c: '0123' }],
  ['a: { kty: EC, x: a, y: b }', { a: { kty: 'EC', x: 'a', y: 'b' } }],
  ['\ufeffa: true\r\nb: 3600\r\n', { a: true, b: 3600 }],
  ['{"a": [1, null]}', { a: [1, null] }],
  ['', null],
])('%j is read', (text, value) => expect(readYaml(text)).toMatchObject({ value, faults: [] }))

test('what is written is read back, whatever is in it', () => {
  const odd = [
    'yes',
    '12:30',
    '0123',
    '2026-12-01',
    'null',
    '~',
    '',
    ' a ',
    'a: b',
    '#a',
    "it's",
    '"',
    '*a',
    '&a',
    '!a',
    'é',
    '%a',
  ]
  const clients = [
    {
      client_id: 'on',
      redirect_uris: odd,
      jwks: { keys: [{ kty: 'EC', x: 'x', y: 'y', n: 'n'.repeat(100) }] },
      a: true,
      b: 1,
    },
    { client_id: 'b' },
  ]
  const resources = [{ indicator: 'https://a.example/', scopes: ['a:b', 'no'] }]
  expect(readYaml(fileAsYaml({ clients, resources }))).toMatchObject({ value: { clients, resources }, faults: [] })
  expect(readYaml(fileAsYaml({ clients: [], resources: [] }))).toMatchObject({ value: { clients: [] }, faults: [] })
  expect(readYaml(itemAsYaml(clients[0] ?? {}))).toMatchObject({ value: [clients[0]], faults: [] })
})

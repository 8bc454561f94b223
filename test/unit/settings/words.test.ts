/** What is said of a wrong setting: what stands there, and what should. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfig } from '../../../src/config.ts'
import { sentence } from '../../../src/lib/errors.ts'
import { nearestWord } from '../../../src/lib/nearest-word.ts'

const root = resolve(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'sigma-id-words-'))
afterAll(() => rmSync(folder, { recursive: true }))

const REST = { issuer: 'http://localhost:3000', listen: { port: 3000 }, operations: { port: 3010 } }

function said(text: string): string[] {
  const file = join(folder, 'config.yaml')
  writeFileSync(file, text)
  const { faults } = readConfig(root, { SIGMA_CONFIG: file })
  return faults.map(sentence).map((line) => line.replace(file, 'config.yaml'))
}

test.each<[string, Record<string, unknown>, string]>([
  ['nothing', { issuer: undefined }, 'issuer: is missing: the public origin, such as https://id.example.org'],
  ['no number', { listen: {} }, 'listen.port: is missing: a number, such as 3000'],
  ['a word', { listen: { port: 'abc' } }, 'listen.port: is "abc": it has to be a number'],
  ['half a number', { trustedProxies: 1.5 }, 'trustedProxies: is 1.5: it has to be a whole number'],
  ['too much', { listen: { port: 70_000 } }, 'listen.port: is 70000: it has to be at most 65535'],
  ['too little', { throttle: { perAddress: -1 } }, 'throttle.perAddress: is -1: it has to be at least 1'],
  ['no text', { data: '' }, 'data: is empty: a text'],
  ['null', { session: null }, 'session: has nothing behind it: names, each with its value'],
  ['a list', { brand: [] }, 'brand: is a list: it has to be names, each with its value'],
  ['no list', { egress: 3 }, 'egress: is 3: it has to be a list'],
  ['no color', { brand: { color: 'red' } }, 'brand.color: is "red": it has to be a color such as #1f3a5f'],
  [
    'no duration',
    { session: { idle: '1 hour' } },
    'session.idle: is "1 hour": it has to be a duration such as 30s, 10m, 12h or 90d',
  ],
  [
    'none of a few',
    { log: { level: 'loud' } },
    'log.level: is "loud": it has to be one of debug, info, warn, error, silent',
  ],
  [
    'a kind that there is not',
    { twoStep: { sms: { carriers: [{ kind: 'pigeon' }] } } },
    'twoStep.sms.carriers[0].kind: is "pigeon": it has to be one of twilio, http',
  ],
  ['a misspelled name', { opperations: 1 }, 'opperations: is no setting: did you mean `operations`?'],
  ['one further in', { listen: { port: 1, hots: 'x' } }, 'listen.hots: is no setting: did you mean `host`?'],
  ['a name of nothing', { admin: { nonsense: 1 } }, 'admin.nonsense: is no setting; there are origin, listen, require'],
  ['a name of nothing, among many', { nonsense: 1 }, 'nonsense: is no setting'],
  [
    'what could be a secret is not repeated',
    { twoStep: { sms: { carriers: [{ kind: 'http', url: 'https://sms.example', token: 20_771 }] } } },
    'twoStep.sms.carriers[0].token: is a number: it has to be a text',
  ],
  [
    'nor what is long',
    { log: { level: 'x'.repeat(90) } },
    'log.level: is a text: it has to be one of debug, info, warn, error, silent',
  ],
  [
    'dates by name are judged by the same words',
    { twoStep: { campaign: { roles: { owner: { deadline: '2026-12-01' } } } } },
    'twoStep.campaign.roles.owner.start: is missing: a date such as 2026-12-01 or 2026-12-01T08:00:00+01:00',
  ],
  [
    'one port twice',
    { operations: { port: 3000 } },
    'operations.port: is 3000, which listen.port is already: it has to be another',
  ],
  [
    'one port on all addresses and on one',
    { admin: { origin: 'http://admin.localhost:3000', listen: { host: '0.0.0.0', port: 3010 } } },
    'admin.listen.port: is 3010, which operations.port is already: it has to be another',
  ],
  [
    'the pages of administrators where everybody is',
    { admin: { origin: 'http://localhost:3000', listen: { port: 3020 } } },
    'admin.origin: is the issuer itself: it has to be a host of its own, such as https://admin.id.example.org',
  ],
])('%s', (_what, given, sentence) => {
  expect(said(JSON.stringify({ ...REST, ...given }))).toContain(sentence)
})

test('any free port may be asked for twice, and one port on two addresses', () => {
  const two = { listen: { host: '127.0.0.2', port: 3000 }, operations: { port: 3000 } }
  for (const given of [{ listen: { port: 0 }, operations: { port: 0 } }, two])
    expect(said(JSON.stringify({ ...REST, ...given }))).toEqual([])
})

test.each<[string, string, RegExp]>([
  ['a bracket that nothing closes', 'issuer: [\n', /^config\.yaml: line 2, column 1: is not YAML: Flow sequence/],
  ['a tab', 'listen:\n\tport: 3000\n', /^config\.yaml: line 2, column 1: is not YAML: Tabs are not allowed/],
  [
    'one name twice',
    'issuer: a\nissuer: b\n',
    /^config\.yaml: line 2, column 1: is not YAML: Map keys must be unique$/,
  ],
  ['a reference to nothing', 'issuer: *a\n', /^config\.yaml: (is not usable|line 1, column 9: is not YAML): .*\ba\b/],
  ['nothing', '', /^config\.yaml: is empty: it has to hold settings/],
  ['comments only', '# issuer\n', /^config\.yaml: is empty/],
  ['a list', '- a\n- b\n', /^config\.yaml: is a list: it has to hold settings by their names/],
  ['a text', 'issuer', /^config\.yaml: is one text: it has to hold settings/],
])('a file of %s is told, and nothing of what it would have said', (_what, text, line) => {
  expect(said(text)).toEqual([expect.stringMatching(line)])
})

test('every fault of the syntax is told at once', () => {
  expect(said('a: 1\na: 2\nb: [\n').length).toBeGreaterThan(1)
})

test.each<[string, string | undefined]>([
  ['opperations', 'operations'],
  ['isuser', 'issuer'],
  ['Port', 'port'],
  ['prot', 'port'],
  ['host', undefined],
  ['clientss', 'clients'],
  ['brnad', 'brand'],
  ['', undefined],
])('%j may have been %s', (typed, meant) => {
  expect(nearestWord(typed, ['operations', 'issuer', 'port', 'clients', 'brand'])).toBe(meant)
})

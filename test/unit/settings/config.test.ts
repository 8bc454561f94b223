/** A configuration is usable, or it is refused with everything that is wrong with it. */
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import type { Variables } from '../../../src/lib/environment.ts'
import { type Fault, InputError } from '../../../src/lib/errors.ts'
import { rpIdOf } from '../../../src/mfa/passkey-host.ts'
import { smsFaults } from '../../../src/render/sms-texts.ts'
import { languages } from '../../../src/render/texts.ts'

const root = resolve(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'sigma-id-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const GOOD = `
issuer: https://id.sigma.example
listen: { port: 3000 }
operations: { port: 3010 }
data: ${folder}/data
mail: { from: Sigma ID <no-reply@sigma.example> }
`
/** The same on somebody's own machine. */
const LOCAL = GOOD.replace('https://id.sigma.example', 'http://localhost:3000')
const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64')
const PRODUCTION = { NODE_ENV: 'production', SIGMA_KEYS: `2026a:${KEY}`, SIGMA_SMTP_URL: 'smtps://mail.sigma.example' }

function load(text: string, env: Variables = {}) {
  const file = join(folder, 'config.yaml')
  writeFileSync(file, text)
  return loadConfig(root, { SIGMA_CONFIG: file, ...env })
}

function faultsOf(text: string, env: Variables = {}): Fault[] {
  try {
    load(text, env)
  } catch (error) {
    if (error instanceof InputError) return error.faults
    throw error
  }
  return []
}

function pathsOf(text: string, env: Variables = {}): string[] {
  return faultsOf(text, env).map(({ path }) => path)
}

test('what nobody says has a safe default', () => {
  const config = load(GOOD, PRODUCTION)
  expect(config).toMatchObject({
    production: true,
    trustedProxies: 0,
    listen: { host: '127.0.0.1' },
    operations: { host: '127.0.0.1' },
    password: { minimum: 15 },
    imported: { passwords: 'require' },
    throttle: {
      perAddress: 100,
      perNetwork: 1000,
      perMinute: 3000,
      linksPerHour: 3,
      sittingsPerAddress: 10_000,
      pushedPerClient: 10_000,
    },
    links: { activation: 7 * 24 * 3_600_000, recovery: 3_600_000 },
    session: { absolute: 12 * 3_600_000, idle: 3_600_000 },
    egress: [],
  })
})

test('every fault is reported at once, with its path and a reason', () => {
  const faults = faultsOf(`
issuer: https://id.sigma.example/path
listen: { port: 99999 }
operations: { prt: 3010 }
trustedProxies: -1
data: ''
links: { recovery: 1 hour }
password: { minimum: 4 }
imported: { passwords: never }
brand: { color: red, supportEmail: nobody, timeZone: Mars/Olympus, logo: https://evil.example/logo.svg }
mail: { from: nobody }
throttle: { perAddress: 0 }
assurance: { names: { mfa: phrh }, aliases: { phrh: phishingResistant } }
log: { level: loud }
nonsense: 1
`)
  const paths = faults.map(({ path }) => path)
  for (const path of [
    'issuer',
    'listen.port',
    'operations.port',
    'operations.prt',
    'trustedProxies',
    'data',
    'links.recovery',
    'password.minimum',
    'imported.passwords',
    'brand.color',
    'brand.supportEmail',
    'brand.timeZone',
    'brand.logo',
    'mail.from',
    'throttle.perAddress',
    'assurance.names',
    'assurance.aliases',
    'log.level',
    'nonsense',
  ])
    expect(paths).toContain(path)
  for (const { reason } of faults) expect(reason.length).toBeGreaterThan(5)
})

test('the message holds one line for each', () => {
  expect(() => load('issuer: x')).toThrow(/is not usable:\n {2}issuer: is "x": it has to be an origin .*\n {2}listen: /)
})

test.each([
  'http://id.sigma.example',
  'https://id.sigma.example/',
  'https://user@id.sigma.example',
  'HTTPS://id.sigma.example',
  'id.sigma.example',
  'javascript:alert(1)',
])('production: %s is no issuer', (issuer) => {
  expect(pathsOf(GOOD.replace('https://id.sigma.example', issuer), PRODUCTION)).toContain('issuer')
})

test('production refuses with the full list of what is missing, and of what is for development', () => {
  const text =
    'issuer: http://localhost:3000\nlisten: { port: 3000 }\noperations: { port: 3010 }\nportal: { port: 3001 }\ndemonstration: {}\npeople: []\n'
  const paths = new Set(pathsOf(text, { NODE_ENV: 'production' }))
  const missing = ['issuer', 'SIGMA_KEYS', 'SIGMA_SMTP_URL', 'mail.from', 'data']
  expect(paths).toEqual(new Set([...missing, 'portal', 'demonstration', 'people']))
})

test.each([
  [GOOD, {}, 'issuer'],
  [GOOD, { NODE_ENV: 'development' }, 'issuer'],
  [GOOD, { ...PRODUCTION, NODE_ENV: 'Production' }, 'NODE_ENV,issuer'],
  [LOCAL, { NODE_ENV: 'staging' }, 'NODE_ENV'],
  [LOCAL.replace('localhost', 'localhost.sigma.example'), {}, 'issuer'],
  [LOCAL.replace('localhost', '127.0.0.1'), {}, ''],
])('the outbox of development, and secrets that are made up, are of this machine alone', (text, env, paths) => {
  expect(pathsOf(text, env).join()).toBe(paths)
})

test('many nodes need the same keys and both stores’ addresses, which no message repeats', () => {
  const text = `${GOOD}store: { kind: cluster }\n`
  const common = { SIGMA_MONGODB_URL: 'mongodb://u:canary@a,b/sigma', SIGMA_REDIS_URL: 'rediss://:canary@c:6380' }
  expect(load(text, { ...PRODUCTION, ...common })).toMatchObject({
    store: { kind: 'cluster' },
    mongodbUrl: common.SIGMA_MONGODB_URL,
    redisUrl: common.SIGMA_REDIS_URL,
  })
  const local = `${LOCAL}store: { kind: cluster }\n`
  expect(pathsOf(local).sort()).toEqual(['SIGMA_KEYS', 'SIGMA_MONGODB_URL', 'SIGMA_REDIS_URL'])
  for (const [name, wrong] of [
    ['SIGMA_MONGODB_URL', 'postgres://u:canary@a/sigma'],
    ['SIGMA_REDIS_URL', 'http://:canary@c'],
  ] as const) {
    const faults = faultsOf(text, { ...PRODUCTION, ...common, [name]: wrong })
    expect(faults.map(({ path }) => path)).toEqual([name])
    expect(JSON.stringify(faults)).not.toContain('canary')
  }
  // One process has its own file, whatever the environment says.
  expect(load(GOOD, { ...PRODUCTION, SIGMA_REDIS_URL: 'nonsense' }).store).toEqual({ kind: 'embedded' })
  expect(pathsOf(GOOD.replace(/^data:.*$/m, 'store: { kind: cluster }'), { ...PRODUCTION, ...common })).toEqual([])
})

test('the configuration files that come with the product are usable', () => {
  expect(loadConfig(root, PRODUCTION).production).toBe(true)
  expect(loadConfig(root, {}, { data: join(folder, 'shipped') }).production).toBe(false)
})

test.each([
  ['', 'SIGMA_KEYS[0]'],
  ['2026a', 'SIGMA_KEYS[0]'],
  ['2026a:c2hvcnQ=', 'SIGMA_KEYS[0]'],
  [`:${KEY}`, 'SIGMA_KEYS[0]'],
  [`a b:${KEY}`, 'SIGMA_KEYS[0]'],
  [`2026a:${Buffer.alloc(32).toString('base64')}`, 'SIGMA_KEYS[0]'],
  [`2026a:${KEY},2025a:x`, 'SIGMA_KEYS[1]'],
  [`2026a:${KEY},2026a:${KEY}`, 'SIGMA_KEYS'],
])('keys %j are refused, and not repeated in the message', (keys, path) => {
  const faults = faultsOf(GOOD, { ...PRODUCTION, SIGMA_KEYS: keys })
  expect(faults.map((fault) => fault.path)).toContain(path)
  expect(JSON.stringify(faults)).not.toContain(KEY)
})

test.each([
  ['id.sigma.example', true],
  ['sigma.example', true],
  ['example', false],
  ['other.sigma.example', false],
  ['d.sigma.example', false],
  ['id.sigma.example.org', false],
  ['https://id.sigma.example', false],
])('passkeys for %s: usable is %s', (rpId, usable) => {
  expect(pathsOf(`${GOOD}passkeys: { rpId: '${rpId}' }`, PRODUCTION)).toEqual(usable ? [] : ['passkeys.rpId'])
})

test('passkeys of a host of before are good where that one knows the issuer', () => {
  const moved = "passkeys: { rpId: 'old.example.org', relatedOrigins: ['https://id.sigma.example'] }"
  expect(rpIdOf(load(`${GOOD}${moved}`, PRODUCTION))).toBe('old.example.org')
})

test('passkeys are for the issuer’s host unless it is said, and for no address', () => {
  expect(rpIdOf(load(GOOD, PRODUCTION))).toBe('id.sigma.example')
  for (const host of ['127.0.0.1', '[::1]'])
    expect(rpIdOf(load(GOOD.replace('https://id.sigma.example', `http://${host}:3000`)))).toBeUndefined()
})

test('administration has a host and a listener of its own, or neither', () => {
  const admin = (text: string) => pathsOf(`${GOOD}admin: ${text}`, PRODUCTION)
  expect(admin("{ origin: 'https://admin.sigma.example', listen: { port: 3020 } }")).toEqual([])
  expect(admin('{ require: phishingResistant }')).toEqual([])
  expect(admin("{ origin: 'https://admin.sigma.example' }")).toEqual(['admin'])
  expect(admin('{ listen: { port: 3020 } }')).toEqual(['admin'])
  expect(admin('{ require: phr }')).toEqual(['admin.require'])
})

test('a mail address with a password is refused without repeating it', () => {
  const faults = faultsOf(GOOD, { ...PRODUCTION, SIGMA_SMTP_URL: 'http://user:hunter2@mail.sigma.example' })
  expect(faults.map(({ path }) => path)).toEqual(['SIGMA_SMTP_URL'])
  expect(JSON.stringify(faults)).not.toContain('hunter2')
})

test.each([
  ['no file', undefined],
  ['no mapping', '- a\n- b\n'],
  ['nothing', ''],
  ['no YAML', 'issuer: [\n'],
  ['one name twice', 'issuer: https://a.example\nissuer: https://b.example\n'],
])('%s is a fault, not a crash', (_what, text) => {
  const load = () =>
    text === undefined ? loadConfig(root, { SIGMA_CONFIG: join(folder, 'absent.yaml') }) : faultsOf(text)
  if (text === undefined) expect(load).toThrow(InputError)
  else expect(load()).not.toEqual([])
})

test('development makes a key that only its owner can read, and keeps it', () => {
  const first = load(LOCAL)
  expect(statSync(join(folder, 'data', 'development.key')).mode & 0o777).toBe(0o600)
  expect(load(LOCAL).keys).toEqual(first.keys)
  expect(first.keys[0]?.key).toHaveLength(32)
})

test('the campaign that development shows begins with the first start, whatever the day of this one', () => {
  const first = new Date('2031-03-01T09:00:00Z')
  load(LOCAL)
  utimesSync(join(folder, 'data', 'development.key'), first, first)
  const text = `${LOCAL}demonstration: { deadlineAfter: 28d }\n`
  const [start, deadline] = [first.getTime(), Date.parse('2031-03-29T09:00:00Z')]
  expect(load(text).twoStep.campaign.everyone).toEqual({ start, deadline })
  const own = 'twoStep: { campaign: { everyone: { start: 2030-01-01 } } }\n'
  expect(load(text + own).twoStep.campaign.everyone).toEqual({ start: Date.parse('2030-01-01T00:00:00Z') })
  expect(load(LOCAL).twoStep.campaign.everyone).toBe(undefined)
})

test('a name that no text message can carry is refused with the setting, the sign and the text', () => {
  expect(faultsOf(`${GOOD}\nbrand: { name: Sigma – Payroll`.concat(' }'), PRODUCTION)).toEqual([
    {
      path: 'brand.name',
      reason: 'has “–” (U+2013), a sign that no text message has (GSM-7): it stands in sms.code in English and Dutch',
    },
  ])
  // Among everything else that is wrong.
  const faults = faultsOf(`${GOOD}\nbrand: { name: "Ça \\u200b€ ë", color: '#123456' }\nnonsense: 1`, {
    NODE_ENV: 'production',
  })
  expect(faults.map(({ path }) => path)).toEqual([
    'nonsense',
    'brand.name',
    'brand.name',
    'SIGMA_KEYS',
    'SIGMA_SMTP_URL',
  ])
  expect(faults.map(({ reason }) => reason).join()).toMatch(/has U\+200B, .*has “ë” \(U\+00EB\), /)
})

test('a name or a host that leaves no room for the code is refused with how much it is too long', () => {
  const long = (name: string, host: string) =>
    faultsOf(`${GOOD.replace('id.sigma.example', host)}\nbrand: { name: "${name}" }`, PRODUCTION)
  expect(long('x'.repeat(80), `${'h'.repeat(15)}.example`)).toEqual([
    {
      path: 'brand.name',
      reason: expect.stringMatching(
        /^is too long for a text message: sms.code in Dutch, with the host h{15}\.example, has \d+ characters, \d+ more than the 160 of one message$/,
      ),
    },
  ])
  expect(long('Sigma', `${`${'h'.repeat(50)}.`.repeat(3)}example`).map(({ path }) => path)).toEqual([
    'issuer',
    'issuer',
  ])
  // Two places in a message each.
  expect(long('€'.repeat(50), 'id.sigma.example').map(({ path }) => path)).toEqual(['brand.name', 'brand.name'])
})

test('a sign of our own texts is told with the file that it stands in, and a name that no text has is let be', () => {
  const brand = { name: 'Sigma', product: 'Sigma – ID' }
  const spoken = languages(join(root, 'views'), { brand: brand.name, product: brand.product }, 'Europe/Amsterdam')
  expect(smsFaults({ issuer: 'https://id.sigma.example', brand }, spoken)).toEqual([])
  const odd = new Map([...spoken].map(([locale, texts]) => [locale, { ...texts, t: () => 'Één code…' }]))
  expect(smsFaults({ issuer: 'https://id.sigma.example', brand }, odd).map(({ path }) => path)).toEqual([
    'views/locales/en.json',
    'views/locales/nl.json',
  ])
})

const CLUSTER = { SIGMA_MONGODB_URL: 'mongodb://127.0.0.1/sigma', SIGMA_REDIS_URL: 'redis://127.0.0.1' }

/** Each of them in a file of its own, as containers and systemd hand over secrets. */
function asFiles(variables: Record<string, string>): Record<string, string> {
  const within = mkdtempSync(join(folder, 'secrets-'))
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      const file = join(within, name)
      writeFileSync(file, `${value}\n`)
      return [`${name}_FILE`, file]
    }),
  )
}

test('each secret may be in a file that is named for it', () => {
  const { NODE_ENV, ...secrets } = PRODUCTION
  const files = asFiles({ ...secrets, ...CLUSTER, ROSTER_SECRET: 'of an application' })
  const config = load(GOOD, { NODE_ENV, ...files })
  expect(config).toMatchObject({
    keys: [{ id: '2026a', key: Buffer.from(KEY, 'base64') }],
    smtpUrl: PRODUCTION.SIGMA_SMTP_URL,
    mongodbUrl: CLUSTER.SIGMA_MONGODB_URL,
    redisUrl: CLUSTER.SIGMA_REDIS_URL,
  })
  expect([config.secret('ROSTER_SECRET'), config.secret('OTHER_SECRET')]).toEqual(['of an application', undefined])
})

test.each<[string, string, Variables, string[]]>([
  ['a file that is not there is not missing as well', GOOD, { SIGMA_KEYS_FILE: '/nowhere' }, ['SIGMA_KEYS_FILE']],
  [
    'every one of them is told',
    GOOD,
    { SIGMA_KEYS_FILE: '/nowhere', SIGMA_SMTP_URL_FILE: folder },
    ['SIGMA_KEYS_FILE', 'SIGMA_SMTP_URL_FILE'],
  ],
  [
    'those of a cluster as well',
    `${GOOD}store: { kind: cluster }`,
    { SIGMA_MONGODB_URL_FILE: '/nowhere', SIGMA_REDIS_URL_FILE: '/nowhere' },
    ['SIGMA_MONGODB_URL_FILE', 'SIGMA_REDIS_URL_FILE'],
  ],
  [
    'what is in one is judged as if it stood in the variable',
    GOOD,
    asFiles({ SIGMA_SMTP_URL: 'http://mail' }),
    ['SIGMA_SMTP_URL'],
  ],
])('a secret in a file: %s', (_what, text, files, paths) => {
  const given = Object.fromEntries(Object.entries(PRODUCTION).filter(([name]) => !(`${name}_FILE` in files)))
  expect(pathsOf(text, { ...given, ...files })).toEqual(paths)
})

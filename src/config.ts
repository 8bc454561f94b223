/**
 * The configuration: its shape, its defaults, and how it is loaded. One YAML file says everything but secrets; secrets
 * come from the environment by name. Every fault is reported at once, with its path.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isSupportedCountry } from 'libphonenumber-js/max'
import { parse } from 'yaml'
import { z } from 'zod'
import { type RootKey, randomToken } from './lib/crypto.ts'
import { type Fault, InputError } from './lib/errors.ts'
import { DAY, HOUR, MINUTE, SECOND } from './lib/time.ts'

const UNITS: Record<string, number> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** `30s`, `10m`, `12h`, `90d`, in milliseconds. */
const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, 'a duration such as 30s, 10m, 12h or 90d')
  .transform((text) => Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0))

const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'an origin such as https://id.example.org, without a path',
  )
const port = z.int().min(0).max(65_535)
const color = z.string().regex(/^#[0-9a-f]{6}$/i, 'a color such as #1f3a5f')

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** A day or a moment: `2026-12-01` (its first minute, UTC) or `2026-12-01T08:00:00+01:00`, in milliseconds. */
const moment = z
  // Days that there are, and no time without a zone: what Date.parse makes of others depends on the machine.
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'a date such as 2026-12-01 or 2026-12-01T08:00:00+01:00')
  .transform((text) => Date.parse(text))
const period = z
  .strictObject({ start: moment, deadline: moment.optional() })
  .refine(({ start, deadline = Number.POSITIVE_INFINITY }) => start <= deadline, 'the deadline is before the start')
const webAddress = z.url({ protocol: /^https?$/, error: 'an address on the web' })
/** The name of an environment variable that holds a secret. */
const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable')

const listener = z.strictObject({ host: z.string().default('127.0.0.1'), port })

const shape = z.strictObject({
  issuer: origin,
  listen: listener,
  operations: listener,
  /** How many reverse proxies stand in front and add to X-Forwarded-For. */
  trustedProxies: z.int().min(0).max(5).default(0),
  /** The folder that holds everything of the embedded store. */
  data: z.string().min(1).default('data'),
  /** `cluster` is MongoDB and Redis, whose addresses are in the environment. */
  store: z.strictObject({ kind: z.enum(['embedded', 'cluster']).default('embedded') }).prefault({}),
  clients: z.string().default('config/clients.yaml'),
  /** The application that people go to when nothing else says where. */
  homeClient: z.string().default('portal'),
  /** Origins that may be reached though they are plain http or on a private network. Everything else outgoing is https to public addresses. */
  egress: z.array(origin).default([]),
  brand: z
    .strictObject({
      name: z.string().max(80).default('Sigma'),
      product: z.string().max(80).default('Sigma ID'),
      logo: z.string().optional(),
      color: color.default('#12515c'),
      colorDark: color.default('#8ccdd3'),
      supportEmail: z.email().optional(),
      supportPhone: z.string().max(40).optional(),
      /** IANA name; times that people read are in this zone. */
      timeZone: z.string().refine(isTimeZone, 'a time zone such as Europe/Amsterdam').default('Europe/Amsterdam'),
    })
    .prefault({}),
  mail: z.strictObject({ from: z.string().min(3).default('Sigma ID <no-reply@sigma.example>') }).prefault({}),
  session: z.strictObject({ absolute: duration.prefault('12h'), idle: duration.prefault('60m') }).prefault({}),
  links: z.strictObject({ activation: duration.prefault('24h'), recovery: duration.prefault('60m') }).prefault({}),
  password: z
    .strictObject({
      /** Code points; 15 as long as any sign-in can succeed with the password alone (NIST SP 800-63B-4 section 3.1.1.2). */
      minimum: z.int().min(15).max(64).default(15),
      /** Words that a password may not be made of, besides the person's own: product, company. */
      words: z.array(z.string()).default(['sigma', 'salaris', 'payroll']),
    })
    .prefault({}),
  throttle: z
    .strictObject({
      /** Failed sign-ins per client address (IPv4 /32, IPv6 /64) in a quarter of an hour. */
      perAddress: z.int().min(1).default(100),
      /** The same for the surrounding network (IPv4 /24, IPv6 /48). */
      perNetwork: z.int().min(1).default(1000),
      /** The same for all strangers together, in a minute: spraying comes from many addresses at once. */
      perMinute: z.int().min(1).default(3000),
      /** Links mailed to one address in an hour. */
      linksPerHour: z.int().min(1).default(3),
    })
    .prefault({}),
  assurance: z
    .strictObject({
      names: z
        .strictObject({
          password: z.string().default('urn:sigma:acr:password'),
          knownDevice: z.string().default('urn:sigma:acr:known-device'),
          mfa: z.string().default('urn:sigma:acr:mfa'),
          phishingResistant: z.string().default('phr'),
        })
        .prefault({}),
      /** Other names by which applications may ask for a rung: name → password, knownDevice, mfa or phishingResistant. */
      aliases: z.record(z.string(), z.enum(['password', 'knownDevice', 'mfa', 'phishingResistant'])).default({
        'https://refeds.org/profile/sfa': 'password',
        'https://refeds.org/profile/mfa': 'mfa',
        'http://schemas.openid.net/pape/policies/2007/06/multi-factor': 'mfa',
      }),
    })
    .prefault({}),
  twoStep: z
    .strictObject({
      /** Who is asked to set up two-step verification, from when, and until when it can wait. */
      campaign: z
        .strictObject({
          everyone: period.optional(),
          organizations: z.record(z.string(), period).default({}),
          roles: z.record(z.string(), period).default({}),
          exempt: z.array(z.strictObject({ email: z.email(), until: moment, reason: z.string().min(1) })).default([]),
        })
        .prefault({}),
      /** The house's own authenticator app, as the first choice shows it. */
      house: z
        .strictObject({
          name: z.string().max(80).default('Sigma Authenticator'),
          logo: z.string().optional(),
          stores: z.array(z.strictObject({ name: z.string(), href: webAddress })).default([]),
        })
        .prefault({}),
      sms: z
        .strictObject({
          /** Countries that messages go to (ISO 3166-1), the first one first in the list on the page. */
          countries: z.array(z.string().refine(isSupportedCountry, 'a country such as NL')).min(1).default(['NL']),
          /** Messages to one country in an hour, then the breaker opens. */
          perCountryHour: z.int().min(1).default(500),
          /** Messages asked for from one network in an hour. */
          perNetworkHour: z.int().min(1).default(20),
          /** The second is asked when the first fails. Credentials are the environment's: `token` names a variable. */
          carriers: z
            .array(
              z.discriminatedUnion('kind', [
                z
                  .strictObject({
                    kind: z.literal('twilio'),
                    accountSid: z.string(),
                    token: variable,
                    from: z.string().optional(),
                    messagingServiceSid: z.string().optional(),
                  })
                  .refine(
                    ({ from, messagingServiceSid }) => from || messagingServiceSid,
                    'needs from or messagingServiceSid',
                  ),
                z.strictObject({ kind: z.literal('http'), url: webAddress, token: variable }),
              ]),
            )
            .max(2)
            .default([]),
        })
        .prefault({}),
    })
    .prefault({}),
  helpDesk: z
    .strictObject({
      /** How long a request for help waits, and how long a temporary access code lives. */
      caseLife: duration.prefault('3d'),
      codeLife: duration.prefault('4h'),
    })
    .prefault({}),
  /** A host and a listener of its own for `/admin`, which the issuer's then does not have; for a network of the house. */
  admin: z.strictObject({ origin, listen: listener }).optional(),
  signingKeys: z.strictObject({ rotateAfter: duration.prefault('90d') }).prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  /** The demonstration portal, development only. */
  portal: listener.optional(),
  /** People invited at the first start, development only. */
  people: z
    .array(
      z.strictObject({
        email: z.email(),
        name: z.string(),
        locale: z.enum(['en', 'nl']),
        organization: z.string().optional(),
        roles: z.array(z.string()).default([]),
      }),
    )
    .default([]),
})

export type Settings = z.output<typeof shape>

/** Settings plus what came from the environment. */
export interface Config extends Settings {
  production: boolean
  /** The folder that relative paths are resolved against: where package.json is. */
  root: string
  keys: RootKey[]
  /** Where the cluster's stores are, credentials included. */
  mongodbUrl: string | undefined
  redisUrl: string | undefined
  /** smtp:// or smtps:// URL, credentials included. Absent in development: mail goes to the outbox. */
  smtpUrl: string | undefined
  /** Where named secrets of clients are looked up. */
  secret: (name: string) => string | undefined
}

export type Environment = Record<string, string | undefined>

/**
 * Reads the file that SIGMA_CONFIG names, `config/<NODE_ENV or development>.yaml` otherwise.
 * Throws InputError with every fault that was found.
 */
export function loadConfig(root: string, env: Environment, overrides: Record<string, unknown> = {}): Config {
  const production = env.NODE_ENV === 'production'
  const file = env.SIGMA_CONFIG ?? join('config', `${production ? 'production' : 'development'}.yaml`)
  const faults: Fault[] = []
  const raw = { ...readYaml(resolve(root, file), faults), ...overrides }
  const parsed = shape.safeParse(raw)
  if (!parsed.success)
    faults.push(...parsed.error.issues.map((issue) => ({ path: path(issue.path), reason: issue.message })))
  const keys = env.SIGMA_KEYS === undefined ? undefined : parseKeys(env.SIGMA_KEYS, faults)
  if (env.SIGMA_SMTP_URL !== undefined && !/^smtps?:\/\/[^\s]+$/.test(env.SIGMA_SMTP_URL)) {
    faults.push({ path: 'SIGMA_SMTP_URL', reason: 'must be smtp://… or smtps://…' })
  }
  const cluster = (raw.store as { kind?: unknown } | undefined)?.kind === 'cluster'
  if (production) faults.push(...missingForProduction(raw, env, cluster))
  if (cluster) faults.push(...missingForCluster(env))
  if (!parsed.success || faults.length > 0) throw new InputError(`configuration ${file} is not usable:`, faults)
  const settings = parsed.data
  const data = resolve(root, settings.data)
  return {
    ...settings,
    data,
    production,
    root,
    keys: keys ?? developmentKeys(data),
    mongodbUrl: env.SIGMA_MONGODB_URL,
    redisUrl: env.SIGMA_REDIS_URL,
    smtpUrl: env.SIGMA_SMTP_URL,
    secret: (name) => env[name],
  }
}

function readYaml(file: string, faults: Fault[]): Record<string, unknown> {
  try {
    const read: unknown = parse(readFileSync(file, 'utf8'))
    if (read !== null && typeof read === 'object' && !Array.isArray(read)) return { ...read }
    faults.push({ path: file, reason: 'must hold a mapping' })
  } catch (error) {
    faults.push({ path: file, reason: error instanceof Error ? error.message : 'cannot be read' })
  }
  return {}
}

/** `id:base64url,id:base64url`, the current one first; each at least 256 bits (`openssl rand -base64 32`). */
function parseKeys(text: string, faults: Fault[]): RootKey[] {
  const keys = text.split(',').map((part) => {
    const [id = '', encoded = ''] = part.trim().split(':')
    return { id, key: Buffer.from(encoded, 'base64') }
  })
  for (const [index, { id, key }] of keys.entries()) {
    if (!/^[a-z0-9-]{1,16}$/i.test(id))
      faults.push({ path: `SIGMA_KEYS[${index}]`, reason: 'needs an id of letters, digits or dashes before the colon' })
    if (key.length < 32)
      faults.push({
        path: `SIGMA_KEYS[${index}]`,
        reason: 'needs at least 32 bytes, base64-encoded: openssl rand -base64 32',
      })
    if (new Set(key).size < 8) faults.push({ path: `SIGMA_KEYS[${index}]`, reason: 'is not random' })
  }
  if (new Set(keys.map((key) => key.id)).size < keys.length)
    faults.push({ path: 'SIGMA_KEYS', reason: 'has an id twice' })
  return keys
}

function missingForProduction(raw: Record<string, unknown>, env: Environment, cluster: boolean): Fault[] {
  const faults: Fault[] = []
  if (!String(raw.issuer).startsWith('https://')) faults.push({ path: 'issuer', reason: 'must be https in production' })
  if (!env.SIGMA_KEYS)
    faults.push({
      path: 'SIGMA_KEYS',
      reason: 'is missing: id:base64 of 32 random bytes, e.g. 2026a:$(openssl rand -base64 32)',
    })
  if (!env.SIGMA_SMTP_URL)
    faults.push({ path: 'SIGMA_SMTP_URL', reason: 'is missing: smtps://user:password@mail.example.org' })
  if (raw.mail === undefined)
    faults.push({ path: 'mail.from', reason: 'is missing: the address that mail is sent from' })
  if (raw.data === undefined && !cluster)
    faults.push({ path: 'data', reason: 'is missing: the folder that holds everything' })
  const { origin: adminOrigin = '' } = (raw.admin ?? {}) as { origin?: string }
  if (raw.admin !== undefined && !String(adminOrigin).startsWith('https://'))
    faults.push({ path: 'admin.origin', reason: 'must be https in production' })
  for (const name of ['portal', 'people']) {
    if (raw[name] !== undefined) faults.push({ path: name, reason: 'is for development only' })
  }
  return faults
}

/** What all nodes have to have in common. */
function missingForCluster(env: Environment): Fault[] {
  const faults: Fault[] = []
  if (!/^mongodb(\+srv)?:\/\/\S+$/.test(env.SIGMA_MONGODB_URL ?? ''))
    faults.push({ path: 'SIGMA_MONGODB_URL', reason: 'must be mongodb://… or mongodb+srv://… with the database in it' })
  if (!/^redis(s|\+sentinel|\+cluster)?:\/\/\S+$/.test(env.SIGMA_REDIS_URL ?? ''))
    faults.push({
      path: 'SIGMA_REDIS_URL',
      reason: 'must be redis://…, rediss://…, redis+sentinel://… or redis+cluster://…',
    })
  if (!env.SIGMA_KEYS) faults.push({ path: 'SIGMA_KEYS', reason: 'is missing: every node needs the same keys' })
  return faults
}

/** Development only: a key made at the first start, kept beside the data it protects. */
function developmentKeys(data: string): RootKey[] {
  const file = join(data, 'development.key')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, randomToken(), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return [{ id: 'dev', key: Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url') }]
}

function path(parts: PropertyKey[]): string {
  return (
    parts
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .replace(/^\./, '') || '(top level)'
  )
}

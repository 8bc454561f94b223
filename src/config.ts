/**
 * How the configuration is loaded. One YAML file says everything but secrets; secrets come from the environment by name.
 * Every fault is reported at once, with its path.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { type RootKey, randomToken } from './lib/crypto.ts'
import { type Environment, environmentOf, type Variables } from './lib/environment.ts'
import { type Fault, InputError } from './lib/errors.ts'
import { smsFaults } from './render/sms-texts.ts'
import { languages } from './render/texts.ts'
import { type Settings, settings } from './settings.ts'

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
  /** How those are given, and which of them somebody has asked for. */
  environment: Pick<Environment, 'fault' | 'asked'>
}

/**
 * Reads the file that SIGMA_CONFIG names, `config/<NODE_ENV or development>.yaml` otherwise.
 * Throws InputError with every fault that was found.
 */
export function loadConfig(root: string, variables: Variables, overrides: Record<string, unknown> = {}): Config {
  const production = variables.NODE_ENV === 'production'
  const file = variables.SIGMA_CONFIG ?? join('config', `${production ? 'production' : 'development'}.yaml`)
  const faults: Fault[] = []
  const raw = { ...readYaml(resolve(root, file), faults), ...overrides }
  const parsed = settings.safeParse(raw)
  if (!parsed.success)
    faults.push(...parsed.error.issues.map((issue) => ({ path: path(issue.path), reason: issue.message })))
  const environment = environmentOf(variables, root)
  const own = ownVariables(environment, faults)
  const keys = own.SIGMA_KEYS === undefined ? undefined : parseKeys(own.SIGMA_KEYS, faults)
  if (own.SIGMA_SMTP_URL !== undefined && !/^smtps?:\/\/[^\s]+$/.test(own.SIGMA_SMTP_URL)) {
    faults.push({ path: 'SIGMA_SMTP_URL', reason: 'must be smtp://… or smtps://…' })
  }
  faults.push(...unsendable(root, raw))
  if (parsed.success) faults.push(...strangersRpId(parsed.data), ...missingTokens(parsed.data, environment))
  const cluster = (raw.store as { kind?: unknown } | undefined)?.kind === 'cluster'
  if (production) faults.push(...missingForProduction(raw, own, cluster))
  else faults.push(...notOfDevelopment(raw, variables))
  if (cluster) faults.push(...missingForCluster(own))
  if (cluster && raw.backup !== undefined)
    faults.push({ path: 'backup', reason: 'is of the embedded store: MongoDB is backed up by its own tools' })
  if (!parsed.success || faults.length > 0) throw new InputError(`configuration ${file} is not usable:`, faults)
  const data = resolve(root, parsed.data.data)
  return {
    ...parsed.data,
    data,
    production,
    root,
    keys: keys ?? developmentKeys(data),
    twoStep: keys ? parsed.data.twoStep : withDemonstration(parsed.data, data),
    mongodbUrl: own.SIGMA_MONGODB_URL,
    redisUrl: own.SIGMA_REDIS_URL,
    smtpUrl: own.SIGMA_SMTP_URL,
    secret: environment.value,
    environment,
  }
}

const OWN = ['SIGMA_KEYS', 'SIGMA_SMTP_URL', 'SIGMA_MONGODB_URL', 'SIGMA_REDIS_URL'] as const

/** What one of them says; `unusable` is told already, and is neither missing nor in order. */
type OwnVariables = Partial<Record<(typeof OWN)[number], string>> & { unusable: ReadonlySet<string> }

function ownVariables({ value, fault }: Environment, faults: Fault[]): OwnVariables {
  const found = OWN.map((name) => ({ name, value: value(name), fault: fault(name) }))
  faults.push(...found.flatMap(({ fault }) => fault ?? []))
  const unusable = new Set(found.flatMap(({ name, fault }) => (fault ? name : [])))
  return { ...Object.fromEntries(found.map(({ name, value }) => [name, value])), unusable }
}

/** Credentials that no carrier of text messages does without. */
function missingTokens({ twoStep }: Settings, { value, fault }: Environment): Fault[] {
  return twoStep.sms.carriers.flatMap(({ token }, index) => {
    if (value(token)) return []
    const path = `twoStep.sms.carriers[${index}].token`
    return fault(token) ?? { path, reason: `${token} is not set in the environment` }
  })
}

/** An RP id is the issuer's host, or a domain that it is in (WebAuthn Level 3 section 5.1.2), or one that says it knows us. */
function strangersRpId({ issuer, passkeys: { rpId, relatedOrigins } }: Settings): Fault[] {
  if (rpId === undefined) return []
  const { hostname, origin } = new URL(issuer)
  const within = hostname === rpId || (hostname.endsWith(`.${rpId}`) && rpId.includes('.'))
  if (within || relatedOrigins.includes(origin)) return []
  const reason = `is neither ${hostname} nor a domain that it is in; for any other, ${origin} must be among passkeys.relatedOrigins`
  return [{ path: 'passkeys.rpId', reason }]
}

/** What is wrong with the texts of messages. Settings that are wrong themselves are not asked about here. */
function unsendable(root: string, raw: Record<string, unknown>): Fault[] {
  const { issuer, brand } = settings.shape
  const [named, branded] = [issuer.safeParse(raw.issuer), brand.safeParse(raw.brand)]
  if (!named.success || !branded.success) return []
  const { name, product, timeZone } = branded.data
  return smsFaults(
    { issuer: named.data, brand: { name, product } },
    languages(join(root, 'views'), { brand: name, product }, timeZone),
  )
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

function missingForProduction(raw: Record<string, unknown>, own: OwnVariables, cluster: boolean): Fault[] {
  const faults: Fault[] = []
  if (!String(raw.issuer).startsWith('https://')) faults.push({ path: 'issuer', reason: 'must be https in production' })
  if (lacks(own, 'SIGMA_KEYS'))
    faults.push({
      path: 'SIGMA_KEYS',
      reason: 'is missing: id:base64 of 32 random bytes, e.g. 2026a:$(openssl rand -base64 32)',
    })
  if (lacks(own, 'SIGMA_SMTP_URL'))
    faults.push({ path: 'SIGMA_SMTP_URL', reason: 'is missing: smtps://user:password@mail.example.org' })
  if (raw.mail === undefined)
    faults.push({ path: 'mail.from', reason: 'is missing: the address that mail is sent from' })
  if (raw.data === undefined && !cluster)
    faults.push({ path: 'data', reason: 'is missing: the folder that holds everything' })
  const { origin: adminOrigin = '' } = (raw.admin ?? {}) as { origin?: string }
  if (adminOrigin !== '' && !String(adminOrigin).startsWith('https://'))
    faults.push({ path: 'admin.origin', reason: 'must be https in production' })
  for (const name of ['portal', 'demonstration', 'people']) {
    if (raw[name] !== undefined) faults.push({ path: name, reason: 'is for development only' })
  }
  return faults
}

/**
 * A name that is misspelled, or left out, would open an installation that others reach as one of development: whoever asks
 * for /dev/outbox reads what is mailed there, and secrets that are missing are made up.
 */
function notOfDevelopment(raw: Record<string, unknown>, { NODE_ENV: named }: Variables): Fault[] {
  const faults: Fault[] = []
  if (named !== undefined && !NOT_PRODUCTION.includes(named))
    faults.push({ path: 'NODE_ENV', reason: 'is neither production nor development' })
  const { issuer } = raw
  if (typeof issuer === 'string' && URL.canParse(issuer) && !HERE.test(new URL(issuer).hostname))
    faults.push({ path: 'issuer', reason: 'is not of this machine, so NODE_ENV must be production' })
  return faults
}

const NOT_PRODUCTION = ['', 'development', 'test']
/** Names that nobody can have (RFC 6761) among them. */
const HERE = /^(?:127\.0\.0\.1|\[::1\]|(?:.+\.)?(?:localhost|test))$/

/** What all nodes have to have in common. */
function missingForCluster(own: OwnVariables): Fault[] {
  const faults: Fault[] = []
  const addressed = (name: (typeof OWN)[number], form: RegExp) => own.unusable.has(name) || form.test(own[name] ?? '')
  if (!addressed('SIGMA_MONGODB_URL', /^mongodb(\+srv)?:\/\/\S+$/))
    faults.push({ path: 'SIGMA_MONGODB_URL', reason: 'must be mongodb://… or mongodb+srv://… with the database in it' })
  if (!addressed('SIGMA_REDIS_URL', /^redis(s|\+sentinel|\+cluster)?:\/\/\S+$/))
    faults.push({
      path: 'SIGMA_REDIS_URL',
      reason: 'must be redis://…, rediss://…, redis+sentinel://… or redis+cluster://…',
    })
  if (lacks(own, 'SIGMA_KEYS'))
    faults.push({ path: 'SIGMA_KEYS', reason: 'is missing: every node needs the same keys' })
  return faults
}

function lacks(own: OwnVariables, name: (typeof OWN)[number]): boolean {
  return !own[name] && !own.unusable.has(name)
}

/** Development only: a key made at the first start, kept beside the data it protects. */
function developmentKeys(data: string): RootKey[] {
  const file = keyFile(data)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, randomToken(), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return [{ id: 'dev', key: Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url') }]
}

/** Development only: the first start is when this machine's key was made. */
function withDemonstration({ twoStep, demonstration }: Settings, data: string): Settings['twoStep'] {
  const { deadlineAfter } = demonstration
  if (deadlineAfter === undefined || twoStep.campaign.everyone) return twoStep
  const start = Math.floor(statSync(keyFile(data)).mtimeMs)
  return { ...twoStep, campaign: { ...twoStep.campaign, everyone: { start, deadline: start + deadlineAfter } } }
}

function keyFile(data: string): string {
  return join(data, 'development.key')
}

function path(parts: PropertyKey[]): string {
  return (
    parts
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .replace(/^\./, '') || '(top level)'
  )
}

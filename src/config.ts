/**
 * How the configuration is loaded. One YAML file says everything but secrets; secrets come from the environment by name, or
 * from files that it names. Every fault is reported at once, with its path.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { developmentKeyFile, insistDevelopmentKey } from './data-folder.ts'
import { fresh, type RootKey, randomToken } from './lib/crypto.ts'
import { type Environment, environmentOf, type Variables } from './lib/environment.ts'
import { ConfigurationError, type Fault } from './lib/errors.ts'
import { fileReason } from './lib/file-fault.ts'
import { readSettings } from './settings/file.ts'
import { missingForCluster, type OwnVariables, ownVariables, parseKeys, smtpFault } from './settings/own-variables.ts'
import { missingForProduction, notOfDevelopment, togetherFaults, unsendable } from './settings/rules.ts'
import { settingsFaults, words } from './settings/words.ts'
import { type Settings, settings } from './settings.ts'

/** Settings plus what came from the environment. */
export interface Config extends Settings {
  production: boolean
  /** The folder that relative paths are resolved against: where package.json is. */
  root: string
  /** Which file said all this, and why that one: for whoever is at another than they think. */
  configuredBy: string
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

/** What was read, and what is wrong with it. Nothing was made yet. */
export interface Read {
  /** As SIGMA_CONFIG names it. */
  file: string
  /** That file, and why it is that one. */
  configuredBy: string
  faults: Fault[]
  /** Undefined if they are not in order by themselves. */
  settings: Settings | undefined
  /** Those that are in order, and what goes for what nobody says in the place of the others: to look at the rest by. */
  tentative: Settings | undefined
  production: boolean
  root: string
  keys: RootKey[] | undefined
  own: OwnVariables
  environment: Environment
  /** Names of settings that somebody said. */
  said: ReadonlySet<string>
}

/** Reads the file that SIGMA_CONFIG names, `config/<NODE_ENV or development>.yaml` otherwise. */
export function readConfig(root: string, variables: Variables, overrides: Record<string, unknown> = {}): Read {
  const production = variables.NODE_ENV === 'production'
  const file = variables.SIGMA_CONFIG || join('config', `${production ? 'production' : 'development'}.yaml`)
  const faults: Fault[] = []
  const environment = environmentOf(variables, root)
  const own = ownVariables(environment, faults)
  const keys = own.SIGMA_KEYS === undefined ? undefined : parseKeys(own.SIGMA_KEYS, faults)
  faults.push(...smtpFault(own))
  const configuredBy = `${resolve(root, file)} (${reasonFor(variables)})`
  const read = { file, configuredBy, faults, production, root, keys, own, environment, said: new Set<string>() }
  const found = readSettings(resolve(root, file))
  if (!found.ok) {
    // Nobody knows what else it would say.
    faults.unshift(...found.faults)
    return { ...read, settings: undefined, tentative: undefined }
  }
  const raw = { ...found.settings, ...overrides }
  for (const name of Object.keys(raw)) read.said.add(name)
  const parsed = settings.safeParse(raw, { error: words })
  faults.unshift(...(parsed.success ? [] : settingsFaults(settings, parsed.error, raw)))
  faults.push(...unsendable(root, raw))
  if (parsed.success) faults.push(...togetherFaults(parsed.data, environment))
  const cluster = (raw.store as { kind?: unknown } | undefined)?.kind === 'cluster'
  if (production) faults.push(...missingForProduction(raw, own, cluster))
  else faults.push(...notOfDevelopment(raw, variables))
  if (cluster) faults.push(...missingForCluster(own))
  if (cluster && raw.backup !== undefined)
    faults.push({ path: 'backup', reason: 'is of the embedded store: MongoDB is backed up by its own tools' })
  return { ...read, settings: parsed.data, tentative: parsed.data ?? withoutFaulty(raw, parsed.error?.issues ?? []) }
}

/** What has to be said goes for somewhere that is nowhere. */
const NOWHERE = { issuer: 'https://id.invalid', listen: { port: 0 }, operations: { port: 0 } }

function withoutFaulty(raw: Record<string, unknown>, issues: ReadonlyArray<{ path: PropertyKey[] }>) {
  const faulty = new Set(issues.map(({ path }) => path[0]))
  const rest = Object.entries(raw).filter(([name]) => name in settings.shape && !faulty.has(name))
  return settings.safeParse({ ...NOWHERE, ...Object.fromEntries(rest) }).data
}

/**
 * What may be made: what development makes up at its first start, or `nothing`, when a key that is not there is made up for
 * this process only. A command takes what is `kept`.
 */
type Make = 'keys' | 'nothing' | 'kept'

/** Throws ConfigurationError with every fault that was found, and what data-folder.ts throws where nothing is kept. */
export function loadConfig(
  root: string,
  variables: Variables,
  overrides: Record<string, unknown> = {},
  make: Make = 'keys',
): Config {
  return configOf(readConfig(root, variables, overrides), make)
}

export function configOf(read: Read, make: Make): Config {
  const { settings: said, faults, production, root, keys, own, environment } = read
  if (!said || faults.length > 0) throw new ConfigurationError(`configuration ${read.file} is not usable:`, faults)
  const data = resolve(root, said.data)
  const { configuredBy } = read
  if (!keys && make === 'kept') insistDevelopmentKey({ data, configuredBy })
  return {
    ...said,
    data,
    production,
    root,
    configuredBy,
    keys: keys ?? developmentKeys(data, make),
    twoStep: keys ? said.twoStep : withDemonstration(said, data),
    mongodbUrl: own.SIGMA_MONGODB_URL,
    redisUrl: own.SIGMA_REDIS_URL,
    smtpUrl: own.SIGMA_SMTP_URL,
    secret: environment.value,
    environment,
  }
}

/** Development only: a key made at the first start, kept beside the data it protects. All that is ever made here. */
function developmentKeys(data: string, make: Make): RootKey[] {
  const file = developmentKeyFile({ data })
  try {
    if (make === 'keys') makeKey(data, file)
    return [{ id: 'dev', key: Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url') }]
  } catch (fault) {
    const reason = fileReason(fault)
    if (make === 'nothing') return [{ id: 'dev', key: Buffer.from(fresh(32)) }]
    if (reason === undefined) throw fault
    const { path = file } = fault as NodeJS.ErrnoException
    throw new ConfigurationError('the data folder is not usable:', [{ path: 'data', reason: `${path}: ${reason}` }])
  }
}

function makeKey(data: string, file: string): void {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, randomToken(), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

/** Development only: the first start is when this machine's key was made. */
function withDemonstration({ twoStep, demonstration }: Settings, data: string): Settings['twoStep'] {
  const { deadlineAfter } = demonstration
  const made = statSync(developmentKeyFile({ data }), { throwIfNoEntry: false })
  if (deadlineAfter === undefined || twoStep.campaign.everyone || !made) return twoStep
  const start = Math.floor(made.mtimeMs)
  return { ...twoStep, campaign: { ...twoStep.campaign, everyone: { start, deadline: start + deadlineAfter } } }
}

function reasonFor({ SIGMA_CONFIG: named, NODE_ENV: kind }: Variables): string {
  if (named !== undefined) return 'SIGMA_CONFIG'
  return kind === undefined ? 'neither SIGMA_CONFIG nor NODE_ENV is set' : `NODE_ENV=${kind}`
}

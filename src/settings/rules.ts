/** What several settings say together, or what they may not say where the product runs. */
import { join } from 'node:path'
import type { Environment, Variables } from '../lib/environment.ts'
import type { Fault } from '../lib/errors.ts'
import { smsFaults } from '../render/sms-texts.ts'
import { languages } from '../render/texts.ts'
import { type Settings, settings } from '../settings.ts'
import { lacks, type OwnVariables } from './own-variables.ts'

/** What is wrong with settings of which each is in order by itself. */
export function togetherFaults(all: Settings, environment: Environment): Fault[] {
  return [...strangersRpId(all), ...missingTokens(all, environment), ...samePorts(all), ...sameOrigin(all)]
}

/** Which listener would be refused its port by another of ours. Port 0 is any that is free. */
function samePorts({ listen, operations, admin, portal, demonstration }: Settings): Fault[] {
  const all = Object.entries({ listen, operations, 'admin.listen': admin.listen, portal })
  const more = Object.entries(demonstration.applications)
  const listeners = [...all, ...more.map(([id, at]) => [`demonstration.applications.${id}`, at] as const)]
  return listeners.flatMap(([name, one], index) => {
    const other = listeners.slice(0, index).find(([, before]) => one && before && meet(one, before))
    if (!one || !other) return []
    const found = `is ${one.port}, which ${other[0]}.port is already`
    return [{ path: `${name}.port`, reason: `${found}: it has to be another`, found, expected: 'another port' }]
  })
}

type Listener = Settings['listen']

function meet(one: Listener, other: Listener): boolean {
  const all = [one.host, other.host].some((host) => host === '0.0.0.0' || host === '::')
  return one.port === other.port && one.port !== 0 && (one.host === other.host || all)
}

/** Its pages would be in the reach of everybody who reaches the others. */
function sameOrigin({ issuer, admin }: Settings): Fault[] {
  if (admin.origin !== issuer) return []
  const [found, expected] = ['is the issuer itself', 'a host of its own, such as https://admin.id.example.org']
  return [{ path: 'admin.origin', reason: `${found}: it has to be ${expected}`, found, expected }]
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

/** Credentials that no carrier of text messages does without. */
function missingTokens({ twoStep }: Settings, { value, fault }: Environment): Fault[] {
  return twoStep.sms.carriers.flatMap(({ token }, index) => {
    if (value(token)) return []
    const path = `twoStep.sms.carriers[${index}].token`
    return fault(token) ?? { path, reason: `${token} is not set in the environment` }
  })
}

/** What is wrong with the texts of messages. Settings that are wrong themselves are not asked about here. */
export function unsendable(root: string, raw: Record<string, unknown>): Fault[] {
  const { issuer, brand } = settings.shape
  const [named, branded] = [issuer.safeParse(raw.issuer), brand.safeParse(raw.brand)]
  if (!named.success || !branded.success) return []
  const { name, product, timeZone } = branded.data
  return smsFaults(
    { issuer: named.data, brand: { name, product } },
    languages(join(root, 'views'), { brand: name, product }, timeZone),
  )
}

export function missingForProduction(raw: Record<string, unknown>, own: OwnVariables, cluster: boolean): Fault[] {
  const faults: Fault[] = []
  // What is no origin at all is told already.
  if (URL.canParse(String(raw.issuer)) && !String(raw.issuer).startsWith('https://'))
    faults.push({ path: 'issuer', reason: 'must be https in production' })
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
export function notOfDevelopment(raw: Record<string, unknown>, { NODE_ENV: named }: Variables): Fault[] {
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

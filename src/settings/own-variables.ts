/** What the environment says to the product itself: its keys, and where its stores and its mail server are. */
import type { RootKey } from '../lib/crypto.ts'
import type { Environment } from '../lib/environment.ts'
import type { Fault } from '../lib/errors.ts'

const NAMES = ['SIGMA_KEYS', 'SIGMA_SMTP_URL', 'SIGMA_MONGODB_URL', 'SIGMA_REDIS_URL'] as const
type Name = (typeof NAMES)[number]

export type OwnVariables = Partial<Record<Name, string>> & {
  /** Those of which it is told already why there is no use in them: they are neither missing nor wrong. */
  unusable: ReadonlySet<string>
}

export function ownVariables({ value, fault }: Environment, faults: Fault[]): OwnVariables {
  const found = NAMES.map((name) => ({ name, value: value(name), fault: fault(name) }))
  faults.push(...found.flatMap(({ fault }) => fault ?? []))
  const unusable = new Set(found.flatMap(({ name, fault }) => (fault ? name : [])))
  return { ...Object.fromEntries(found.map(({ name, value }) => [name, value])), unusable }
}

export function lacks(own: OwnVariables, name: Name): boolean {
  return !own[name] && !own.unusable.has(name)
}

/** `id:base64,id:base64`, the current one first; each at least 256 bits (`openssl rand -base64 32`). */
export function parseKeys(text: string, faults: Fault[]): RootKey[] {
  const keys = text.split(',').map((part) => {
    const [id = '', encoded = ''] = part.trim().split(':')
    return { id, encoded, key: Buffer.from(encoded, 'base64') }
  })
  for (const [index, { id, encoded, key }] of keys.entries()) {
    const refuse = (reason: string) => faults.push({ path: `SIGMA_KEYS[${index}]`, reason })
    if (!/^[a-z0-9-]{1,16}$/i.test(id)) refuse('needs an id of letters, digits or dashes before the colon')
    // Whatever else stood there would be left out, and the rest taken for the key.
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(encoded)) refuse('is not base64: openssl rand -base64 32 makes one')
    if (key.length < 32) refuse('needs at least 32 bytes, base64-encoded: openssl rand -base64 32')
    if (new Set(key).size < 8) refuse('is not random')
  }
  if (new Set(keys.map((key) => key.id)).size < keys.length)
    faults.push({ path: 'SIGMA_KEYS', reason: 'has an id twice' })
  return keys.map(({ id, key }) => ({ id, key }))
}

/** Credentials are in it: no fault repeats it. */
export function smtpFault({ SIGMA_SMTP_URL: url }: OwnVariables): Fault[] {
  if (url === undefined || (/^smtps?:\/\/[^\s]+$/.test(url) && URL.canParse(url))) return []
  return [{ path: 'SIGMA_SMTP_URL', reason: 'must be smtp://… or smtps://…' }]
}

/** What all nodes have to have in common. */
export function missingForCluster(own: OwnVariables): Fault[] {
  const faults: Fault[] = []
  const addressed = (name: Name, form: RegExp) => own.unusable.has(name) || form.test(own[name] ?? '')
  if (!addressed('SIGMA_MONGODB_URL', /^mongodb(\+srv)?:\/\/[^/\s]+\/[^/?\s]\S*$/))
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

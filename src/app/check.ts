/**
 * Whether an installation can be started, with everything that stands in the way at once (`config:check`). What needs no
 * network is looked at by each start too, before it makes anything. Nothing is made here, and nothing is changed.
 */
import { resolve } from 'node:path'
import { type Finding, ofFault, ok, told } from '../check/finding.ts'
import { checkBackupFolder, checkFolder } from '../check/folder.ts'
import { checkKeys, checkPasskeys, checkTime } from '../check/kept.ts'
import { checkListeners, type Wanted } from '../check/listeners.ts'
import { checkedFile, type Entry } from '../client/file.ts'
import type { Read } from '../config.ts'
import { developmentKeyFile, STORE_FILE, storeFile } from '../data-folder.ts'
import { ConfigurationError, InputError } from '../lib/errors.ts'
import { type Clock, SECOND, SKEW } from '../lib/time.ts'
import { rpIdOf } from '../mfa/passkey-host.ts'
import type { Settings } from '../settings.ts'
import type { Look, Looked } from '../store/looked.ts'
import { lookAtFile } from '../store/sqlite/look.ts'
import { contentOf } from './client-file.ts'
import { definitionsOf } from './definitions.ts'

const KEPT = [STORE_FILE, `${STORE_FILE}-wal`, `${STORE_FILE}-shm`]
/** Half of what a load balancer waits. */
const PATIENCE = 2 * SECOND

/** Before a start makes anything. Throws ConfigurationError with every fault; resolves to what may be meant so. */
export async function insistStartable(read: Read): Promise<Finding[]> {
  const findings = await checkHere(read)
  const faults = findings.filter(isFault)
  if (faults.length === 0) return findings.filter(({ level }) => level === 'warning')
  const mended = read.faults.length === 0
  throw new ConfigurationError(
    mended ? `Sigma ID cannot start with ${read.file}:` : `configuration ${read.file} is not usable:`,
    faults.map((finding) => ({ path: finding.name, reason: told(finding) })),
  )
}

/** Everything, with stores, mail server and clock. */
export async function checkAll(read: Read, now: Clock): Promise<Finding[]> {
  const here = await look(read)
  const { settings, clients } = here
  if (!settings) return here.findings
  const there = settings.store.kind === 'cluster' ? await lookAtCluster(read, now) : undefined
  const looked = there ? there.looked : here.looked
  const known = [...(looked?.clients ?? []), ...(clients ?? [])]
  // Of a store that does not answer nobody knows, and of a file that is faulty only what the store has besides.
  const isHomeKnown = clients || known.some(({ id }) => id === settings.homeClient)
  return [
    ...here.findings,
    ...(there?.findings ?? []),
    ...(looked ? checkKept(read, settings, looked) : []),
    ...checkTime(looked?.knownTime, here.looked?.lastRecordAt, now()),
    ...((there && !looked) || !isHomeKnown ? [] : checkHome(read, settings, known)),
    ...(await mailServer(read)),
  ]
}

/** What this machine alone can tell, as a start asks for it. */
async function checkHere(read: Read): Promise<Finding[]> {
  const { findings, settings, looked, clients } = await look(read, { starts: true })
  // Of a key that a server has had, and that nothing is known to need, the start finds out by itself.
  if (looked) return [...findings, ...keyFindings(read, looked).filter(isFault)]
  // Whoever deleted the application can still start.
  const first = settings?.store.kind === 'embedded' && clients?.length
  return first ? [...findings, ...checkHome(read, settings, clients)] : findings
}

interface Here {
  findings: Finding[]
  settings: Settings | undefined
  looked: Looked | undefined
  /** Of the file, where a start would apply it; undefined where it is faulty, so that nobody knows. */
  clients: Looked['clients'] | undefined
}

async function look(read: Read, { starts = false } = {}): Promise<Here> {
  const found: Finding[] = read.faults.map((fault) => ofFault(fault))
  if (read.settings && read.faults.length === 0) found.push(ok(read.file, 'is in order'))
  const settings = read.tentative
  if (!settings) return { findings: found, settings, looked: undefined, clients: [] }
  const embedded = settings.store.kind === 'embedded'
  const folder = embedded || !read.production ? checkData(settings, read) : []
  const open = embedded && !folder.some(isFault)
  const database = open ? await lookAtFile(pathOf(settings, read), starts ? 'start' : 'all') : undefined
  const looked = database?.ok ? database.looked : undefined
  const others = [
    ...found,
    ...folder,
    ...(embedded && settings.backup ? [checkBackupFolder(resolve(read.root, settings.backup.folder))] : []),
    ...(database && !database.ok ? [lookFinding(pathOf(settings, read), database)] : []),
    ...(await checkListeners(listenersOf(settings), () => isOurs(settings))),
  ]
  const { findings, clients } = checkApplications(read, settings, looked)
  return { findings: [...others, ...findings], settings, looked, clients }
}

function isFault({ level }: Finding): boolean {
  return level === 'fault'
}

function pathOf(settings: Settings, { root }: Read): string {
  return storeFile({ data: resolve(root, settings.data) })
}

function checkData(settings: Settings, { root, keys }: Read): Finding[] {
  const folder = resolve(root, settings.data)
  const own = keys ? [] : [developmentKeyFile({ data: '' })]
  return checkFolder(folder, settings.store.kind === 'embedded' ? [...KEPT, ...own] : own)
}

function lookFinding(name: string, look: Look & { ok: false }): Finding {
  const { ok: _ok, ...rest } = look
  return { level: 'fault', name, ...rest }
}

/**
 * The file of applications, as a start would apply it. Where a start leaves it alone, what is wrong in it is a warning. What
 * the store has besides is judged when it is applied.
 */
function checkApplications(
  read: Read,
  settings: Settings,
  kept: Looked | undefined,
): Pick<Here, 'findings' | 'clients'> {
  const { file: name, applyAtStart = settings.store.kind === 'embedded' } = settings.clients
  const applied = applyAtStart || (kept?.clients.length ?? 0) === 0
  const checked = entriesOf(read, settings, kept)
  if (!Array.isArray(checked))
    return {
      clients: undefined,
      findings: checked.faults.map((fault) => ({ ...ofFault(fault), level: applied ? 'fault' : 'warning' })),
    }
  const clients = checked.flatMap(({ noun, id }) => (noun === 'client' ? { id, status: 'active' } : []))
  const text = `has ${clients.length} ${clients.length === 1 ? 'application' : 'applications'}`
  return { clients: applied ? clients : [], findings: [ok(name, text)] }
}

function entriesOf(read: Read, settings: Settings, kept: Looked | undefined): Entry[] | InputError {
  const { file: name } = settings.clients
  const config = { ...settings, production: read.production, environment: read.environment }
  // In development one is made up for each that is missing.
  const secret = (named: string) => read.environment.value(named) ?? (read.production ? undefined : 'x'.repeat(43))
  const { definitions, names } = definitionsOf(config, secret)
  const elsewhere = { scopes: () => [], ours: Object.values(names), hasSecret: () => kept !== undefined }
  try {
    return checkedFile(contentOf(resolve(read.root, name), name), { name, definitions, elsewhere })
  } catch (fault) {
    if (fault instanceof InputError) return fault
    throw fault
  }
}

/** No page would say where to go on. */
function checkHome({ said }: Read, { homeClient, clients }: Settings, known: Looked['clients']): Finding[] {
  const home =
    known.find(({ id, status }) => id === homeClient && status === 'active') ??
    known.find(({ id }) => id === homeClient)
  if (home?.status === 'active') return [ok('homeClient', `is ${homeClient}`)]
  const active = known.filter(({ status }) => status === 'active').map(({ id }) => id)
  return [
    {
      // An installation may begin without applications.
      level: said.has('homeClient') ? 'fault' : 'warning',
      name: 'homeClient',
      found: home
        ? `is "${homeClient}", which is ${home.status}`
        : `is "${homeClient}", and there is no such application`,
      expected: active.length > 0 ? `one of ${active.slice(0, 10).join(', ')}` : 'the client_id of an application',
      remedy: `set homeClient, or add the application to ${clients.file}`,
    },
  ]
}

function listenersOf({ listen, operations, admin, portal, demonstration }: Settings): Wanted[] {
  const more = Object.entries(demonstration.applications).map(
    ([id, at]) => [`demonstration.applications.${id}`, at] as const,
  )
  const all = [...Object.entries({ listen, operations, 'admin.listen': admin.listen, portal }), ...more]
  return all.flatMap(([name, at]) => (at ? { name, ...at } : []))
}

/** Whether what answers where health is told answers as one of ours does. */
async function isOurs({ operations: { host, port } }: Settings): Promise<boolean> {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  try {
    const answer = await fetch(`http://${name}:${port}/metrics`, { signal: AbortSignal.timeout(PATIENCE) })
    return (await answer.text()).includes('sigma_')
  } catch {
    return false
  }
}

async function lookAtCluster(read: Read, now: Clock) {
  const { SIGMA_MONGODB_URL: mongodb, SIGMA_REDIS_URL: redis } = read.own
  const faulty = new Set(read.faults.map(({ path }) => path))
  const usable = (name: string, url: string | undefined) => (faulty.has(name) ? undefined : url)
  // Loaded here, so that a start of the embedded form goes without the drivers of servers that it has not got.
  const [{ lookAtMongo }, { lookAtRedis }] = await Promise.all([
    import('../store/mongo/look.ts'),
    import('../store/redis/look.ts'),
  ])
  const [mongo, other] = [usable('SIGMA_MONGODB_URL', mongodb), usable('SIGMA_REDIS_URL', redis)]
  const [one, two] = await Promise.all([
    mongo ? lookAtMongo(mongo) : undefined,
    other ? lookAtRedis(other, now) : undefined,
  ])
  const findings = [...storeFindings('SIGMA_MONGODB_URL', one, now), ...storeFindings('SIGMA_REDIS_URL', two, now)]
  return { findings, looked: one?.ok ? one.looked : undefined }
}

function storeFindings(name: string, look: Look | undefined, now: Clock): Finding[] {
  if (!look) return []
  if (!look.ok) return [lookFinding(name, look)]
  const { time, warnings = [] } = look.looked ?? {}
  const found: Finding[] = warnings.map((warning) => ({ level: 'warning', name, found: warning }))
  const apart = time === undefined ? 0 : time - now()
  if (Math.abs(apart) <= SKEW) return [...found, ok(name, 'answers, and its clock is ours')]
  const by = Math.round(Math.abs(apart) / SECOND)
  return [
    ...found,
    {
      level: 'fault',
      name: 'clock',
      found: `of this machine is ${by} s ${apart > 0 ? 'behind' : 'ahead of'} that of ${name}`,
      expected: `at most ${SKEW / SECOND} s apart`,
      remedy: 'let both machines keep time by NTP',
    },
  ]
}

/** Of what is at fault itself nothing more is said. */
function checkKept(read: Read, settings: Settings, looked: Looked): Finding[] {
  const known = !read.faults.some(({ path }) => path === 'issuer' || path.startsWith('passkeys'))
  return [...keyFindings(read, looked), ...(known ? checkPasskeys(looked.passkeys ?? [], rpIdOf(settings)) : [])]
}

function keyFindings({ keys, own }: Read, looked: Looked): Finding[] {
  return keys && !own.unusable.has('SIGMA_KEYS') ? [checkKeys(keys, looked)] : []
}

async function mailServer({ own, faults }: Read): Promise<Finding[]> {
  const url = own.SIGMA_SMTP_URL
  if (!url || faults.some(({ path }) => path.startsWith('SIGMA_SMTP_URL'))) return []
  const { checkMail } = await import('../check/mail.ts')
  return [await checkMail(url)]
}

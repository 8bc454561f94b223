/**
 * Applications that connect by a library's own quick start, each a process of its own in its own language, in front of
 * the product.
 *
 * What is said of a library is said once, in docs: its page has the client's record and the library's lines, and the
 * index a row that tells what it does. The tests run the record as printed, hold the lines against the application in
 * test/peers/apps, and try what the row promises.
 *
 * The application shows who is signed in as a JSON object on its page, and no object when nobody is.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { environmentOf, type LibraryPage, readPage, recordsOf } from '../../../src/client/connection.ts'
import { HOUR, SECOND } from '../../../src/lib/time.ts'
import { freePorts, type RunningApp, startApp } from '../app/app.ts'
import { freePort } from '../app/ports.ts'
import { ACR } from '../oidc/relying-party.ts'
import { Person } from '../people/person.ts'
import { obligeAll, reopen, type Screen, type Someone, somebody } from '../people/step-up.ts'
import { missingServices, type ServiceName } from '../services/servers.ts'
import { type Service, startService } from '../services/service-process.ts'
import { describeUnless } from '../services/services.ts'

const root = resolve(import.meta.dirname, '../../..')
const APPLICATIONS = join(root, 'test/peers/apps')
const DOCS = join(root, 'docs')

/** One of them is in the folder of every application that something has to be brought or made for. */
const LOCKS = ['package-lock.json', 'go.mod', 'pom.xml', 'Cargo.lock']

/** What a cookie may have of name and value (RFC 6265bis section 5.7). */
const COOKIE = 4096

export interface Application {
  /** The name of its page in docs/applications, and of its folder in test/peers/apps. */
  library: string
  /** What to run in that folder. */
  run: [program: string, ...args: string[]]
  /** Besides ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL and PORT. */
  env?: (given: Record<string, string>) => Record<string, string>
  /** What the machine has to have. */
  needs?: ServiceName[]
  /** What its record says instead when the library's own switches are on (OWN_SWITCHES); undefined is left out. */
  switched?: Record<string, unknown>
  /** What is tried besides the columns, by the tests' names. */
  besides?: Record<string, (peer: Peer) => Promise<void>>
  paths?: Partial<Paths> | ((given: Record<string, string>) => Partial<Paths>)
}

/** What is at which address of the application. */
interface Paths {
  /** Who is signed in. */
  home: string
  signIn: string
  /** Redeems the refresh token. */
  refresh: string
  /** Signs in with `prompt=none`. */
  silent: string
  /** Signs in with `acr_values` of a second factor. */
  stepUp: string
  signOut: string
}

const PATHS: Paths = {
  home: '/',
  signIn: '/login',
  refresh: '/refresh',
  silent: '/silent',
  stepUp: '/payroll',
  signOut: '/logout',
}

/** The interpreter that has the packages of every application in Python. */
export const PYTHON = join(APPLICATIONS, '.made/python/bin/python')

/** The product for an application, with the record on the library's page. */
export interface Product {
  app: RunningApp
  /** Where the application is to be. */
  origin: string
  /** What the application gets in its environment. */
  given: Record<string, string>
  /** How often the token endpoint was asked. */
  redeemed(): number
  /** To the key that was published a day before; forced, to one that may never have been. */
  rotate(how?: { forced: boolean }): Promise<void>
}

/** An application in front of the product. */
export interface Peer extends Product {
  paths: Paths
  service: Service
  stop(): Promise<void>
}

export async function startProduct(library: string, switched?: Record<string, unknown>): Promise<Product> {
  const ports = await freePorts()
  const port = await freePort()
  const issuer = `http://localhost:${ports[0]}`
  const origin = `http://localhost:${port}`
  const { clients, resources } = recordsOf(pageOf(library), { issuer, base: origin }) as Records
  for (const record of clients) Object.assign(record, switched)
  const secrets = Object.fromEntries(
    clients.flatMap(({ client_secret }) =>
      client_secret ? [[client_secret.env, randomBytes(32).toString('base64url')]] : [],
    ),
  )
  const [client] = clients
  if (!client) throw new Error(`no record on the page of ${library}`)
  // Signing keys are made a day and an hour ago, so that they may rotate.
  let behind = 25 * HOUR
  const app = await startApp({
    ports,
    now: () => Date.now() - behind,
    env: secrets,
    clients: JSON.stringify({ clients, resources }),
    settings: { egress: [origin], portal: undefined, homeClient: client.client_id },
  })
  behind = 0
  let redeemed = 0
  app.web.on('request', ({ url, method }) => {
    if (url === '/token' && method === 'POST') redeemed += 1
  })
  return {
    app,
    origin,
    given: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      // As administration tells whoever connects an application.
      ...environmentOf({
        issuer,
        clientId: client.client_id,
        secret: secrets[client.client_secret?.env ?? ''] ?? '',
        base: origin,
      }),
      PORT: String(port),
      ...(switched && { OWN_SWITCHES: 'on' }),
    },
    redeemed: () => redeemed,
    async rotate(how) {
      const rotated = await app.core.keys.rotate(how)
      if (rotated !== 'rotated') throw new Error(`no rotation: ${rotated}`)
      await app.oidc.refresh()
    },
  }
}

/** Starts the product, and then the application. */
export async function startPeer(application: Application, switched?: Record<string, unknown>): Promise<Peer> {
  const { library, run, env, paths } = application
  const product = await startProduct(library, switched)
  const { app, given } = product
  const service = await startService({
    name: library,
    scheme: 'http',
    port: Number(given.PORT),
    cwd: folderOf(library),
    env: { ...given, ...env?.(given) },
    // A folder of its own, which goes when it ends.
    command: (_port, folder) => ['env', `FOLDER=${folder}`, ...run],
  }).catch(async (fault) => {
    await app.stop()
    throw fault
  })
  return {
    ...product,
    paths: { ...PATHS, ...(typeof paths === 'function' ? paths(given) : paths) },
    service,
    async stop() {
      await service.remove()
      await app.stop()
    },
  }
}

/** The object that the application shows; undefined if it knows nobody. */
export function shown({ page }: Person): Record<string, unknown> | undefined {
  const text = page.html.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&#39;', "'")
  const object = /\{[\s\S]*\}/.exec(text)?.[0]
  try {
    return object === undefined ? undefined : (JSON.parse(object) as Record<string, unknown>)
  } catch {
    return undefined
  }
}

/** Opens an address of the application, presses its button if that is all there is, and answers what comes; which pages. */
export async function enter(peer: Peer, who: Someone, path: keyof Paths): Promise<Screen[]> {
  await go(peer, who, path)
  return obligeAll(who)
}

async function go(peer: Peer, { browser }: Someone, path: keyof Paths): Promise<void> {
  await browser.visit(peer.origin + peer.paths[path])
  if (browser.page.url === peer.origin + peer.paths[path] && browser.forms().length === 1) await browser.submit()
  // Some send people on by a page.
  const onward = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(browser.page.html)?.[1]
  if (onward) await browser.visit(onward)
}

/** Somebody who is signed in at the application. */
export async function signedIn(peer: Peer): Promise<Someone> {
  const who = await somebody(peer.app)
  await enter(peer, who, 'signIn')
  return who
}

/** What the application says of who is in front of it. */
export async function told(peer: Peer, who: Someone): Promise<string> {
  await who.browser.visit(peer.origin + peer.paths.home)
  // One that lets nobody in sends people on to sign in.
  if (!who.browser.page.url.startsWith(peer.origin)) return ''
  const claims = shown(who.browser)
  return claims && Object.keys(claims).length > 0 ? JSON.stringify(claims) : ''
}

/** What stands in the way, for whoever reads the failure. */
function where({ browser: { page } }: Someone): string {
  const words = page.html.replace(/<style[\s\S]*?<\/style>|<[^>]+>/g, ' ').replace(/\s+/g, ' ')
  return `${page.status} ${page.url.slice(0, 200)} ${words.slice(0, 400)}`
}

/** Signs out at the product, away from the application. */
export async function signOutHere({ browser }: Someone, app: RunningApp): Promise<void> {
  await browser.visit(`${app.origin}/session/end`)
  await browser.submit({ logout: 'yes' })
  await app.drain()
}

async function isIn(peer: Peer): Promise<string> {
  const who = await signedIn(peer)
  const after = where(who)
  return (await told(peer, who)) ? 'yes' : after
}

/**
 * One attempt at each column of the index. Answers what the cell should say: `yes`, another word of the index, or what
 * was in the way.
 */
export type Columns = Record<string, (peer: Peer) => Promise<string>>

const COLUMNS: Columns = {
  'Signs in': async (peer) => {
    const who = await signedIn(peer)
    const large = who.browser.cookies.find(({ name, value }) => name.length + value.length > COOKIE)
    if (large) return `no browser keeps ${large.name}`
    const after = where(who)
    return (await told(peer, who)) ? 'yes' : after
  },

  'Name, e-mail': async (peer) => {
    const who = await signedIn(peer)
    const claims = await told(peer, who)
    if (!claims.includes(who.email)) return `${where(who)} ${claims}`
    return claims.includes('Sanne de Vries') ? 'yes' : 'e-mail'
  },

  Refresh: async (peer) => {
    const who = await signedIn(peer)
    const before = peer.redeemed()
    // Some redeem it for whoever comes by a second later.
    for (const end = Date.now() + 3 * SECOND; peer.redeemed() === before && Date.now() < end; ) {
      await who.browser.visit(peer.origin + peer.paths.refresh)
      if (who.browser.page.status !== 200) return where(who)
    }
    return peer.redeemed() === before + 1 && (await told(peer, who)) ? 'yes' : where(who)
  },

  Silent: async (peer) => {
    const who = await signedIn(peer)
    const pages = await enter(peer, who, 'silent')
    if (pages.length > 0) return `${pages} came up`
    const after = where(who)
    if (!(await told(peer, who))) return after
    // Without a session here, the application hears so, and nobody sees a page of ours.
    reopen(who)
    await go(peer, who, 'silent')
    const refused = who.browser.trail.some(({ url }) => url.includes('error=login_required'))
    return who.browser.page.url.startsWith(peer.origin) && refused ? 'yes' : where(who)
  },

  'Step-up': async (peer) => {
    const who = await signedIn(peer)
    const pages = await enter(peer, who, 'stepUp')
    if (pages.join() !== 'enroll') return `${pages}, ${where(who)}`
    const after = where(who)
    const claims = await told(peer, who)
    return claims.includes(ACR.mfa) ? 'yes' : `${after} ${claims}`
  },

  'Signs out': async (peer) => {
    const who = await signedIn(peer)
    await go(peer, who, 'signOut')
    // The ID token proves whose session it is, so there is no second word.
    const how = who.browser.page.html.includes('data-automatic') ? 'yes' : 'asks'
    if (!who.browser.page.url.startsWith(peer.app.origin)) return where(who)
    await who.browser.submit({ logout: 'yes' })
    if (!who.browser.page.url.startsWith(peer.origin)) return `stays: ${where(who)}`
    if (await told(peer, who)) return `still signed in: ${where(who)}`
    return (await enter(peer, who, 'signIn')).join() === 'password' ? how : where(who)
  },

  'Is signed out': async (peer) => {
    const who = await signedIn(peer)
    const phone = { ...who, browser: new Person() }
    await enter(peer, phone, 'signIn')
    if (!(await told(peer, phone))) return where(phone)
    await signOutHere(who, peer.app)
    if (await told(peer, who)) return 'stays signed in'
    return (await told(peer, phone)) ? 'yes' : 'every browser'
  },

  'New keys': async (peer) => {
    await signedIn(peer)
    await peer.rotate()
    const after = await isIn(peer)
    if (after !== 'yes') return after
    // Twice, so that even the key that was published beforehand is no more the one that signs.
    for (const forced of [true, true]) await peer.rotate({ forced })
    return (await isIn(peer)) === 'yes' ? 'yes' : 'in time'
  },
}

/** Every application, by the row of its library. */
export function peers(applications: Application[], columns = COLUMNS): void {
  for (const application of applications) {
    const { library } = application
    describePeer(application, (peer) => {
      const row = rowOf(library)
      const promised = Object.keys(COLUMNS).filter((column) => !['no', 'switch'].includes(row[column] ?? ''))
      test.each(promised)('%s', async (column) => {
        expect(await columns[column]?.(peer())).toBe(row[column])
      })

      const { switched } = application
      if (switched)
        test('its own switches, and a record without what they replace', async ({ onTestFinished }) => {
          const other = await startPeer(application, switched)
          onTestFinished(() => other.stop())
          const bySwitch = Object.keys(row).filter((column) => row[column] === 'switch')
          for (const column of bySwitch) expect(await columns[column]?.(other)).toBe('yes')
          expect(await columns['Name, e-mail']?.(other)).toBe(row['Name, e-mail']?.replace('switch', 'yes'))
        })

      test.each(Object.entries(application.besides ?? {}))('%s', (_name, attempt) => attempt(peer()))

      test('its page and the version in the index are what runs here', () => {
        expect(strangeBlocks(library)).toEqual([])
        expect(row.Version).toBe(versionOf(library, row.Version))
      })
    })
  }
}

/** A suite in front of one application; unless something is missing that it needs. */
export function describePeer(application: Application, suite: (peer: () => Peer) => void): void {
  describeUnless(missing(application), application.library, () => {
    let peer: Peer
    beforeAll(async () => {
      peer = await startPeer(application)
    })
    afterAll(() => peer?.stop())
    suite(() => peer)
  })
}

/** Whether test/peers/apps/prepare made it ready, and where that was not possible, why. */
export function missing({ library, needs = [] }: Pick<Application, 'library' | 'needs'>): string[] {
  const tools = missingServices(needs)
  if (tools.length > 0) return tools
  // All that is written in Python shares one environment.
  const folder = needs.includes('python') ? '.' : library
  // What Debian has as it is needs nothing more.
  if (folder === library && !LOCKS.some((lock) => existsSync(join(APPLICATIONS, folder, lock)))) return []
  return existsSync(join(APPLICATIONS, folder, '.made/from')) ? [] : ['what test/peers/apps/prepare brings']
}

/** What the library's row in the index says, by the words in its head. */
function rowOf(library: string): Record<string, string> {
  const lines = readFileSync(join(DOCS, 'applications.md'), 'utf8').split('\n')
  const cells = (line = '') => line.split('|').map((cell) => cell.trim())
  const head = cells(lines.find((line) => line.includes('| Signs in |')))
  const row = lines.find((line) => line.includes(`(applications/${library}.md)`))
  if (!row) throw new Error(`${library} has no row in docs/applications.md`)
  return Object.fromEntries(cells(row).map((cell, index) => [head[index] ?? '', cell]))
}

interface Records {
  clients: Array<Record<string, unknown> & { client_id: string; client_secret?: { env: string } }>
  resources: unknown[]
}

/** Code on the page, beside the record, that is not in any file of the application. */
export function strangeBlocks(library: string): string[] {
  const folder = folderOf(library)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/node_modules|\.made|lock/.test(join(entry.parentPath, entry.name)))
    .map((entry) => `\n${readFileSync(join(entry.parentPath, entry.name), 'utf8')}\n`)
  const code = pageOf(library).parts
  if (code.length === 0) return ['no code at all']
  return code.flatMap((part) => (files.some((file) => file.includes(`\n${part.code}\n`)) ? [] : [part.code]))
}

/** This version, if whatever says what is installed says it; otherwise all that it says. */
function versionOf(library: string, version = ''): string {
  const manifests = ['package.json', 'requirements.txt', 'go.mod', 'pom.xml', 'Cargo.toml']
  const [said = version] = manifests.flatMap((name) => {
    const file = join(APPLICATIONS, library, name)
    return existsSync(file) ? [readFileSync(file, 'utf8')] : []
  })
  return new RegExp(`(^|[^0-9.])${RegExp.escape(version)}($|[^0-9.])`, 'm').test(said) ? version : said
}

/** Where the application is. */
export function folderOf(library: string): string {
  return join(APPLICATIONS, library)
}

/** By the rule by which administration shows it. */
function pageOf(library: string): LibraryPage {
  return readPage(library, readFileSync(join(DOCS, 'applications', `${library}.md`), 'utf8'))
}

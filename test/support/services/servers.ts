/**
 * What some suites need and Node cannot bring: servers (one that speaks MongoDB's protocol, Redis, Apache with its OpenID
 * Connect module), and languages that applications are written in. Nothing here needs vitest: its configuration asks which of them there are.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { type Service, startService } from './service-process.ts'

export type ServiceName =
  | 'mongo'
  | 'redis'
  | 'apache'
  | 'python'
  | 'go'
  | 'java'
  | 'ruby'
  | 'rust'
  | 'oidc-agent'
  | 'promtool'

const MONGO = resolve(import.meta.dirname, '../../../node_modules/.cache/mongo-server')

interface Presence {
  title: string
  is: () => boolean
  /** Not even .ci/run brings it: Debian's own is older. */
  isElsewhere?: boolean
}

const PRESENT: Record<ServiceName, Presence> = {
  mongo: {
    title: 'Java with mongo-java-server',
    is: () => runs('setpriv') && runs('java') && existsSync(join(MONGO, 'made-from')),
  },
  redis: { title: 'redis-server', is: () => runs('setpriv') && runs('redis-server') },
  apache: {
    title: 'Apache with mod_auth_openidc',
    is: () => runs('setpriv') && runs('apache2') && existsSync('/usr/lib/apache2/modules/mod_auth_openidc.so'),
  },
  python: { title: 'Python', is: () => runs('setpriv') && runs('python3') },
  go: { title: 'Go 1.26', is: () => runs('setpriv') && isAtLeast('go', 1, 26), isElsewhere: true },
  java: { title: 'Java with Maven', is: () => runs('setpriv') && runs('java') && runs('mvn') },
  ruby: {
    title: 'Ruby with omniauth_openid_connect',
    is: () => runs('setpriv') && runs('rackup') && existsSync('/usr/share/doc/ruby-omniauth-openid-connect'),
  },
  rust: { title: 'Rust 1.88', is: () => runs('setpriv') && isAtLeast('cargo', 1, 88), isElsewhere: true },
  promtool: { title: 'promtool of Prometheus', is: () => runs('promtool') },
  'oidc-agent': { title: 'oidc-agent', is: () => runs('setpriv') && runs('oidc-agent') },
}

/** Those of the services that are not on this machine, by the names that people know them by. */
export function missingServices(needed: ServiceName[] = ['mongo', 'redis', 'apache']): string[] {
  return needed
    .map((name) => PRESENT[name])
    .filter(({ is }) => !is())
    .map(({ title }) => title)
}

/** Whether .ci/run would have brought it. */
export function isBrought(title: string): boolean {
  return !Object.values(PRESENT).some((each) => each.title === title && each.isElsewhere)
}

/** A server that speaks MongoDB's protocol, for one test file; a database of its own for each test is quick to be had. */
export function mongoServer(): Promise<Service> {
  return startService({
    name: 'mongo',
    scheme: 'mongodb',
    command: (port, folder) => [
      'java',
      // Quick to start and content with little, since test files run beside each other.
      ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx512m'],
      ...['-cp', `${join(MONGO, 'classes')}${delimiter}${join(MONGO, 'lib')}/*`],
      'MongoServerProcess',
      `${port}`,
      join(folder, 'mongo.db'),
    ],
  })
}

/** More than a run of all tests has apps. */
export const DATABASES = 4000

/** Redis as it is to be run in production: no eviction, and no answer before a write is in its file. */
export function redisServer(...overrides: string[]): Promise<Service> {
  return startService({
    name: 'redis',
    scheme: 'redis',
    command: (port, folder) => [
      'redis-server',
      ...['--databases', `${DATABASES}`],
      ...['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, '--daemonize', 'no'],
      ...['--maxmemory-policy', 'noeviction', '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
      ...overrides,
    ],
    // One that wants a password first is up as well; one that still reads its file says LOADING.
    hello: { send: 'PING\r\n', expect: /^(\+PONG|-NOAUTH)/ },
  })
}

function runs(program: string): boolean {
  // Debian keeps servers in /usr/sbin, which is not in everybody's path.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return folders.some((folder) => existsSync(join(folder, program)))
}

function isAtLeast(program: string, major: number, minor: number): boolean {
  const said = spawnSync(program, ['version']).stdout?.toString() ?? ''
  const [, itsMajor = 0, itsMinor = 0] = /(\d+)\.(\d+)/.exec(said) ?? []
  return Number(itsMajor) > major || (Number(itsMajor) === major && Number(itsMinor) >= minor)
}

/** How it is run for real: what docker-compose.yml and config/cluster.yaml promise. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../../src/config.ts'
import {
  cluster,
  compose,
  composeText,
  madeSecrets,
  makeSecrets,
  nodes,
  read,
  root,
  type Service,
  SMTP_URL,
  services,
} from '../../support/app/deployment.ts'

const service = (name: string): Service => compose.services[name] ?? { image: 'none' }

describe('docker-compose.yml', () => {
  test('no container is told a secret by a variable: each is a file that config/make-secrets makes', () => {
    const asked = [...composeText.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name)
    const plain = ['SIGMA_BASE_IMAGE', 'SIGMA_REVISION', 'SIGMA_VERSION', 'SIGMA_TLS', 'SIGMA_EXTRA_CA_CERTS']
    expect(new Set(asked)).toEqual(new Set(plain))
    for (const [name, { environment = {}, secrets = [] }] of services) {
      for (const [variable, value] of Object.entries(environment))
        if (/PASSWORD|SECRET|KEY|URL/.test(variable) && !variable.startsWith('MP_'))
          expect(`${name} ${variable} ${value}`).toMatch(/_FILE \/run\/secrets\/[a-z-]+$/)
      const read = Object.values(environment).flatMap((value) => /^\/run\/secrets\/(.+)$/.exec(value)?.[1] ?? [])
      expect([name, secrets]).toEqual([name, expect.arrayContaining(read)])
    }
    const made = readdirSync(madeSecrets()).sort()
    expect(Object.keys(compose.secrets).sort()).toEqual(made)
    for (const [name, { file }] of Object.entries(compose.secrets)) expect(file).toBe(`secrets/${name}`)
    expect(new Set(services.flatMap(([, { secrets = [] }]) => secrets))).toEqual(new Set(made))
  })

  test('no secret gets into the image or into git', () => {
    for (const folder of ['secrets/', 'backups/', '.env']) expect(read('.gitignore').split('\n')).toContain(folder)
    expect(read('.dockerignore').split('\n')).not.toEqual(expect.arrayContaining(['!secrets']))
  })

  test.each(services)('%s: an exact version, no rights beyond its own files, bounded memory', (name, it) => {
    const image = it.build ? it.image.replace(/^(sigma-id:)\$\{SIGMA_VERSION:-(.+)\}$/, '$1$2') : it.image
    expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+\.\d+(-alpine)?$/)
    expect(it).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
    expect(it.privileged).toBeUndefined()
    expect(it.cap_add ?? []).toEqual(name === 'proxy' ? ['NET_BIND_SERVICE'] : [])
    expect(it.mem_limit).toMatch(/^\d+[mg]$/)
  })

  test('two nodes, told the same, with time to finish what is under way', () => {
    expect(nodes.map(([name]) => name)).toEqual(['node-1', 'node-2'])
    expect(nodes[0]?.[1]).toEqual(nodes[1]?.[1])
    const [, node] = nodes[0] ?? []
    expect(node?.stop_grace_period).toMatch(/^(3\d|[4-9]\d)s$/)
    expect(node?.depends_on).toMatchObject({
      'mongo-setup': { condition: 'service_completed_successfully' },
      redis: { condition: 'service_healthy' },
    })
  })

  test('databases are reached by nodes only, and the world reaches the proxy only', () => {
    expect(compose.networks.databases).toEqual({ internal: true })
    const inside = services.filter(([, { networks }]) => networks?.includes('databases')).map(([name]) => name)
    expect(inside.sort()).toEqual(['backup', 'mongo-1', 'mongo-2', 'mongo-3', 'node-1', 'node-2', 'redis'])
    const open = services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`))
    expect(open).toEqual([
      'proxy 80:80',
      'proxy 443:443',
      'prometheus 127.0.0.1:9090:9090',
      'mailpit 127.0.0.1:8025:8025',
    ])
    const added = { mailpit: 'try', prometheus: 'monitoring', backup: 'backup' }
    for (const [name, profile] of Object.entries(added)) expect(service(name).profiles).toEqual([profile])
  })

  test('Redis keeps what it acknowledged, throws nothing away, and asks for a password', () => {
    const said = service('redis').command?.at(-1)?.split('\n') ?? []
    for (const line of [
      'appendonly yes',
      'appendfsync always',
      'maxmemory-policy noeviction',
      'requirepass $$(cat /run/secrets/redis-password)',
    ])
      expect(said).toContain(line)
    expect(service('redis').volumes).toContain('redis:/data')
  })

  test('MongoDB is a replica set of three with a key, each with a volume of its own', () => {
    for (const name of ['mongo-1', 'mongo-2', 'mongo-3']) {
      expect(service(name).command?.join()).toMatch(/exec mongod --replSet sigma --keyFile \S+ --bind_ip_all/)
      expect(service(name).command?.join()).not.toMatch(/--(nojournal|noauth)/)
      expect(service(name).volumes).toEqual([`${name}:/data/db`])
    }
    expect(service('mongo-setup').network_mode).toBe('service:mongo-1')
  })

  test('Prometheus asks every node where it tells what it counts', () => {
    const { scrape_configs: jobs } = parse(read('config/monitoring/prometheus.yaml'))
    const targets = jobs.flatMap(({ static_configs: all }: { static_configs: Array<{ targets: string[] }> }) =>
      all.flatMap((one) => one.targets),
    )
    expect(targets).toEqual(nodes.map(([name]) => `${name}:${cluster.operations.port}`))
    for (const name of ['prometheus', ...nodes.map(([name]) => name)]) expect(service(name).networks).toContain('front')
  })

  const docker = spawnSync('docker', ['compose', 'version']).status === 0
  test.skipIf(!docker)('docker compose accepts it', () => {
    const profiles = ['try', 'monitoring', 'backup'].flatMap((name) => ['--profile', name])
    const env = { PATH: process.env.PATH, SIGMA_TLS: 'internal' }
    const command = ['compose', ...profiles, 'config', '--quiet']
    expect(spawnSync('docker', command, { cwd: root, env, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('config/make-secrets', () => {
  const of = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8')

  test('makes each once, for nobody but its owner and the containers', () => {
    const folder = madeSecrets()
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    const before = readdirSync(folder).map((name) => [name, of(folder, name)])
    for (const [name = ''] of before) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o444)
    expect(new Set(before.map(([, text]) => text)).size).toBe(before.length)
    expect(makeSecrets(dirname(folder))).toBe('')
    expect(readdirSync(folder).map((name) => [name, of(folder, name)])).toEqual(before)
    expect(of(folder, 'mongodb-url')).toContain(`sigma:${of(folder, 'mongodb-password').trim()}@mongo-1:27017,`)
  })

  test('goes on with the secrets of a release that had them in .env', () => {
    const folder = madeSecrets({}, `SIGMA_KEYS=2025a:xyz=\nSIGMA_SMTP_URL=${SMTP_URL}$&\nSIGMA_REDIS_PASSWORD=d4\n`)
    expect(of(folder, 'sigma-keys')).toBe('2025a:xyz=\n')
    expect(of(folder, 'smtp-url')).toBe(`${SMTP_URL}$&\n`)
    expect(of(folder, 'redis-url')).toBe('redis://:d4@redis:6379\n')
  })

  test('says that the mail server is missing, and makes nothing of it up', () => {
    expect(() => madeSecrets({})).toThrow(/smtp-url: say what it is/)
  })
})

describe('config/cluster.yaml', () => {
  const environment = (folder: string, without?: string) => {
    const told = Object.entries(nodes[0]?.[1].environment ?? {})
      .filter(([name]) => name !== without)
      .map(([name, value]) => [name, value.replace('/run/secrets', folder).replace(/^\$\{\w+:-(.*)\}$/, '$1')])
    return { NODE_ENV: 'production', ...Object.fromEntries(told) }
  }

  test('is taken as it is, with the environment that the nodes get', () => {
    const folder = madeSecrets()
    const config = loadConfig(root, environment(folder))
    expect(config).toMatchObject({ production: true, trustedProxies: 1, store: { kind: 'cluster' }, smtpUrl: SMTP_URL })
    expect(config.secret('PORTAL_CLIENT_SECRET')).toMatch(/^[0-9a-f]{64}$/)
  })

  test.each(['SIGMA_KEYS', 'SIGMA_MONGODB_URL', 'SIGMA_REDIS_URL', 'SIGMA_SMTP_URL'])('needs %s', (name) => {
    expect(() => loadConfig(root, environment(madeSecrets(), `${name}_FILE`))).toThrow(name)
  })

  test('has no secret in it', () => {
    expect(read('config/cluster.yaml')).not.toMatch(/password|:\/\/[^\s/]*@/i)
  })
})

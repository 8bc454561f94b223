/** How it is run for real: what docker-compose.yml and config/cluster.yaml promise. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import {
  compose,
  composeText,
  nodes,
  read,
  root,
  SECRETS,
  type Service,
  services,
  temporaryFolder,
} from '../../support/app/deployment.ts'

const service = (name: string): Service => compose.services[name] ?? { image: 'none' }

describe('docker-compose.yml', () => {
  test('no secret has a default: what is not set stops the start', () => {
    const asked = [...composeText.matchAll(/(?<!\$)\$\{(\w+)(:[?-])?([^}]*)\}/g)]
    const optional = asked.filter(([, , how]) => how !== ':?')
    expect(optional.map(([, name, how, value]) => [name, how, value])).toEqual([['SIGMA_EXTRA_CA_CERTS', ':-', '']])
    expect(new Set(asked.map(([, name]) => name))).toEqual(new Set(['SIGMA_EXTRA_CA_CERTS', ...Object.keys(SECRETS)]))
    for (const [name, { environment = {} }] of services)
      for (const [variable, value] of Object.entries(environment))
        if (/PASSWORD|SECRET|KEY|URL/.test(variable) && !variable.startsWith('MP_'))
          expect(`${name} ${variable} ${value}`).toMatch(/\$\{\w+:\?/)
  })

  test.each(services)('%s: an exact version, no rights beyond its own files, bounded memory', (name, it) => {
    expect(it.image).toMatch(/^[a-z/-]+:v?\d+\.\d+\.\d+(-alpine)?$/)
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
    expect(inside.sort()).toEqual(['mongo-1', 'mongo-2', 'mongo-3', 'node-1', 'node-2', 'redis'])
    const open = services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`))
    expect(open).toEqual(['proxy 80:80', 'proxy 443:443', 'mailpit 127.0.0.1:8025:8025'])
    expect(service('mailpit').profiles).toEqual(['try'])
  })

  test('Redis keeps what it acknowledged, throws nothing away, and asks for a password', () => {
    const said = service('redis').command?.at(-1)?.split('\n') ?? []
    for (const line of [
      'appendonly yes',
      'appendfsync always',
      'maxmemory-policy noeviction',
      'requirepass $$REDIS_PASSWORD',
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

  const docker = spawnSync('docker', ['compose', 'version']).status === 0
  test.skipIf(!docker)('docker compose accepts it, and refuses when any secret is missing', () => {
    const folder = temporaryFolder()
    const config = (secrets: Record<string, string>) => {
      const file = join(folder, 'env')
      writeFileSync(
        file,
        Object.entries(secrets)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(''),
      )
      const command = ['compose', '--env-file', file, '--profile', 'try', 'config', '--quiet']
      return spawnSync('docker', command, { cwd: root, env: { PATH: process.env.PATH }, encoding: 'utf8' })
    }
    expect(config(SECRETS)).toMatchObject({ status: 0, stdout: '', stderr: '' })
    for (const missing of Object.keys(SECRETS)) {
      const { status, stderr } = config({ ...SECRETS, [missing]: '' })
      expect([missing, status]).toEqual([missing, 1])
      expect(stderr).toContain(missing)
    }
  })
})

describe('config/cluster.yaml', () => {
  const ENV = {
    NODE_ENV: 'production',
    ...nodes[0]?.[1].environment,
    ...SECRETS,
    SIGMA_MONGODB_URL: 'mongodb://sigma:c3@mongo-1:27017,mongo-2:27017,mongo-3:27017/sigma-id?replicaSet=sigma',
    SIGMA_REDIS_URL: 'redis://:d4@redis:6379',
  }

  test('is taken as it is, with the environment that the nodes get', () => {
    expect(loadConfig(root, ENV)).toMatchObject({ production: true, trustedProxies: 1, store: { kind: 'cluster' } })
  })

  test.each(['SIGMA_KEYS', 'SIGMA_MONGODB_URL', 'SIGMA_REDIS_URL', 'SIGMA_SMTP_URL'])('needs %s', (name) => {
    expect(() => loadConfig(root, { ...ENV, [name]: undefined })).toThrow(name)
  })

  test('has no secret in it', () => {
    expect(read('config/cluster.yaml')).not.toMatch(/password|:\/\/[^\s/]*@/i)
  })
})

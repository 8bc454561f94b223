/** The proxies as they are shipped, on ports of this machine and with a certificate of the test. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Service, startService } from '../services/service-process.ts'
import { selfSigned } from './certificate.ts'
import { read } from './deployment.ts'

/** Where it listens and what is behind it. */
export interface Ports {
  secure: number
  plain: number
  node: number
  operations: number
}

export interface Proxy {
  name: string
  file: string
  program: string
  command(file: string, folder: string): [string, ...string[]]
  /** What of the file is of another machine, and what it is here. */
  here(ports: Ports, folder: string): Array<[string | RegExp, string]>
  /** Around the file, where it is a part of a whole. */
  around?: (file: string, folder: string) => string
  env?: Record<string, string>
}

export const PROXIES: Proxy[] = [
  {
    name: 'nginx',
    file: 'config/proxies/nginx.conf',
    program: '/usr/sbin/nginx',
    command: (file, folder) => ['/usr/sbin/nginx', '-p', folder, '-c', file, '-e', join(folder, 'error.log')],
    here: ({ secure, plain, node }, folder) => [
      [/^ +listen \[::\].*\n/gm, ''],
      ['listen 80;', `listen 127.0.0.1:${plain};`],
      ['listen 443 ', `listen 127.0.0.1:${secure} `],
      ['127.0.0.1:3000', `127.0.0.1:${node}`],
      [/server_name id\.example\.org/g, 'server_name localhost'],
      ['https://id.example.org', `https://localhost:${secure}`],
      ['/etc/ssl/sigma-id/certificate.pem', join(folder, 'certificate.pem')],
      ['/etc/ssl/sigma-id/key.pem', join(folder, 'key.pem')],
    ],
    // As Debian's own nginx.conf includes it. One process, so that nothing is left of it when it is killed.
    around: (file, folder) => {
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      )
      const user = process.getuid?.() === 0 ? 'user root;' : ''
      return `${user} daemon off; master_process off; pid ${folder}/pid; events {} http { ${temporary.join(' ')}\n${file}}`
    },
  },
  {
    name: 'haproxy',
    file: 'config/proxies/haproxy.cfg',
    program: '/usr/sbin/haproxy',
    command: (file) => ['/usr/sbin/haproxy', '-db', '-q', '-f', file],
    here: ({ secure, plain, node, operations }, folder) => [
      ['bind :80', `bind 127.0.0.1:${plain}`],
      ['bind :443', `bind 127.0.0.1:${secure}`],
      ['/etc/haproxy/sigma-id.pem', join(folder, 'both.pem')],
      ['127.0.0.1:3000', `127.0.0.1:${node}`],
      ['check port 3010', `check port ${operations}`],
    ],
  },
  {
    name: 'Caddy',
    file: 'config/Caddyfile',
    program: '/usr/bin/caddy',
    command: (file) => ['/usr/bin/caddy', 'run', '--adapter', 'caddyfile', '--config', file],
    here: ({ secure, node, operations }, folder) => [
      // Debian's server is on port 80 perhaps.
      ['admin off', 'admin off\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1'],
      ['\nid.example.org {', `\nhttps://localhost:${secure} {`],
      ['tls {$SIGMA_TLS}', `tls ${join(folder, 'certificate.pem')} ${join(folder, 'key.pem')}`],
      ['node-1:3000 node-2:3000', `127.0.0.1:${node}`],
      ['health_port 3010', `health_port ${operations}`],
    ],
    // It keeps nothing, for the certificate is given.
    env: { HOME: '/nonexistent', XDG_DATA_HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' },
  },
]

/** Answers on `ports.secure`. The certificate is for localhost. */
export async function startProxy(proxy: Proxy, ports: Ports): Promise<Service & { certificate: string }> {
  const { cert, key } = selfSigned('localhost')
  const service = await startService({
    name: proxy.name.toLowerCase(),
    scheme: 'https',
    port: ports.secure,
    env: { PATH: process.env.PATH ?? '', ...proxy.env },
    command(_port, folder) {
      for (const [name, text] of [
        ['certificate.pem', cert],
        ['key.pem', key],
        ['both.pem', cert + key],
      ] as const)
        writeFileSync(join(folder, name), text, { mode: 0o600 })
      const text = proxy
        .here(ports, folder)
        .reduce((file, [there, here]) => replaced(file, there, here), read(proxy.file))
      const file = join(folder, 'configuration')
      writeFileSync(file, proxy.around?.(text, folder) ?? text)
      return proxy.command(file, folder)
    },
  })
  return { ...service, certificate: cert }
}

function replaced(file: string, there: string | RegExp, here: string): string {
  const after = file.replaceAll(typeof there === 'string' ? there : new RegExp(there), here)
  if (after === file) throw new Error(`nothing fits ${there}`)
  return after
}

/** The files by which it is run for real, read once: what deployment tests look at. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { parse } from 'yaml'

export interface Service {
  image: string
  build?: string
  profiles?: string[]
  user?: string
  command?: string[]
  entrypoint?: string[]
  environment?: Record<string, string>
  ports?: string[]
  networks?: string[]
  network_mode?: string
  volumes?: string[]
  depends_on?: Record<string, { condition: string; required?: boolean }>
  read_only?: boolean
  cap_drop?: string[]
  cap_add?: string[]
  security_opt?: string[]
  privileged?: boolean
  mem_limit?: string
  stop_grace_period?: string
}

export const root = resolve(import.meta.dirname, '../../..')
export const read = (file: string) => readFileSync(join(root, file), 'utf8')

export const composeText = read('docker-compose.yml')
export const compose: { services: Record<string, Service>; networks: Record<string, { internal?: boolean }> } = parse(
  composeText,
  { merge: true },
)
export const services = Object.entries(compose.services)
export const nodes = services.filter(([, { build }]) => build !== undefined)
export const cluster = parse(read('config/cluster.yaml'))

/** Everything that has to be said, by name. */
export const SECRETS = {
  SIGMA_KEYS: `2026a:${Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64')}`,
  SIGMA_MONGODB_ADMIN_PASSWORD: 'a1',
  SIGMA_MONGODB_MEMBER_KEY: 'b2',
  SIGMA_MONGODB_PASSWORD: 'c3',
  SIGMA_REDIS_PASSWORD: 'd4',
  SIGMA_SMTP_URL: 'smtps://user:password@mail.sigma.example',
  SIGMA_TLS: 'internal',
  PORTAL_CLIENT_SECRET: 'e'.repeat(43),
}

/** Goes when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

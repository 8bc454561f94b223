/** The files by which it is run for real, read once: what deployment tests look at. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { parse } from 'yaml'

export interface Service {
  image: string
  build?: { args: Record<string, string> }
  profiles?: string[]
  user?: string
  command?: string[]
  entrypoint?: string[]
  environment?: Record<string, string>
  secrets?: string[]
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
export const compose: {
  services: Record<string, Service>
  networks: Record<string, { internal?: boolean }>
  secrets: Record<string, { file: string }>
} = parse(composeText, { merge: true })
export const services = Object.entries(compose.services)
export const nodes = services.filter(([, { build }]) => build !== undefined)
export const cluster = parse(read('config/cluster.yaml'))

export const SMTP_URL = 'smtps://user:password@mail.sigma.example'

/** What config/make-secrets makes in a folder of its own, with these variables or this `.env`; the folder. */
export function madeSecrets(env: Record<string, string> = { SIGMA_SMTP_URL: SMTP_URL }, dotEnv?: string): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'config'))
  copyFileSync(join(root, 'config/make-secrets'), join(folder, 'config/make-secrets'))
  if (dotEnv !== undefined) writeFileSync(join(folder, '.env'), dotEnv)
  makeSecrets(folder, env)
  return join(folder, 'secrets')
}

/** Once more, beside a folder of secrets that there is. */
export function makeSecrets(folder: string, env: Record<string, string> = {}): string {
  const command = join(folder, 'config/make-secrets')
  return execFileSync(command, { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8', stdio: 'pipe' })
}

/** Goes when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

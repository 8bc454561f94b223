/** A file of applications at the command line: an installation that applies none by itself, and what its commands say. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { clusterEnvironment } from './cluster-environment.ts'
import { commandLine, type Installation, installation, prepared } from './process.ts'

/** A process of its own for every command, on a machine that has other things to do. */
export const PATIENCE = 240_000

export const PORTAL = {
  client_id: 'portal',
  client_name: 'Sigma Portal',
  redirect_uris: ['https://portal.sigma.example/callback'],
  client_secret: { env: 'PORTAL_CLIENT_SECRET' },
  first_party: true,
}
export const ROSTER = {
  client_id: 'roster',
  client_name: 'Roster',
  redirect_uris: ['https://roster.example.org/callback'],
  client_secret: { env: 'ROSTER_CLIENT_SECRET' },
}
export const API = { indicator: 'https://payroll.example.org/api', scopes: ['payroll:read'] }

export interface Steps {
  digest: string
  created: Array<{ id: string }>
  changed: Array<{ id: string; changes: Array<Record<string, unknown>> }>
  disabled: Array<{ id: string }>
  untouched: Array<{ id: string }>
}

/** An installation that applies no file by itself. */
export async function place(): Promise<Installation> {
  const cluster = process.env.SIGMA_TEST_MONGODB !== undefined
  const where = await installation({ settings: { portal: undefined, ...(cluster && { store: { kind: 'cluster' } }) } })
  Object.assign(where.env, await clusterEnvironment(where.folder))
  configure(where, { clients: { file: fileOf(where), applyAtStart: false } })
  return prepared(where)
}

function configure({ env: { SIGMA_CONFIG: path = '' } }: Installation, changes: Record<string, unknown>): void {
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }))
}

export function fileOf({ folder }: Installation): string {
  return join(folder, 'clients.yaml')
}

export function write(where: Installation, clients: object[], resources: object[] = []): void {
  writeFileSync(fileOf(where), JSON.stringify({ clients, resources }, null, 1))
}

export async function done<T = Steps>(where: Installation, ...args: string[]): Promise<T> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out) as T
}

export async function printed(where: Installation, ...args: string[]): Promise<string> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

export async function refused(where: Installation, ...args: string[]): Promise<string> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  return err
}

export async function applyAll(where: Installation): Promise<Steps> {
  const { digest } = await done(where, 'clients:plan')
  return done(where, 'clients:apply', '--digest', digest)
}

export const ids = (steps: Array<{ id: string }>) => steps.map(({ id }) => id)
export const NOTHING = { created: [], changed: [], disabled: [] }

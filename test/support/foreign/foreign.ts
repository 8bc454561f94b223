/** Hashes, secrets and codes that other software made, see README.md beside this. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CodeParameters } from '../../../src/person/authenticator.ts'

export interface Made {
  made_by: string
  password: string
  hash: string
}

export interface MadeCode extends CodeParameters {
  made_by: string
  secret: string
  encoding: 'base32' | 'hex' | 'text'
  /** Milliseconds: when the code is good. */
  at: number
  code: string
}

export function foreignPath(name: string): string {
  return join(import.meta.dirname, name)
}

function parsed<T>(name: string): T {
  return JSON.parse(readFileSync(foreignPath(name), 'utf8')) as T
}

const java = parsed<{ hashes: Made[]; codes: MadeCode[] }>('java.json')

export const HASHES: Made[] = [...parsed<Made[]>('php.json'), ...parsed<Made[]>('python.json'), ...java.hashes]
export const CODES: MadeCode[] = [...parsed<MadeCode[]>('codes.json'), ...java.codes]
export const KEYCLOAK = parsed<Record<string, string>>('keycloak-passwords.json')
export const FIREBASE = parsed<{ parameters: object; password: string; export: { users: Array<{ email: string }> } }>(
  'firebase.json',
)

/** Hashes that other software made, see README.md beside this. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Made {
  made_by: string
  password: string
  hash: string
}

export function foreignFile(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8')
}

export const HASHES: Made[] = ['php.json', 'python.json'].flatMap((name) => JSON.parse(foreignFile(name)) as Made[])

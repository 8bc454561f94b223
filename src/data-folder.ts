/**
 * What lies in the data folder of the embedded form: the store, and in development the key that it is sealed with. The
 * start of a server makes what is not there. A command makes nothing: in a wrong folder it would answer that all is done,
 * on a store that nobody ever looks at.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, InputError } from './lib/errors.ts'

export interface DataFolder {
  data: string
  /** What led here. */
  configuredBy: string
}

export const STORE_FILE = 'sigma-id.db'

export function storeFile({ data }: Pick<DataFolder, 'data'>): string {
  return join(data, STORE_FILE)
}

export function developmentKeyFile({ data }: Pick<DataFolder, 'data'>): string {
  return join(data, 'development.key')
}

/** For whoever must not make one. Throws `no-store`. */
export function insistStore(where: DataFolder): void {
  const file = storeFile(where)
  if (existsSync(file)) return
  throw new AppError(
    'no-store',
    `there is no store ${file}, which ${where.configuredBy} leads to: only the first start of the server makes it. For ` +
      'another one, say NODE_ENV=production, or SIGMA_CONFIG=<file>',
  )
}

/** Likewise: a key that is made beside a store opens nothing in it. */
export function insistDevelopmentKey(where: DataFolder): void {
  const file = developmentKeyFile(where)
  if (existsSync(file)) return
  insistStore(where)
  const reason = `is missing, and there is no ${file} either, which ${where.configuredBy} leads to`
  throw new InputError('The configuration', [{ path: 'SIGMA_KEYS', reason }])
}

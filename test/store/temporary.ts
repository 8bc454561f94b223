/** A database file in a folder of its own, gone when the test is over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'

export interface TemporaryFile {
  path: string
  remove: () => void
}

export function temporaryFile(): TemporaryFile {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-store-'))
  return { path: join(folder, 'sigma-id.db'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The same, for one test. */
export function testFile(): string {
  const { path, remove } = temporaryFile()
  onTestFinished(remove)
  return path
}

/** Another connection to the file, as another process would have it. */
export function stranger(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 1000 })
  onTestFinished(() => {
    if (db.isOpen) db.close()
  })
  return db
}

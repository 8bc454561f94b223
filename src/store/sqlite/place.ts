/** Whether a file is still what it was: by its name another one may be found, or none. */
import { statSync } from 'node:fs'

/** By what is there now, which has to be there. */
export function place(path: string): () => boolean {
  const was = identity(path)
  return () => was !== undefined && identity(path) === was
}

function identity(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found && `${found.dev} ${found.ino}`
}

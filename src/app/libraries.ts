/** The pages of docs/applications, which administration shows to whoever connects an application. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LibraryPage, readPage } from '../client/connection.ts'

/** Read when somebody first asks: a start has no use for them. */
export function libraryPages(root: string): () => readonly LibraryPage[] {
  let read: readonly LibraryPage[] | undefined
  return () => {
    read ??= pagesIn(join(root, 'docs/applications'))
    return read
  }
}

function pagesIn(folder: string): LibraryPage[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.md'))
  return names.sort().map((name) => readPage(name.slice(0, -'.md'.length), readFileSync(join(folder, name), 'utf8')))
}

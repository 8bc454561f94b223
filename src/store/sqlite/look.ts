/**
 * The embedded store, looked at without changing anything: no step is taken, no file is made beside it. A server may have
 * it open meanwhile.
 */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { ALL } from '../../client/record.ts'
import { AppError } from '../../lib/errors.ts'
import { KINDS } from '../kinds.ts'
import { type Look, type Looked, neededKeys, passkeysOf, ROOT_KEYS, sealedWith } from '../looked.ts'
import type { Database } from './database.ts'
import { KNOWN_TIME } from './known-time.ts'
import { insistServableFile } from './marks.ts'
import { MIGRATIONS } from './migrations.ts'
import { otherName, realName } from './one-name.ts'
import { records } from './records.ts'
import { signingKeys } from './signing-keys.ts'

/** Of the file's head (sqlite.org/fileformat.html section 1.3). */
const HEAD = 100
const MAGIC = 'SQLite format 3\0'
const RESTORE = 'put a back-up in its place: docs/backup-and-restore.md'

/** What a start has to know, or all that somebody who checks is told. */
export type Extent = 'start' | 'all'

export async function lookAtFile(path: string, extent: Extent = 'start'): Promise<Look> {
  if (!existsSync(path) || statSync(path).size === 0) return { ok: true, looked: undefined }
  const other = otherName(path)
  if (other) return { ok: false, ...other }
  const wrong = headFault(path)
  if (wrong !== undefined) return { ok: false, found: wrong, expected: 'a database of Sigma ID', remedy: RESTORE }
  const db = openToRead(realName(path))
  try {
    const version = Number(db.prepare('PRAGMA user_version').get()?.user_version)
    if (version > MIGRATIONS.length)
      return {
        ok: false,
        found: `has schema version ${version}, which a later release made`,
        expected: `a version up to ${MIGRATIONS.length}, which is what this release knows`,
        remedy: 'start that release, or a back-up of before the upgrade',
      }
    const kept = readOnly(db)
    insistServableFile(kept)
    return { ok: true, looked: { ...(await lookedAt(kept)), ...(extent === 'all' && (await more(kept))) } }
  } catch (fault) {
    if (fault instanceof AppError)
      return {
        ok: false,
        found: fault.message,
        expected: 'a database that may be served from',
        remedy: 'do what that says',
      }
    return { ok: false, found: `cannot be read: ${wordsOf(fault)}`, expected: 'a database in order', remedy: RESTORE }
  } finally {
    db.close()
  }
}

function headFault(path: string): string | undefined {
  const head = Buffer.alloc(HEAD)
  const file = openSync(path, 'r')
  try {
    const read = readSync(file, head, 0, HEAD, 0)
    if (read < HEAD || head.toString('latin1', 0, MAGIC.length) !== MAGIC) return 'is no SQLite database'
  } finally {
    closeSync(file)
  }
  // 1 stands for 65,536. The number of pages counts if it was written with the last change.
  const size = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16)
  const whole = head.readUInt32BE(24) === head.readUInt32BE(92) ? head.readUInt32BE(28) * size : 0
  const there = statSync(path).size
  return there < whole ? `is cut off: it has ${there} bytes, and by its own head ${whole}` : undefined
}

/** Without a log there is nothing but the file, and SQLite is told so: it would make files beside it. */
function openToRead(path: string): DatabaseSync {
  if (existsSync(`${path}-wal`) && existsSync(`${path}-shm`)) return new DatabaseSync(path, { readOnly: true })
  const address = pathToFileURL(path)
  address.searchParams.set('immutable', '1')
  return new DatabaseSync(address, { readOnly: true })
}

function readOnly(db: DatabaseSync): Database {
  const never = async () => {
    throw new Error('nothing is written while looking')
  }
  return {
    prepare(sql) {
      const statement = db.prepare(sql)
      return {
        get: (parameters) => statement.get(parameters) as never,
        all: (parameters) => statement.all(parameters) as never,
        run: () => 0,
      }
    },
    write: never,
    read: async (work) => work(),
    failed: new Promise(() => undefined),
    close: never,
  }
}

async function lookedAt(db: Database): Promise<Looked> {
  const clients = await orNone(() => records(db, KINDS.clients).list(ALL))
  const peppers = await orNone(() => records(db, KINDS.people).values('hashKey'))
  const known = await orNone(() => records(db, KINDS.rootKeys).list(ROOT_KEYS))
  const signing = await orNone(async () => (await signingKeys(db).loadKeys()).keys)
  const [present] = await orNone(async () => db.prepare<Record<string, never>, { at: number }>(KNOWN_TIME).all({}))
  return {
    clients: clients.map(({ id, record }) => ({ id, status: record.status })),
    ...neededKeys(peppers, known),
    signingKeys: sealedWith(signing),
    knownTime: present?.at,
  }
}

async function more(db: Database): Promise<Pick<Looked, 'passkeys' | 'lastRecordAt'>> {
  const counted = await orNone(() => records(db, KINDS.people).counts('passkeyGroup'))
  const [last] = await orNone(async () =>
    db.prepare<Record<string, never>, { at: number }>('SELECT at FROM audit ORDER BY seq DESC LIMIT 1').all({}),
  )
  return { passkeys: passkeysOf(counted), lastRecordAt: last?.at }
}

/** A release before had not all of the tables. */
async function orNone<T>(read: () => Promise<T[]>): Promise<T[]> {
  try {
    return await read()
  } catch (fault) {
    if (/no such (?:table|column)/.test(wordsOf(fault))) return []
    throw fault
  }
}

function wordsOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}

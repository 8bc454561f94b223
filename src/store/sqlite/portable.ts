/**
 * The embedded store for copying (portable.ts). The file is this process's alone: a server that has it open is found
 * out at once, and one that is started meanwhile does not get in.
 */

import { AppError } from '../../lib/errors.ts'
import type { Kind } from '../../record/kind.ts'
import { KINDS } from '../kinds.ts'
import { inUse, KEY_SET, type KindSections, type PortableStore, type Records, type Section } from '../portable.ts'
import { auditTrail } from './audit.ts'
import { type Database, openDatabase } from './database.ts'
import { marks } from './marks.ts'
import { portableAudit, portableCheckpoints } from './portable-audit.ts'
import { portableRecords } from './portable-records.ts'
import { portableRows } from './portable-rows.ts'
import { type RowShape, rowShape } from './row-shape.ts'

type Key = Records['keys']['keys'][number]

const PARCEL = rowShape<Records['parcels']>('parcel', [
  ...(['id', 'channel', 'sealed', 'createdAt', 'dueAt', 'attempt', 'leasedUntil'] as const),
  ...(['accountId', 'reason', 'failedAt'] as const),
])
const COUNTER = rowShape<Records['counters']>('counter', ['key', 'kind', 'count', 'until', 'touchedAt'])
const ARTIFACT = rowShape<Records['artifacts']>('artifact', [
  ...(['model', 'key', 'sealed', 'expiresAt', 'grantKey', 'uidKey', 'accountId', 'consumedAt'] as const),
])
const SIGNING_KEY = rowShape<Key>('signing_key', [
  ...(['kid', 'alg', 'state', 'sealed', 'createdAt', 'activatedAt', 'retiredAt'] as const),
])
/** What is copied row by row. */
export const ROWS: ReadonlyArray<RowShape<object>> = [PARCEL, COUNTER, ARTIFACT, SIGNING_KEY]

/** Milliseconds: who has the file open does not let go of it. */
const PATIENCE = 200

/** Rejects with `store-in-use` if another process has the file open. */
export async function openSqlitePortable(path: string): Promise<PortableStore> {
  const db = await openAlone(path)
  return {
    sections: {
      audit: portableAudit(db),
      checkpoints: portableCheckpoints(db),
      keys: portableKeys(db),
      ...kindSections(db),
      parcels: portableRows(db, PARCEL, { fields: ['id'], of: ({ id }) => id, parameters: (id) => ({ id }) }),
      counters: portableRows(db, COUNTER, { fields: ['key'], of: ({ key }) => key, parameters: (key) => ({ key }) }),
      artifacts: portableRows(db, ARTIFACT, {
        fields: ['model', 'key'],
        of: ({ model, key }) => `${model}:${key}`,
        parameters(member) {
          const colon = member.indexOf(':')
          return { model: member.slice(0, colon), key: member.slice(colon + 1) }
        },
      }),
    },
    marks: marks(db),
    trail: auditTrail(db),
    close: () => db.close(),
  }
}

async function openAlone(path: string): Promise<Database> {
  let db: Database | undefined
  try {
    db = openDatabase(path, { patience: PATIENCE })
    await lock(db)
    return db
  } catch (fault) {
    await db?.close()
    throw fault instanceof AppError && fault.code === 'store-unavailable' ? inUse(path) : fault
  }
}

/**
 * Held until the end. Every connection shares a lock for as long as it is open, so in WAL mode too nobody else is there
 * when an exclusive one can be had (sqlite.org/pragma.html#pragma_locking_mode).
 */
async function lock(db: Database): Promise<void> {
  const exclusive = db.prepare<Record<string, never>, object>('PRAGMA locking_mode = EXCLUSIVE')
  const touch = db.prepare<Record<string, never>>('UPDATE heartbeat SET beats = beats WHERE id = 1')
  await db.read(() => exclusive.get({}))
  await db.write(() => void touch.run({}))
}

function kindSections(db: Database): KindSections {
  const sections = Object.entries<Kind<object>>(KINDS).map(([name, kind]) => [name, portableRecords(db, kind)])
  return Object.fromEntries(sections) as unknown as KindSections
}

function portableKeys(db: Database): Section<Records['keys']> {
  const version = db.prepare<Record<string, never>, { version: number }>('SELECT version FROM signing_key_set')
  const setVersion = db.prepare<{ version: number }>('UPDATE signing_key_set SET version = :version')
  const list = db.prepare<Record<string, never>, object>(`
    SELECT ${SIGNING_KEY.selected} FROM signing_key ORDER BY created_at, kid`)
  const clear = db.prepare<Record<string, never>>('DELETE FROM signing_key')
  const insert = db.prepare<ReturnType<typeof SIGNING_KEY.parameters>>(`
    INSERT INTO signing_key (${SIGNING_KEY.columns.join(', ')}) VALUES (${SIGNING_KEY.slots.join(', ')})`)

  /** Undefined before the first start. */
  function find(): Promise<Records['keys'] | undefined> {
    return db.read(() => {
      const at = version.get({})?.version ?? 0
      return at === 0 ? undefined : { version: at, keys: list.all({}).map(SIGNING_KEY.record) }
    })
  }

  return {
    find,
    async *pages() {
      const record = await find()
      if (record) yield [{ key: KEY_SET, record }]
    },
    put: (_key, set) =>
      db.write(() => {
        setVersion.run({ version: set.version })
        clear.run({})
        for (const key of set.keys) insert.run(SIGNING_KEY.parameters(key))
      }),
  }
}

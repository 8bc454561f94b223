/** People for copying: each gathered from the tables, and put back into them in one transaction. */
import type { Account } from '../../person/account.ts'
import { emptyPersonRecord, isNobody, type PersonRecord } from '../../person/person.ts'
import { bare, PAGE, type Section } from '../portable.ts'
import { ACCOUNT, type AccountRow, accountParameters, toAccount } from './account-row.ts'
import type { Database } from './database.ts'
import { ownedRows, type RowShape, rowShape } from './record-rows.ts'

type Lists = Omit<PersonRecord, 'account' | 'erasedAt' | 'forgets' | 'backup'>
type Listed<N extends keyof Lists> = Omit<Lists[N][number], 'accountId'>

const CODE = ['key', 'digest', 'sealed', 'createdAt', 'expiresAt'] as const
const LISTS: { [N in keyof Lists]: RowShape<Listed<N>> } = {
  links: rowShape('link', ['digest', 'purpose', 'createdAt', 'expiresAt', 'usedAt']),
  browsers: rowShape('known_browser', ['digest', 'expiresAt']),
  addressCodes: rowShape('address_code', CODE),
  undos: rowShape<Listed<'undos'>>(
    'email_undo',
    ['digest', 'email', 'emailKey', 'enrolledAt', 'factors', 'createdAt', 'expiresAt'],
    {},
    ['factors'],
  ),
  authenticators: rowShape('authenticator', [
    ...(['id', 'kind', 'label', 'sealed', 'numberKey'] as const),
    ...(['lastStep', 'createdAt', 'lastUsedAt'] as const),
  ]),
  temporaryCodes: rowShape('temporary_code', ['id', 'digest', 'createdAt', 'expiresAt']),
  sentCodes: rowShape('sent_code', CODE),
  wizards: rowShape('enrollment', ['key', 'sealed', 'version', 'expiresAt']),
  devices: rowShape('remembered_device', [
    ...(['id', 'digest', 'previousDigest', 'previousUntil'] as const),
    ...(['createdAt', 'lastUsedAt', 'expiresAt', 'method', 'agent'] as const),
  ]),
  cases: rowShape<Listed<'cases'>>(
    'recovery_case',
    [
      ...(['number', 'state', 'sealed', 'cancelDigest', 'createdAt', 'expiresAt'] as const),
      ...(['closedAt', 'closedBy', 'check', 'sealedNote'] as const),
    ],
    { check: 'identity_check' },
  ),
}
const BACKUP = rowShape<Omit<NonNullable<PersonRecord['backup']>, 'accountId'>>('backup_code', [
  ...(['id', 'salt', 'digest', 'createdAt', 'savedAt'] as const),
])
/** All that is somebody's, and what is kept of it beside whose it is. */
export const OWNED: ReadonlyArray<RowShape<object>> = [BACKUP, ...Object.values(LISTS)]

export function portablePeople(db: Database): Section<PersonRecord> {
  const lists = (Object.keys(LISTS) as Array<keyof Lists>).map((name) => ({
    name,
    rows: ownedRows(db, LISTS[name]),
  }))
  const backups = ownedRows(db, BACKUP)
  const account = accountRow(db)
  const tombstone = tombstoneRow(db)
  const ids = db.prepare<{ after: string; limit: number }, { id: string }>(`
    SELECT id FROM account WHERE id > :after
    UNION SELECT id FROM erased_account WHERE id > :after
    ${OWNED.map(({ table }) => `UNION SELECT account_id FROM ${table} WHERE account_id > :after`).join('\n    ')}
    ORDER BY id LIMIT :limit`)

  function gather(id: string): PersonRecord {
    const person = emptyPersonRecord()
    const owned = (records: object[]) => records.map((record) => ({ ...record, accountId: id }))
    for (const { name, rows } of lists) {
      const records = rows.list(id)
      Object.assign(person, { [name]: name === 'browsers' ? records : owned(records) })
    }
    const [backup] = owned(backups.list(id))
    return bare({ ...person, account: account.find(id), erasedAt: tombstone.find(id), backup } as PersonRecord)
  }

  async function listIds(after: string): Promise<string[]> {
    return (await db.read(() => ids.all({ after, limit: PAGE }))).map(({ id }) => id)
  }

  return {
    async *pages() {
      for (let found = await listIds(''); found.length > 0; found = await listIds(found.at(-1) ?? '')) {
        yield await db.read(() => found.map((key) => ({ key, record: gather(key) })))
      }
    },
    async find(id) {
      const person = await db.read(() => gather(id))
      return isNobody(person) ? undefined : person
    },
    put: (id, person) =>
      db.write(() => {
        account.put(id, person.account)
        tombstone.put(id, person.erasedAt)
        backups.replace(id, person.backup ? [person.backup] : [])
        for (const { name, rows } of lists) rows.replace(id, person[name])
      }),
  }
}

function accountRow(db: Database) {
  const find = db.prepare<{ id: string }, AccountRow>(`SELECT ${ACCOUNT} FROM account WHERE id = :id`)
  const remove = db.prepare<{ id: string }>('DELETE FROM account WHERE id = :id')
  // In its place, so that those of one moment stay in the order in which they came.
  const put = db.prepare<ReturnType<typeof accountParameters>>(`
    INSERT INTO account (${ACCOUNT}, name_key)
    VALUES (:id, :email, :emailKey, :name, :locale, :organization, :roles, :status, :passwordHash, :passwordChangedAt,
      :epoch, :enrolledAt, :noticeEmail, :previousEmail, :emailChangedAt, :createdAt, :givenName, :familyName,
      :nameKey)
    ON CONFLICT (id) DO UPDATE SET ${ACCOUNT.split(',')
      .map((column) => `${column.trim()} = excluded.${column.trim()}`)
      .join(', ')}, name_key = excluded.name_key`)

  return {
    find(id: string): Account | undefined {
      const row = find.get({ id })
      return row && toAccount(row)
    },
    put: (id: string, account: Account | undefined) =>
      account ? put.run(accountParameters(account)) : remove.run({ id }),
  }
}

function tombstoneRow(db: Database) {
  const find = db.prepare<{ id: string }, { erased_at: number }>('SELECT erased_at FROM erased_account WHERE id = :id')
  const remove = db.prepare<{ id: string }>('DELETE FROM erased_account WHERE id = :id')
  const put = db.prepare<{ id: string; at: number }>(`
    INSERT INTO erased_account (id, erased_at) VALUES (:id, :at) ON CONFLICT (id) DO UPDATE SET erased_at = :at`)

  return {
    find: (id: string) => find.get({ id })?.erased_at,
    put: (id: string, at: number | undefined) => (at === undefined ? remove.run({ id }) : put.run({ id, at })),
  }
}

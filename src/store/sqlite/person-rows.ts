/** A person gathered from the tables, and put back into them in one transaction (person-record.ts). */
import type { Account } from '../../accounts/account.ts'
import { emptyPersonRecord, isNobody, type PersonRecord } from '../person-record.ts'
import { bare, type Entry, type Section } from '../portable.ts'
import { ACCOUNT, type AccountRow, accountParameters, toAccount } from './account-row.ts'
import type { Database } from './database.ts'
import { type OwnedRows, ownedRows, type RowShape, rowShape } from './record-rows.ts'

type Owned<R> = R & { accountId: string }
type Lists = Omit<PersonRecord, 'account' | 'erasedAt' | 'backup'>
type Code = PersonRecord['sentCodes'][number]

const CODE = ['key', 'accountId', 'digest', 'sealed', 'createdAt', 'expiresAt'] as const
const BACKUP = rowShape<NonNullable<PersonRecord['backup']>>('backup_code', [
  'id',
  'accountId',
  'salt',
  'digest',
  'createdAt',
  'savedAt',
])
const LISTS: { [name in keyof Lists]: RowShape<Owned<Lists[name][number]>> } = {
  links: rowShape('link', ['digest', 'accountId', 'purpose', 'createdAt', 'expiresAt', 'usedAt']),
  browsers: rowShape('known_browser', ['digest', 'accountId', 'expiresAt']),
  addressCodes: rowShape<Code>('address_code', CODE),
  undos: rowShape('email_undo', ['digest', 'accountId', 'email', 'emailKey', 'createdAt', 'expiresAt']),
  authenticators: rowShape('authenticator', [
    ...(['id', 'accountId', 'kind', 'label', 'sealed', 'numberKey'] as const),
    ...(['lastStep', 'createdAt', 'lastUsedAt'] as const),
  ]),
  temporaryCodes: rowShape('temporary_code', ['id', 'accountId', 'digest', 'createdAt', 'expiresAt']),
  sentCodes: rowShape<Code>('sent_code', CODE),
  wizards: rowShape('enrollment', ['key', 'accountId', 'sealed', 'version', 'expiresAt']),
  devices: rowShape('remembered_device', [
    ...(['id', 'accountId', 'digest', 'previousDigest', 'previousUntil'] as const),
    ...(['createdAt', 'lastUsedAt', 'expiresAt', 'method', 'agent'] as const),
  ]),
  cases: rowShape(
    'recovery_case',
    [
      ...(['number', 'accountId', 'state', 'sealed', 'cancelDigest', 'createdAt', 'expiresAt'] as const),
      ...(['closedAt', 'closedBy', 'check', 'sealedNote'] as const),
    ],
    { check: 'identity_check' },
  ),
}
const LIST_NAMES = Object.keys(LISTS) as Array<keyof Lists>
const PAGE = 100

export function personSection(db: Database): Section<PersonRecord> {
  const lists = LIST_NAMES.map((name) => ({ name, rows: ownedRows(db, LISTS[name] as RowShape<object>) }))
  const backups = ownedRows(db, BACKUP)
  const account = accountRow(db)
  const tombstone = tombstoneRow(db)
  const owners = ['account_id AS id', ...[]]
  const tables = [BACKUP, ...Object.values(LISTS)].map(
    ({ table }) => `SELECT account_id FROM ${table} WHERE account_id > :after`,
  )
  const listIds = db.prepare<{ after: string; limit: number }, { id: string }>(`
    SELECT id FROM account WHERE id > :after UNION SELECT id FROM erased_account WHERE id > :after
    UNION ${tables.join(' UNION ')} ORDER BY id LIMIT :limit`)

  function gather(id: string): PersonRecord {
    const person = emptyPersonRecord()
    for (const { name, rows } of lists) Object.assign(person, { [name]: rows.list(id).map(bareOwner(name)) })
    const [backup] = backups.list(id)
    return bare({ erasedAt: tombstone.find(id), account: account.find(id), ...person, backup })
  }

  return {} as never
}

/**
 * What the documents of people and of the queue look like, field by field: what is not named here is refused, and where
 * a text belongs an object is none, so nothing that a request brings along is ever taken for an operator.
 */
import { type Connection, type Model, Schema, type SchemaDefinition, type SchemaOptions } from 'mongoose'
import type { BatchDocument } from './batch.ts'
import type { PersonDocument } from './person.ts'

/** For every collection. Indexes are made, and compared, by indexes.ts. */
export const STRICT = {
  strict: 'throw',
  strictQuery: 'throw',
  autoIndex: false,
  autoCreate: false,
  versionKey: false,
  minimize: false,
  id: false,
} as const satisfies SchemaOptions

const SPARSE = { sparse: true }
const UNIQUE = { sparse: true, unique: true }

/** What a later release wrote is kept as it is, or nobody could go back to this one; what is known is checked. */
const KNOWN = { ...STRICT, strict: false } as const

function part(fields: SchemaDefinition): Schema {
  return new Schema(fields, { ...KNOWN, _id: false })
}

const [text, number, flag, texts] = [String, Number, Boolean, [String]]
/** Absent where it is empty, see `uniqueKeys`. */
const found = { type: [String], default: undefined }

const account = part({
  id: text,
  email: text,
  emailKey: text,
  name: text,
  givenName: text,
  familyName: text,
  locale: text,
  organization: text,
  roles: texts,
  status: text,
  passwordHash: text,
  passwordChangedAt: number,
  epoch: number,
  enrolledAt: number,
  noticeEmail: text,
  previousEmail: text,
  emailChangedAt: number,
  createdAt: number,
})
const link = part({
  digest: text,
  accountId: text,
  purpose: text,
  createdAt: number,
  expiresAt: number,
  usedAt: number,
})
const browser = part({ digest: text, expiresAt: number })
const undo = part({
  digest: text,
  accountId: text,
  email: text,
  emailKey: text,
  enrolledAt: number,
  factors: found,
  createdAt: number,
  expiresAt: number,
})
const authenticator = part({
  id: text,
  accountId: text,
  kind: text,
  label: text,
  sealed: text,
  numberKey: text,
  lastStep: number,
  createdAt: number,
  lastUsedAt: number,
})
const backup = part({ id: text, accountId: text, salt: text, digest: text, createdAt: number, savedAt: number })
const temporaryCode = part({ id: text, accountId: text, digest: text, createdAt: number, expiresAt: number })
/** That was sent to a number, or mailed to an address. */
const code = part({
  key: text,
  accountId: text,
  digest: text,
  sealed: text,
  createdAt: number,
  expiresAt: number,
})
const wizard = part({ key: text, accountId: text, sealed: text, version: number, expiresAt: number })
const device = part({
  id: text,
  accountId: text,
  digest: text,
  previousDigest: text,
  previousUntil: number,
  createdAt: number,
  lastUsedAt: number,
  expiresAt: number,
  method: text,
  agent: text,
})
const recoveryCase = part({
  number: text,
  accountId: text,
  state: text,
  sealed: text,
  cancelDigest: text,
  createdAt: number,
  expiresAt: number,
  closedAt: number,
  closedBy: text,
  check: text,
  sealedNote: text,
})
const parcel = part({
  id: text,
  channel: text,
  sealed: text,
  createdAt: number,
  dueAt: number,
  attempt: number,
  leasedUntil: number,
})

const box = {
  _id: text,
  rev: number,
  outbox: [parcel],
  keys: found,
  nextDue: number,
  waiting: number,
  waitingSince: number,
}

const batch = new Schema(box, KNOWN)
const person = new Schema(
  {
    ...box,
    erasedAt: number,
    forgets: flag,
    account,
    order: text,
    links: [link],
    browsers: [browser],
    addressCodes: [code],
    undos: [undo],
    authenticators: [authenticator],
    backup,
    temporaryCodes: [temporaryCode],
    sentCodes: [code],
    wizards: [wizard],
    devices: [device],
    cases: [recoveryCase],
    emailKey: text,
    nameKey: text,
    hashKey: text,
    createdAt: number,
    numbers: found,
    caseUntil: number,
    caseSince: number,
    tidyAccounts: number,
    tidyMfa: number,
    tidyCases: number,
  },
  KNOWN,
)
for (const each of [batch, person]) {
  each.index({ keys: 1 }, { ...UNIQUE, name: 'keys' })
  each.index({ nextDue: 1 }, { ...SPARSE, name: 'nextDue' })
}
person.index({ emailKey: 1 }, { ...UNIQUE, name: 'emailKey' })
person.index({ createdAt: -1, order: -1 }, { ...SPARSE, name: 'newest' })
for (const name of ['hashKey', 'numbers', 'caseUntil', 'tidyAccounts', 'tidyMfa', 'tidyCases']) {
  person.index({ [name]: 1 }, { ...SPARSE, name })
}

export function personModel(connection: Connection): Model<PersonDocument> {
  return connection.model<PersonDocument>('Person', person as unknown as Schema<PersonDocument>, 'people')
}

export function batchModel(connection: Connection): Model<BatchDocument> {
  return connection.model<BatchDocument>('Batch', batch as unknown as Schema<BatchDocument>, 'batches')
}

/** Signing keys (oidc/signing-key.ts): one document with the whole set, replaced under its version. */
import { type Connection, Schema } from 'mongoose'
import type { SigningKey, SigningKeyStore } from '../../oidc/signing-key.ts'
import { duplicateIndex } from './faults.ts'
import { collectionOf } from './native.ts'
import { STRICT } from './schema.ts'

interface SetDocument {
  _id: string
  version: number
  keys: SigningKey[]
}

const ID = 'signing-keys'

const key = new Schema<SigningKey>(
  {
    kid: String,
    alg: String,
    state: String,
    sealed: String,
    createdAt: Number,
    activatedAt: Number,
    retiredAt: Number,
  },
  { ...STRICT, _id: false },
)
const schema = new Schema<SetDocument>({ _id: String, version: Number, keys: [key] }, STRICT)

export function signingKeys(connection: Connection): SigningKeyStore {
  const model = connection.model<SetDocument>('SigningKeys', schema, 'signingKeys')

  /** False if there is a set already. */
  async function insert(keys: SigningKey[]): Promise<boolean> {
    try {
      await model.create({ _id: ID, version: 1, keys })
      return true
    } catch (fault) {
      if (duplicateIndex(fault) === undefined) throw fault
      return false
    }
  }

  return {
    async loadKeys() {
      const set = await collectionOf<SetDocument>(connection, 'signingKeys').findOne({ _id: ID })
      return { version: set?.version ?? 0, keys: set?.keys.map(toKey) ?? [] }
    },
    async replaceKeys(version, keys) {
      if (version === 0) return insert(keys)
      const { matchedCount } = await model.updateOne({ _id: ID, version }, { $set: { version: version + 1, keys } })
      return matchedCount === 1
    },
  }
}

function toKey({ kid, alg, state, sealed, createdAt, activatedAt, retiredAt }: SigningKey): SigningKey {
  return {
    kid,
    alg,
    state,
    sealed,
    createdAt,
    activatedAt: activatedAt ?? undefined,
    retiredAt: retiredAt ?? undefined,
  }
}

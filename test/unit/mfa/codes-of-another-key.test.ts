/** Root keys change while codes are under way, and nodes with another one in front serve side by side. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyring } from '../../../src/lib/crypto.ts'
import { MINUTE } from '../../../src/lib/time.ts'
import { newTemporaryCode, temporaryDigest } from '../../../src/mfa/backup-code.ts'
import { temporary } from '../../../src/mfa/factors.ts'
import { insertTemporaryCode } from '../../../src/person/temporary-code.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { account, NOW } from '../../support/samples/records.ts'

const OLD = { id: 'old', key: randomBytes(32) }
const NEW = { id: 'new', key: randomBytes(32) }
const store = forAllTests(() => openSqliteStore(':memory:'))

test.each([
  { given: 'before the new key was there', by: [OLD], at: [NEW, OLD], answer: 'holds' },
  { given: 'by a node with the new key in front', by: [NEW, OLD], at: [OLD, NEW], answer: 'holds' },
  { given: 'by a key that is gone', by: [OLD], at: [NEW], answer: 'wrong-code' },
])('a temporary code that was given out $given: $answer', async ({ by, at, answer }) => {
  const { people } = store.durable
  const sanne = account()
  const code = newTemporaryCode()
  const digest = temporaryDigest(keyring(by).derive('temporary-codes'), sanne.id, code) ?? ''
  const kept = { id: 'code', accountId: sanne.id, digest, createdAt: NOW, expiresAt: NOW + MINUTE }
  await people.change(sanne.id, (person) => insertTemporaryCode(person, kept))

  const { verify } = temporary(people, keyring(at), () => NOW)
  const ask = (typed: string) => verify({ account: sanne, code: typed, sitting: 's', session: 's' } as never)
  expect(await ask(newTemporaryCode())).toBe('wrong-code')
  expect(await ask(code)).toEqual(answer === 'holds' ? { holds: 'code' } : answer)
})

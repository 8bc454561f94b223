/**
 * `node seed.ts <checkout> <people> <people with a passkey besides>`: puts the people of people.ts into the store that the
 * environment names, by that checkout's own code and past the pages. They all have one hash, and one pair of keys, which
 * nothing that is measured can tell.
 */
import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { Core } from '../../../src/app/core.ts'
import type { Account } from '../../../src/person/account.ts'
import { account as sample } from '../../support/samples/records.ts'
import { handleOf, passkeyOf } from './passkey.ts'
import { keyedMember, type Member, member, PASSWORD } from './people.ts'

const [, , checkout = '.', people = '100', keyed = '0'] = process.argv
/** MongoDB's connections are few, and nobody waits for one for long; in the embedded store they share a commit. */
const AT_ONCE = process.env.SIGMA_MONGODB_URL ? 200 : 4000

const of = <T>(file: string) => import(resolve(checkout, 'src', file)) as Promise<T>
const { openCore } = await of<typeof import('../../../src/app/core.ts')>('app/core.ts')
const { loadConfig } = await of<typeof import('../../../src/config.ts')>('config.ts')
const { logger } = await of<typeof import('../../../src/lib/log.ts')>('lib/log.ts')
const { defaultGate, hasher } = await of<typeof import('../../../src/accounts/password.ts')>('accounts/password.ts')
const sealing = await of<typeof import('../../../src/mfa/sealed-authenticator.ts')>('mfa/sealed-authenticator.ts')

const core: Core = await openCore(loadConfig(resolve(checkout), process.env), {
  log: logger('warn'),
  now: Date.now,
  clientsFile: 'started',
})
const passwordHash = await hasher({ pepper: core.ring, gate: defaultGate() }).hash(PASSWORD)
const at = Date.now() - 86_400_000
for (let first = 0; first < Number(people); first += AT_ONCE) {
  const size = Math.min(AT_ONCE, Number(people) - first)
  await Promise.all(Array.from({ length: size }, (_, n) => insert(member(first + n))))
}
await Promise.all(Array.from({ length: Number(keyed) }, (_, n) => insertKeyed(keyedMember(Number(people), n))))
await core.close()

async function insertKeyed(who: Member): Promise<void> {
  const account = await insert(who, handleOf(who))
  const requester = { account, session: 'seed', source: { ip: '192.0.2.1', correlation: 'seed' } }
  const creation = await core.passkeys.creation(requester)
  if (!creation) throw new Error('there are no passkeys here')
  const registration = passkeyOf(who).register({ challenge: creation.challenge, userHandle: creation.user.id })
  const made = await core.passkeys.made(requester, registration, 'Chrome')
  if (!made.ok) throw new Error(`no passkey for ${who.email}: ${made.reason}`)
  await core.store.durable.people.change(account.id, (person) => void person.authenticators.push(made.passkey))
}

async function insert({ email, key }: Member, userHandle?: string): Promise<Account> {
  const id = randomUUID()
  return core.store.durable.people.change(id, (person) => {
    person.account = sample({
      id,
      email,
      emailKey: email,
      locale: 'en',
      organizationId: undefined,
      roles: [],
      status: 'active',
      passwordHash,
      passwordChangedAt: at,
      createdAt: at,
      enrolledAt: key === undefined ? undefined : at,
      ...(userHandle !== undefined && { userHandle }),
    })
    if (key === undefined) return person.account
    const used = { step: 1, at, name: undefined, entry: email, secret: key }
    person.authenticators.push(sealing.provenApp(core.seal, id, used))
    person.backup = { id: randomUUID(), accountId: id, salt: 'none', digest: 'none', createdAt: at, savedAt: at }
    return person.account
  })
}

/** Somebody who was brought to a running app from another system, with the password and the app that they had there. */
import { hash as bcrypt } from '@node-rs/bcrypt'
import { readHash } from '../../../src/accounts/foreign/spelling.ts'
import { defaultGate, hasher } from '../../../src/accounts/password.ts'
import { sealAuthenticator } from '../../../src/mfa/sealed-authenticator.ts'
import { type Account, emailKey } from '../../../src/person/account.ts'
import type { CodeParameters } from '../../../src/person/authenticator.ts'
import type { RunningApp } from '../app/app.ts'
import { account as sample } from '../samples/records.ts'
import { OLD_KEY } from '../unit/brought-person.ts'

/** The least that bcrypt allows. */
const COST = 4

interface Brought {
  email: string
  password: string
  organizationId?: string | undefined
  /** What the entry on the phone is called. */
  label: string
  declared?: Partial<CodeParameters>
}

export async function bring({ core }: RunningApp, given: Brought): Promise<Account> {
  const { email, password, organizationId, label, declared } = given
  const at = core.now()
  const read = readHash(await bcrypt(password, COST))
  if (!read.ok) throw new Error(read.reason)
  const account = sample({
    ...{ email, emailKey: emailKey(email), organizationId, roles: [], locale: 'nl', status: 'active' },
    passwordHash: await hasher({ pepper: core.ring, gate: defaultGate() }).wrap(read.hash),
    ...{ createdAt: at, enrolledAt: at },
    imported: { source: 'nmbrs', externalId: email, at, wrote: {}, run: { plan: 'p', did: 'create' } },
  })
  const app = sealAuthenticator(core.seal, OLD_KEY, {
    ...{ accountId: account.id, kind: 'totp', label, numberKey: undefined, lastStep: 0, imported: true },
    ...{ createdAt: at, lastUsedAt: undefined, ...declared },
  })
  await core.store.durable.people.change(account.id, (draft) => {
    Object.assign(draft, { account, authenticators: [app] })
  })
  return account
}

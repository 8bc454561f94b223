/** Many people with a password, and some with an authenticator app, put in past the pages. How they sign in is visit.ts. */

import { randomUUID } from 'node:crypto'
import { defaultGate, hasher } from '../../../src/accounts/password.ts'
import type { Core } from '../../../src/app/core.ts'
import { MINUTE, systemClock } from '../../../src/lib/time.ts'
import { enrollments } from '../../../src/mfa/enrollment.ts'
import { emailKey } from '../../../src/person/account.ts'
import { asked } from '../people/asked-people.ts'
import { codeOf } from '../people/second-factor.ts'
import { link, account as sample } from '../samples/records.ts'

export const PASSWORD = 'vier losse woorden samen'

export interface Member {
  id: string
  email: string
  /** In the app, for those who have one. */
  key: string | undefined
}

/** People with a password, and an authenticator app where `app` says so; put in past the pages, which takes no time. */
export async function crowd(core: Core, size: number, has: { app: boolean }): Promise<Member[]> {
  const { store, seal, attempts, record, notice } = core
  // The code that sets an app up must not be one that is needed later.
  const earlier = () => systemClock() - 5 * MINUTE
  const quiet: typeof notice = () => []
  const wizard = enrollments({
    people: store.durable.people,
    seal,
    throttle: attempts,
    audit: record,
    notice: quiet,
    passkeys: core.passkeys,
    now: earlier,
  })
  const passwordHash = await hasher({ pepper: core.ring, gate: defaultGate() }).hash(PASSWORD)
  const members: Member[] = []
  for (let n = 0; n < size; n += 1) {
    const id = randomUUID()
    const email = `person-${id}@sigma.example`
    const at = earlier()
    const account = sample({
      id,
      email,
      emailKey: emailKey(email),
      locale: 'en',
      organizationId: undefined,
      roles: [],
      status: 'active',
      passwordHash,
      passwordChangedAt: at,
      createdAt: at,
    })
    const used = link(id, { createdAt: at, expiresAt: at, usedAt: at })
    await asked(store.durable.people).insertAccount(account, used, [])
    let key: string | undefined
    if (has.app) {
      const requester = {
        account,
        session: id,
        proven: false,
        holding: {},
        source: { ip: '192.0.2.1', correlation: 'TESTTEST' },
      }
      key = (await wizard.choose(requester, 'other')).secret ?? ''
      const confirmed = await wizard.confirm(requester, codeOf(key, earlier()))
      if (!confirmed.ok) throw new Error(`no app for ${email}: ${confirmed.reason}`)
      // Setting up the first app moves the epoch up.
      const kept = await asked(store.durable.people).findAccount(id)
      await wizard.saved({ ...requester, account: kept ?? account })
    }
    members.push({ id, email, key })
  }
  return members
}

/** Whether two-step verification is on; half of it is what must never be. */
export async function twoStep({ store: { durable } }: Core, { id }: Member): Promise<'on' | 'off' | 'half'> {
  const [apps, backup, account] = await Promise.all([
    asked(durable.people).listAuthenticators(id),
    asked(durable.people).findBackupCode(id),
    asked(durable.people).findAccount(id),
  ])
  const parts = [apps.length === 1, backup !== undefined, account?.enrolledAt !== undefined]
  if (parts.every(Boolean)) return 'on'
  return parts.some(Boolean) || apps.length > 1 ? 'half' : 'off'
}

/** They take turns. */
export function nth<T>(list: T[], n: number): T {
  const found = list[n % list.length]
  if (found === undefined) throw new Error('nobody')
  return found
}

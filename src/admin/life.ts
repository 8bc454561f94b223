/** Verbs for what happens to an account: signed out, disabled, enabled, activated after all, exported, erased. */

import { z } from 'zod'
import type { By } from '../accounts/life.ts'
import { findAccount } from '../accounts/people.ts'
import { AppError } from '../lib/errors.ts'
import { HELPERS, person, personNamed } from './person.ts'
import { type Actor, actorName } from './role.ts'
import { verb } from './verb.ts'

const input = z.object({ person })

export const signOutPerson = verb({
  name: 'person:sign-out',
  summary: 'Sign a person out everywhere: every session, token and remembered device ends',
  roles: HELPERS,
  sensitive: true,
  input,
  subject: personNamed,
  async run({ life }, _input, actor, account) {
    await life.signOut(account, by(actor))
    return { id: account.id, signedOut: true }
  },
})

export const disablePerson = verb({
  name: 'person:disable',
  summary: 'Disable an account: nobody can sign in to it, and everything that was signed in ends',
  roles: HELPERS,
  sensitive: true,
  input,
  subject: personNamed,
  async run({ life }, _input, actor, account) {
    if (!(await life.disable(account, by(actor)))) throw unfit('already-disabled', 'this account is disabled already')
    return { id: account.id, status: 'disabled' }
  },
})

export const enablePerson = verb({
  name: 'person:enable',
  summary: 'Enable a disabled account again',
  roles: HELPERS,
  sensitive: true,
  input,
  subject: personNamed,
  async run({ people, life }, _input, actor, account) {
    if (!(await life.enable(account, by(actor)))) throw unfit('not-disabled', 'this account is not disabled')
    return { id: account.id, status: (await findAccount(people, account.id))?.status }
  },
})

export const resendActivation = verb({
  name: 'person:resend-activation',
  summary: 'Mail a new activation link; the one before opens nothing any more',
  roles: HELPERS,
  sensitive: true,
  input,
  subject: personNamed,
  async run({ life }, _input, actor, account) {
    if (!(await life.resendActivation(account, by(actor))))
      throw unfit('not-waiting', 'this account is not waiting for its activation')
    return { id: account.id, email: account.email }
  },
})

export const exportPerson = verb({
  name: 'person:export',
  summary: 'Export everything that is kept about a person, without secrets (GDPR articles 15 and 20)',
  roles: ['owner'],
  sensitive: true,
  input,
  subject: personNamed,
  async run({ personData, audit, tell }, _input, actor, account) {
    const data = await personData(account)
    await audit({ type: 'account.exported', outcome: 'ok', subject: account.id, ...by(actor) })
    await tell(account, 'data-downloaded')
    return data
  },
})

export const deletePerson = verb({
  name: 'person:delete',
  summary: 'Delete a person for good (GDPR article 17): nothing stays but the audit trail of the id',
  roles: ['owner'],
  sensitive: true,
  input,
  subject: personNamed,
  async run({ life }, _input, actor, account) {
    // Another administrator was first: there is one erasure, and one line that tells of it.
    if (!(await life.erase(account, by(actor))))
      throw new AppError('not-found', 'this person was erased already', { status: 404 })
    return { id: account.id, erased: true }
  },
})

function by(actor: Actor): By {
  return { actor: actorName(actor), source: actor.source }
}

function unfit(code: string, message: string): AppError {
  return new AppError(code, message, { status: 409 })
}

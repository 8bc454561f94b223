/** A passkey as the second step, as a challenge sees it. The password was proven before, and whose account it is. */
import { findPerson } from '../accounts/people.ts'
import { listAuthenticators } from '../person/authenticator.ts'
import type { People } from '../person/kind.ts'
import { PASSKEY } from '../person/second-factor.ts'
import type { Factor, Verdict } from './challenge.ts'
import type { Ceremony } from './passkey-challenge.ts'
import { readAssertion } from './passkey-check.ts'
import { keyDigest } from './passkey-credential.ts'
import type { Passkeys, Used } from './passkeys.ts'

const VERDICTS: Record<Used, Verdict> = {
  right: 'right',
  wrong: 'wrong-code',
  refused: 'wrong-code',
  used: 'used-code',
  expired: 'expired',
}

export function passkeyFactor(people: Pick<People, 'find'>, passkeys: Passkeys): Factor {
  return {
    method: PASSKEY,
    async available(_account, authenticators) {
      const entries = passkeys.usable(authenticators).map(({ label }) => label)
      return entries.length > 0 ? { hint: entries.join(', '), entries } : undefined
    },
    async verify({ account, code, sitting, source, agent = '' }) {
      const assertion = readAssertion(code)
      if (!assertion) return 'wrong-code'
      const key = keyDigest(assertion.credentialId)
      const own = passkeys.usable(listAuthenticators(await findPerson(people, account.id)))
      const passkey = own.find((candidate) => candidate.passkey.key === key)
      const owner = passkey && { account, passkey }
      return VERDICTS[await passkeys.use(assertion, owner, secondStep(account.id, sitting), { agent, source })]
    },
  }
}

/** The ceremony of a page that asks for the second step. */
export function secondStep(accountId: string, sitting: string): Ceremony {
  return { purpose: 'challenge', place: sitting, accountId }
}

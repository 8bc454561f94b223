/** Codes for the second step that come from elsewhere (mfa/authenticator.ts): from the help desk, and sent to a number. */
import type { MfaStore } from '../../mfa/authenticator.ts'
import { enqueue } from './outbox.ts'
import type { People } from './people.ts'
import { keyOf, type Person } from './person.ts'

type Codes = Pick<
  MfaStore,
  'insertTemporaryCode' | 'spendTemporaryCode' | 'putSentCode' | 'findSentCode' | 'spendSentCode'
>

/** Uses a sent code up. A wrong guess leaves it there: counting those is not ours. */
export function spendSentCode(person: Person, key: string, digest: string, now: number): boolean {
  const live = person.sentCodes.some((code) => code.key === key && code.digest === digest && code.expiresAt > now)
  if (live) removeSentCode(person, key)
  return live
}

export function codes(people: People): Codes {
  const { change } = people

  return {
    insertTemporaryCode: (code) =>
      change(code.accountId, (draft) => {
        if (draft.erasedAt === undefined) draft.temporaryCodes.push(code)
      }),
    spendTemporaryCode: (accountId, digest, now) =>
      change(accountId, (draft) => {
        const live = draft.temporaryCodes.some((code) => code.digest === digest && code.expiresAt > now)
        // Were the same code issued twice, it is still used once.
        if (live) draft.temporaryCodes = draft.temporaryCodes.filter((code) => code.digest !== digest)
        return live
      }),
    putSentCode: (code, parcels) =>
      people.changeOver(
        code.accountId,
        keyOf.sentCode(code.key),
        (holder) => removeSentCode(holder, code.key),
        (draft) => {
          if (draft.erasedAt !== undefined) return
          removeSentCode(draft, code.key)
          draft.sentCodes.push(code)
          enqueue(draft, parcels)
        },
      ),
    async findSentCode(key, now) {
      const found = await people.findByKey(keyOf.sentCode(key), 'sentCodes')
      return found?.sentCodes.find((code) => code.key === key && code.expiresAt > now)
    },
    spendSentCode: (accountId, key, digest, now) =>
      change(accountId, (draft) => spendSentCode(draft, key, digest, now)),
  }
}

function removeSentCode(person: Person, key: string): void {
  person.sentCodes = person.sentCodes.filter((code) => code.key !== key)
}

/** What becomes of passkeys when something else happens to their account. */
import { expect, test } from 'vitest'
import { DAY } from '../../../src/lib/time.ts'
import { setStatus } from '../../../src/person/account.ts'
import { undoEmail } from '../../../src/person/email-undo.ts'
import { erase } from '../../../src/person/erasure.ts'
import { activate, removeAuthenticator } from '../../../src/person/factor-changes.ts'
import { personKind } from '../../../src/person/kind.ts'
import { setPassword } from '../../../src/person/password.ts'
import type { Draft } from '../../../src/person/person.ts'
import { decideCase } from '../../../src/person/recovery-case.ts'
import {
  activation,
  authenticator,
  backupCode,
  caseDecision,
  passkey,
  pending,
  recoveryCase,
  temporaryCode,
} from '../../support/samples/factors.ts'
import { account, emailUndo, link, NOW } from '../../support/samples/records.ts'

const HANDLE = 'handle'
const SANNE = account({ id: 'sanne', status: 'active', enrolledAt: NOW - DAY, userHandle: HANDLE })
const RESET = link('sanne', { purpose: 'reset' })
const CASE = recoveryCase()
const WIZARD = pending()
/** There are the one that was there when the address was changed, and one that came since. */
const UNDO = { ...emailUndo(SANNE), enrolledAt: SANNE.enrolledAt, factors: ['before'] }

function person(): Draft {
  return structuredClone({
    ...personKind.empty(),
    account: SANNE,
    authenticators: [passkey({ id: 'before' }, { key: 'before' }), passkey({ id: 'since' }, { key: 'since' })],
    backup: backupCode({ id: 'backup', savedAt: NOW }),
    links: [RESET],
    undos: [UNDO],
    cases: [CASE],
    wizards: [WIZARD],
    parcels: [],
  })
}

const lost = activation(WIZARD, { epoch: SANNE.epoch, replacesAll: true })

test.each<[string, (person: Draft) => unknown, left: string[], handle: string | undefined]>([
  [
    'a temporary access code comes in the place of all: those that are synced may be on a lost phone too',
    (draft) => decideCase(draft, caseDecision(CASE, { code: temporaryCode() }), []),
    [],
    HANDLE,
  ],
  ['the phone is lost for good: the same', (draft) => activate(draft, lost, NOW, []), [], HANDLE],
  [
    'a change of the address is taken back: each opens the account alone, as the password does that is forgotten',
    (draft) => undoEmail(draft, UNDO.digest, NOW, []),
    [],
    HANDLE,
  ],
  [
    'a password is set by a mailed link: they stay, and it takes none of their place',
    (draft) => setPassword(draft, { link: RESET, passwordHash: 'new', at: NOW }, []),
    ['before', 'since'],
    HANDLE,
  ],
  [
    'the account is disabled: they stay for when it is enabled again',
    (draft) => setStatus(draft, { from: ['active'], to: 'disabled' }, []),
    ['before', 'since'],
    HANDLE,
  ],
  ['the account is erased: nothing stays', (draft) => erase(draft, NOW, []), [], undefined],
])('%s', (_what, rule, left, handle) => {
  const draft = person()
  expect(rule(draft)).toBe(true)
  const keys = personKind.keys(draft).flatMap((key) => (key.startsWith('passkey:') ? key.slice('passkey:'.length) : []))
  expect(keys).toEqual(left)
  expect(draft.account?.userHandle).toBe(handle)
})

test.each<[rpId: string | undefined, answer: string]>([
  ['sigma.example', 'removed'],
  ['other.example', 'last'],
  [undefined, 'last'],
])('where passkeys are for %s, the only app beside one for sigma.example: %s', (rpId, answer) => {
  const draft = { ...person(), authenticators: [authenticator({ id: 'app' }), passkey({ id: 'key' })] }
  expect(removeAuthenticator(draft, { id: 'app', rpId }, [])).toBe(answer)
  // One that opens nothing goes at any time.
  expect(removeAuthenticator(draft, { id: 'key', rpId }, [])).toBe(answer === 'last' ? 'removed' : 'last')
})

/** Races about recovery cases, and about what is written while everything of before, or the account, ends. */
import { expect } from 'vitest'
import { setStatus } from '../../../src/person/account.ts'
import { changeEmail, putAddressCode, setNoticeEmail } from '../../../src/person/address.ts'
import { renewBackupCode, replaceBackupCode } from '../../../src/person/backup-code.ts'
import { erase } from '../../../src/person/erasure.ts'
import { activate, addNumber, changeApp } from '../../../src/person/factor-changes.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { replaceLink } from '../../../src/person/link.ts'
import { type Draft, emptyPersonRecord } from '../../../src/person/person.ts'
import { cancelCase, decideCase, insertCase, setContact } from '../../../src/person/recovery-case.ts'
import { insertDevice } from '../../../src/person/remembered-device.ts'
import { putSentCode } from '../../../src/person/sent-code.ts'
import { insertTemporaryCode } from '../../../src/person/temporary-code.ts'
import { putWizard } from '../../../src/person/wizard.ts'
import {
  activation,
  appChange,
  authenticator,
  backupCode,
  caseDecision,
  device,
  numberChange,
  pending,
  recoveryCase,
  sentCode,
  temporaryCode,
} from '../../support/samples/factors.ts'
import { addressCode, emailUndo, link, NOW } from '../../support/samples/records.ts'
import { EACH, ENDER, type Race, SANNE } from './people-race.ts'

const CASE = recoveryCase({ number: 'case', cancelDigest: 'cancel' })
const FILED = { account: SANNE, authenticators: [authenticator()], cases: [CASE] }

function issue(person: Draft, racer: number): boolean {
  return decideCase(person, caseDecision(CASE, { code: temporaryCode({ id: `${racer}` }) }), [])
}

/** What the requests use up that were begun before the end, several of each kind. */
const WIZARDS = EACH.map((racer) => pending({ key: `${racer}` }))
const SENT = EACH.map((racer) => sentCode({ key: `${racer}`, digest: `${racer}` }))
const MAILED = EACH.map((racer) => addressCode('sanne', { key: `${racer}`, digest: `${racer}` }))
const BEGUN = { account: SANNE, wizards: WIZARDS, sentCodes: SENT, addressCodes: MAILED }

/** Begun in the first epoch, which goes on. */
const BESIDE: Array<(person: Draft, racer: number) => boolean> = [
  (person) => insertDevice(person, device(), 99, [], 1),
  (person) => replaceBackupCode(person, backupCode(), [], 1),
  (person, racer) => activate(person, activation(WIZARDS[racer] ?? pending()), NOW, []),
  (person, racer) => addNumber(person, numberChange(SENT[racer] ?? sentCode(), { raisesEpoch: false }), NOW, []),
  (person, racer) =>
    setNoticeEmail(
      person,
      { epoch: 1, code: MAILED[racer] ?? addressCode('sanne'), noticeEmail: `${racer}`, at: NOW },
      [],
    ),
]

/** Begun in the first epoch, which each of them ends. */
const ENDING: typeof BESIDE = [
  (person, racer) => changeApp(person, appChange(WIZARDS[racer] ?? pending(), { most: 99 }), NOW, []),
  (person, racer) => {
    const [code, undo] = [MAILED[racer] ?? addressCode('sanne'), emailUndo(SANNE, { digest: `${racer}` })]
    const address = { email: `${racer}`, emailKey: `${racer}` }
    return changeEmail(person, { epoch: 1, code, ...address, at: NOW, undo }, [])
  },
  (person, racer) => addNumber(person, numberChange(SENT[racer] ?? sentCode()), NOW, []),
  (person, racer) => activate(person, activation(WIZARDS[racer] ?? pending(), { replacesAll: true }), NOW, []),
  (person) => renewBackupCode(person, backupCode(), undefined, [], 1),
]

/** What asks for no epoch: it is kept of anybody who is there. */
const ANY_TIME: Array<(person: Draft, racer: number) => unknown> = [
  (person) => putAddressCode(person, addressCode('sanne'), []),
  (person) => putSentCode(person, sentCode(), []),
  (person) => putWizard(person, pending(), NOW),
  (person) => insertTemporaryCode(person, temporaryCode()),
  (person) => replaceLink(person, link('sanne'), []),
  (person) => insertCase(person, recoveryCase(), []),
  (person) => insertDevice(person, device(), 99, [], person.account?.epoch),
]

export const RECOVERY_RACES: Race[] = [
  {
    name: 'of twenty cases of one person one is filed',
    begins: () => ({ account: SANNE }),
    rule: (person, racer) => insertCase(person, recoveryCase({ number: `${racer}` }), []),
    holds: ({ person, winner }) => expect(person.cases).toMatchObject([{ number: `${winner}` }]),
  },
  {
    name: 'of twenty people’s cases under one number one is filed',
    apart: true,
    begins: () => ({}),
    wants: keyOf.case('case'),
    rule: (person, racer) => insertCase(person, recoveryCase({ number: 'case', accountId: `sanne-${racer}` }), []),
  },
  {
    name: 'one decides a case, and its code is the only one',
    begins: () => FILED,
    rule: issue,
    holds({ person, winner }) {
      expect(person.temporaryCodes).toMatchObject([{ id: `${winner}` }])
      expect([person.authenticators, person.account?.epoch]).toEqual([[], 2])
    },
  },
  {
    name: 'a case that some issue, some decline and some cancel: one of all is done',
    begins: () => FILED,
    by: keyOf.cancel(CASE.cancelDigest),
    rule(person, racer) {
      const acts = [
        () => issue(person, racer),
        () => decideCase(person, caseDecision(CASE), []),
        () => cancelCase(person, CASE.cancelDigest, NOW, []),
      ]
      return acts[racer % acts.length]?.()
    },
    holds({ person, winner }) {
      expect(person.cases).toMatchObject([{ state: ['issued', 'declined', 'canceled'][winner % 3] }])
      expect(person.temporaryCodes).toHaveLength(winner % 3 === 0 ? 1 : 0)
    },
  },
  {
    name: 'one replaces how a person is reached',
    begins: () => FILED,
    by: keyOf.case(CASE.number),
    rule: (person, racer) => setContact(person, CASE.number, CASE.sealed, `${racer}`),
    holds: ({ person, winner }) => expect(person.cases).toMatchObject([{ sealed: `${winner}` }]),
  },
  {
    name: 'everything of an epoch is written while it ends: once that is done, nothing of before comes any more',
    begins: () => BEGUN,
    rule(person, racer) {
      if (racer !== ENDER) return BESIDE[racer % BESIDE.length]?.(person, racer)
      setStatus(person, { from: ['active'], to: 'disabled' }, [])
      return structuredClone(person)
    },
    wins: 'some',
    holds: ({ person, outcomes }) => expect(left(outcomes[ENDER])).toEqual(person),
  },
  {
    name: 'of all that ends the epoch in which it was begun one is done',
    begins: () => BEGUN,
    rule: (person, racer) => ENDING[racer % ENDING.length]?.(person, racer),
    holds: ({ person }) => expect(person.account?.epoch).toBe(2),
  },
  {
    name: 'an account is erased once',
    begins: () => FILED,
    rule: (person) => erase(person, NOW, []),
    holds: ({ person }) => expect(person).toEqual({ ...emptyPersonRecord(), erasedAt: NOW, forgets: true }),
  },
  {
    name: 'everything is written while an account is erased: nothing comes back',
    begins: () => BEGUN,
    rule(person, racer) {
      if (racer === ENDER) return erase(person, NOW, [])
      const writes = [...ANY_TIME, ...BESIDE]
      return writes[racer % writes.length]?.(person, racer) ?? true
    },
    wins: 'some',
    holds: ({ person }) => expect(person).toEqual({ ...emptyPersonRecord(), erasedAt: NOW, forgets: true }),
  },
]

/** What the last one left, without what leaves with it. */
function left(outcome: unknown): unknown {
  return { ...(outcome as Draft), parcels: undefined }
}

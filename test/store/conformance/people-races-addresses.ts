/** Races about the addresses of people, and about taking a change of one back. */
import { expect } from 'vitest'
import { insertAccount } from '../../../src/person/account.ts'
import { changeEmail, removeNoticeEmail, setNoticeEmail } from '../../../src/person/address.ts'
import { undoEmail } from '../../../src/person/email-undo.ts'
import { keyOf } from '../../../src/person/kind.ts'
import type { Draft } from '../../../src/person/person.ts'
import { account, addressCode, emailUndo, link, NOW } from '../../support/samples/records.ts'
import { type Race, SANNE } from './people-race.ts'

const CODE = addressCode('sanne')
const TAKEN = 'new@sigma.example'

/** Sanne’s address went from the first to the fourth, each change with what takes it back. */
const UNDOS = ['first', 'second', 'third'].map((email, index) =>
  emailUndo({ ...SANNE, email, emailKey: email }, { digest: email, createdAt: NOW + index }),
)
const MOVED = { account: { ...SANNE, email: 'fourth', emailKey: 'fourth' }, undos: UNDOS, addressCodes: [CODE] }

/** Each of whom wants the same address. */
const own = (racer: number) => addressCode(`sanne-${racer}`, { key: 'key', digest: 'digest' })
const other = (racer: number) => account({ ...SANNE, id: `sanne-${racer}`, email: `${racer}`, emailKey: `${racer}` })

function change(person: Draft, email: string, { key, digest, accountId }: typeof CODE = CODE): boolean {
  const undo = emailUndo({ ...SANNE, id: accountId }, { digest: `undo-${accountId}-${email}`, createdAt: NOW + 9 })
  return changeEmail(person, { epoch: 1, code: { key, digest }, email, emailKey: email, at: NOW + 9, undo }, [])
}

export const ADDRESS_RACES: Race[] = [
  {
    name: 'one changes the address with one code',
    begins: () => ({ account: SANNE, addressCodes: [CODE] }),
    rule: (person, racer) => change(person, `${racer}`),
    holds({ person, winner }) {
      expect(person.account).toMatchObject({ email: `${winner}`, previousEmail: SANNE.email, epoch: 2 })
      expect([person.undos.length, person.addressCodes]).toEqual([1, []])
    },
  },
  {
    name: 'of twenty people who move to one address one gets it',
    apart: true,
    begins: (racer) => ({ account: other(racer), addressCodes: [own(racer)] }),
    wants: keyOf.email(TAKEN),
    rule: (person, racer) => change(person, TAKEN, own(racer)),
    holds: ({ person }) => expect(person.account).toMatchObject({ emailKey: TAKEN, epoch: 2 }),
  },
  {
    name: 'an address that some move to and some are invited to: one has it',
    apart: true,
    begins: (racer) => (racer % 3 === 0 ? {} : { account: other(racer), addressCodes: [own(racer)] }),
    wants: keyOf.email(TAKEN),
    rule(person, racer) {
      if (racer % 3 !== 0) return change(person, TAKEN, own(racer))
      const guest = account({ id: `sanne-${racer}`, emailKey: TAKEN })
      return insertAccount(person, guest, link(guest.id), [])
    },
    holds: ({ person }) => expect(person.account?.emailKey).toBe(TAKEN),
  },
  {
    name: 'one takes the change of an address back',
    begins: () => MOVED,
    by: keyOf.undo('first'),
    rule: (person) => undoEmail(person, 'first', NOW + 9, []),
    holds: ({ person }) => expect(person.account).toMatchObject({ email: 'first', epoch: 2 }),
  },
  {
    name: 'hijacking: three owners take it back: whoever had the account first has it in the end',
    begins: () => MOVED,
    rule: (person, racer) => undoEmail(person, UNDOS[racer % 3]?.digest ?? '', NOW + 9, []),
    wins: 'some',
    holds({ person, won }) {
      expect(person.account).toMatchObject({ email: 'first', epoch: 1 + won.length })
      expect(person.undos).toEqual([])
    },
  },
  {
    name: 'hijacking: changed once more while its owner takes it back: the owner has it, and nothing is left to change',
    begins: () => MOVED,
    rule: (person, racer) => (racer % 2 === 0 ? change(person, 'fifth') : undoEmail(person, 'first', NOW + 9, [])),
    wins: 'some',
    holds({ person, won }) {
      expect(person.account).toMatchObject({ email: 'first', epoch: 1 + won.length })
      expect([person.undos, person.addressCodes]).toEqual([[], []])
    },
  },
  {
    name: 'one sets the address for notices with one code',
    begins: () => ({ account: SANNE, addressCodes: [CODE] }),
    rule: (person, racer) => setNoticeEmail(person, { epoch: 1, code: CODE, noticeEmail: `${racer}`, at: NOW }, []),
    holds: ({ person, winner }) => expect(person.account?.noticeEmail).toBe(`${winner}`),
  },
  {
    name: 'the address for notices is removed once',
    begins: () => ({ account: { ...SANNE, noticeEmail: 'notice' } }),
    rule: (person) => removeNoticeEmail(person, []),
    holds: ({ person }) => expect(person.account?.noticeEmail).toBeUndefined(),
  },
]

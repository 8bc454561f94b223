/** Invitations that are one of many: what is due, what left, and who has not come. */
import { describe, expect, test } from 'vitest'
import { DAY, HOUR } from '../../../src/lib/time.ts'
import {
  absentRange,
  absentValue,
  insertInvited,
  invitationState,
  mayBeSentAgain,
  noteSent,
  putOff,
  sendAgain,
  sendDue,
} from '../../../src/person/invitation.ts'
import { personKind } from '../../../src/person/kind.ts'
import { type Draft, emptyPersonRecord } from '../../../src/person/person.ts'
import { account, link, NOW, parcel } from '../../support/samples/records.ts'

const ANNE = account({ id: 'anne', name: 'Anne', email: 'anne@sigma.example', status: 'invited' })

function invited(differs: Partial<Draft> = {}): Draft {
  return {
    ...emptyPersonRecord(),
    account: { ...ANNE },
    invitation: { round: 'r', dueAt: NOW },
    parcels: [],
    ...differs,
  }
}

function send(person: Draft, at = NOW, email = ANNE.email): boolean {
  return sendDue(person, { email }, link('anne', { createdAt: at, digest: `link-${at}` }), [parcel()])
}

test('a mail that is due leaves once, with its link, and is found as sent from then on', () => {
  const person = invited()
  expect(personKind.finders(person)).toMatchObject({ inviteDue: `r\n00${NOW}`, round: 'r due' })
  expect([send(person), send(person)]).toEqual([true, false])
  expect([person.links.length, person.parcels.length]).toEqual([1, 1])
  expect(personKind.finders(person)).toMatchObject({ inviteDue: undefined, round: 'r sent', absent: 'r\nanne\nanne' })
})

describe('nothing leaves', () => {
  test.each<[string, Draft, string?]>([
    ['of somebody who was invited alone', invited({ invitation: undefined } as Partial<Draft>)],
    ['that was put off', invited({ invitation: { round: 'r', dueAt: NOW + 1 } })],
    ['to somebody who has come', invited({ account: { ...ANNE, status: 'active' } })],
    ['to somebody who was disabled', invited({ account: { ...ANNE, status: 'disabled' } })],
    ['to an address that was changed after the mail was written', invited(), 'before@sigma.example'],
    ['to somebody who was erased', { ...emptyPersonRecord(), erasedAt: NOW, parcels: [] }],
  ])('%s', (_whom, person, email) => {
    expect(send(person, NOW, email)).toBe(false)
    expect([person.links, person.parcels]).toEqual([[], []])
  })
})

test('a link that was asked for otherwise is the one that leaves', () => {
  const person = invited()
  noteSent(person, NOW)
  expect([invitationState(person), send(person)]).toEqual(['sent', false])
})

test('a mail is asked for again with the others only when the last one left a day ago', () => {
  const person = invited()
  send(person)
  expect([mayBeSentAgain(person, NOW + DAY - 1), sendAgain(person, NOW, NOW + DAY - 1)]).toEqual([false, false])
  expect(sendAgain(person, NOW + DAY + HOUR, NOW + DAY)).toBe(true)
  expect(sendAgain(person, NOW + DAY + HOUR, NOW + DAY)).toBe(false)
  expect([send(person, NOW + DAY), send(person, NOW + DAY + HOUR)]).toEqual([false, true])
})

test('what waits for working hours is put off, and what left is not', () => {
  const person = invited()
  expect([putOff(person, NOW + 5), person.invitation]).toEqual([true, { round: 'r', dueAt: NOW + 5 }])
  send(person, NOW + 5)
  expect(putOff(person, NOW + 9)).toBe(false)
})

test('nobody is invited under an id that was erased', () => {
  const person = { ...emptyPersonRecord(), erasedAt: NOW, parcels: [] }
  expect([insertInvited(person, ANNE, { round: 'r', dueAt: NOW }), person]).toEqual([
    false,
    { ...emptyPersonRecord(), erasedAt: NOW, parcels: [] },
  ])
})

test('who has not come is found by round, in the order of names, and nobody of another round', () => {
  const { from, to } = absentRange('r')
  const at = (name: string, round = 'r') =>
    absentValue(invited({ account: { ...ANNE, name }, invitation: { round } })) ?? ''
  expect([at('zoë') > at('Anne'), at('Anne') >= from, at('\u{10ffff}') <= to]).toEqual([true, true, true])
  expect([at('Anne', 'r2') > to, at('Anne', 'q') < from]).toEqual([true, true])
  expect(absentValue(invited({ account: { ...ANNE, status: 'active' } }))).toBeUndefined()
})

/** Those whom an import makes and who have no password are invited where that is asked for, in waves, and nobody else is mailed. */
import { expect, test } from 'vitest'
import type { AppliedTold } from '../../../src/migration/migration.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { startApp } from '../../support/app/app.ts'
import { bringIn, fileOf, type Given, line, plan, run } from '../../support/people/imports.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD } from '../../support/people/second-factor.ts'
import { forAllTests } from '../../support/runner/made.ts'

const HASH = '$2b$06$be8LfpKitFe29VuR0SxDx./hh5VDb8dF9XmglxWaWNO/Qph0c6eBO'
const HOUR = 3_600_000
/** A Monday, at ten in the Netherlands. */
const START = Date.UTC(2026, 0, 5, 9)

let time = START
/** How many more changes of people the store takes before it is gone. */
let changes = Number.POSITIVE_INFINITY

class Killed extends Error {}

const app = forAllTests(() =>
  startApp({
    now: () => time,
    instrument: (store) => {
      const { people } = store.durable
      const change: typeof people.change = (id, rule) => {
        if (changes === 0) return Promise.reject(new Killed())
        changes -= 1
        return people.change(id, rule)
      }
      return { ...store, durable: { ...store.durable, people: { ...people, change } } }
    },
  }),
)

const invitationOf = async (number: number) =>
  (await app.core.store.durable.people.findBy(keyOf.external('oud', `m${number}`)))?.record.invitation
const mailed = async (number: number) =>
  (await app.inbox()).filter(({ to }) => to === `mens${number}@oud.example`).length
const many = (from: number, count: number, more: Given = {}) =>
  Array.from({ length: count }, (_, at) => line(from + at, more))

test('in waves, a round for each organization: who has a password, is disabled, or was there before is not', async () => {
  await run(app.core, 'organization:add', { name: 'Bakkerij' })
  await bringIn(app.core, { file: fileOf(app.folder, 'before.jsonl', many(1, 1)) })
  const lines = [
    ...[line(1, { name: 'Anders' }), line(2, { password: HASH }), line(3, { status: 'disabled' })],
    ...[...many(10, 3, { organization: 'Bakkerij' }), ...many(20, 2)],
  ]
  const file = fileOf(app.folder, 'invite.jsonl', lines)
  const done = await bringIn(app.core, { file, invite: true, perHour: 2, limit: 4 })
  expect(done).toMatchObject({ totals: { create: 7, change: 1 }, written: 8, invited: 5 })
  expect(done.rounds).toHaveLength(2)
  expect(await Promise.all([1, 2, 3].map(invitationOf))).toEqual([undefined, undefined, undefined])
  const due = await Promise.all([10, 11, 12, 20, 21].map(invitationOf))
  // Four in a day, of all rounds together; the fifth as work begins the day after.
  expect(due.map((each) => ((each?.dueAt ?? 0) - START) / HOUR)).toEqual([0, 0.5, 1, 1.5, 23])
  const shown = await Promise.all(done.rounds.map((round) => run(app.core, 'invitations:show', { round })))
  expect(shown).toMatchObject([
    { label: 'oud: Bakkerij', people: 3, due: 3, perHour: 2, limit: 4, anyTime: false },
    { label: 'oud', people: 2, due: 2 },
  ])
  time += 40 * 60_000
  await app.core.invitations.sendDue()
  expect(await Promise.all([1, 2, 3, 10, 11, 12, 20, 21].map(mailed))).toEqual([0, 0, 0, 1, 1, 0, 0, 0])
  const person = new Person()
  await person.visit(await app.linkFor('mens10@oud.example'))
  await person.submit({ password: PASSWORD, repeat: PASSWORD })
  expect(await run(app.core, 'invitations:show', { round: done.rounds[0] })).toMatchObject({ came: 1, sent: 1, due: 1 })
})

test('nobody is mailed without being asked for, and the same plan invites those whom it has made afterwards', async () => {
  const file = fileOf(app.folder, 'later.jsonl', [...many(30, 3), line(33, { password: HASH })])
  const { digest } = await plan(app.core, { file })
  const apply = (more: Given) =>
    run<AppliedTold>(app.core, 'people:apply', { source: 'oud', file, plan: digest, ...more })
  expect(await apply({})).toMatchObject({ written: 4, invited: 0, rounds: [] })
  expect(await invitationOf(30)).toBeUndefined()
  await run(app.core, 'person:resend-activation', { person: 'mens30@oud.example' })
  expect(await apply({ invite: true, anyTime: true })).toMatchObject({ written: 0, invited: 2 })
  expect(await apply({ invite: true, anyTime: true })).toMatchObject({ written: 0, invited: 0 })
  time += 24 * HOUR
  await app.core.invitations.sendDue()
  expect(await Promise.all([30, 31, 32, 33].map(mailed))).toEqual([1, 1, 1, 0])
})

test('what is too slow to be meant is refused before anybody is made', async () => {
  const file = fileOf(app.folder, 'slow.jsonl', many(40, 401))
  await expect(bringIn(app.core, { file, invite: true, limit: 1 })).rejects.toThrow(/limit: is so few/)
  expect(await app.core.store.durable.people.findBy(keyOf.external('oud', 'm40'))).toBeUndefined()
})

test('a run that is stopped anywhere invites everybody once in the end', async () => {
  const file = fileOf(app.folder, 'stopped.jsonl', many(500, 8))
  const { digest } = await plan(app.core, { file })
  const given = { source: 'oud', file, plan: digest, invite: true, anyTime: true }
  const apply = () => run<AppliedTold>(app.core, 'people:apply', given)
  for (const after of [0, 3, 2]) {
    changes = after
    await expect(apply()).rejects.toThrow(Killed)
    changes = Number.POSITIVE_INFINITY
  }
  expect(await apply()).toMatchObject({ invited: 3, written: 3 })
  const rounds = await Promise.all(many(500, 8).map((_, at) => invitationOf(500 + at)))
  expect(new Set(rounds.map((each) => each?.round)).size).toBe(1)
  await app.core.invitations.sendDue()
  time += HOUR
  await app.core.invitations.sendDue()
  expect(await Promise.all(many(500, 8).map((_, at) => mailed(500 + at)))).toEqual(Array(8).fill(1))
})

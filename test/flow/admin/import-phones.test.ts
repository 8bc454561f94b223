/** Numbers and addresses for notices that come along: what answers afterwards, what is left out, and what a next run does. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyOf } from '../../../src/person/kind.ts'
import { APP, NUMBER } from '../../../src/person/second-factor.ts'
import { startApp } from '../../support/app/app.ts'
import { HASHES } from '../../support/foreign/foreign.ts'
import { bringIn, fileOf, type Given, line, plan, run } from '../../support/people/imports.ts'
import { Person } from '../../support/people/person.ts'
import { press, text } from '../../support/people/second-factor.ts'
import { smsCode } from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

const OLD = HASHES.find(({ made_by }) => made_by === 'passlib pbkdf2_sha256') ?? { password: '', hash: '' }
const app = forAllTests(() => startApp())

const aSecret = () => ({ secret: randomBytes(20).toString('hex'), encoding: 'hex' })
const phone = (number: string, verified = true) => ({ phone: { number, verified } })

const file = (...lines: Given[]) => fileOf(app.folder, 'phones.jsonl', lines)
const bring = (...lines: Given[]) => bringIn(app.core, { file: file(...lines) })

async function kept(number: number) {
  const found = await app.core.store.durable.people.findBy(keyOf.external('oud', `m${number}`))
  const { account, authenticators = [] } = found?.record ?? {}
  return { account, kinds: authenticators.map(({ kind }) => kind).toSorted() }
}

async function signIn(number: number): Promise<Person> {
  const person = new Person()
  await person.visit(`${app.portalOrigin}/login`)
  await person.submit({ email: `mens${number}@oud.example`, password: OLD.password })
  return person
}

test('a number of which the old system had proof answers beside the old app, and notices go to the other address', async () => {
  const notice_email = 'prive@oud.example'
  const done = await bring(line(1, { password: OLD.hash, totp: [aSecret()], ...phone('06 8765 4321'), notice_email }))
  expect(done).toMatchObject({ totals: { create: 1 }, notes: [] })
  const person = await signIn(1)
  await person.visit(`${person.page.url}/challenge/sms`)
  expect(text(person.page)).toContain('21')
  await press(person, 'send')
  await press(person, 'code', { code: await smsCode(app, '+31687654321') })
  expect((await kept(1)).account?.imported).toMatchObject({ passwordProvenAt: expect.any(Number) })
  await run(app.core, 'person:sign-out', { person: 'mens1@oud.example' })
  const told = (await app.inbox()).filter(({ channel }) => channel === 'email').map(({ to }) => to)
  expect(told).toEqual(expect.arrayContaining(['mens1@oud.example', notice_email]))
})

test.each<[string, number, Given, string]>([
  ['without proof', 10, { totp: [aSecret()], ...phone('0612345610', false) }, 'not-verified'],
  ['without proof, whatever it is', 11, { totp: [aSecret()], ...phone('no number', false) }, 'not-verified'],
  ['without an app beside it', 12, phone('0612345612'), 'no-app'],
])('of a number %s nothing is kept, and the plan says so', async (_what, number, given, code) => {
  const done = await bring(line(number, given))
  expect(done).toMatchObject({ totals: { create: 1 }, notes: [{ line: 1, notes: [{ field: 'phone', code }] }] })
  const { account, kinds } = await kept(number)
  expect(kinds).not.toContain(NUMBER)
  expect(account?.imported).not.toHaveProperty('phone')
  expect(await bring(line(number, given))).toMatchObject({ totals: { same: 1 }, written: 0 })
})

test('another number, none any more, and no app any more: each run does what its file says, and the next nothing', async () => {
  const totp = [aSecret()]
  const steps: Array<[given: Given, fields: string[], kinds: string[]]> = [
    [phone('0612345620'), ['phone'], [NUMBER, APP]],
    [{ totp, ...phone('0612345699') }, ['phone'], [NUMBER, APP]],
    [{ ...phone('0612345699'), notice_email: 'twee@oud.example' }, ['notice_email'], [NUMBER, APP]],
    [phone('0612345699', false), ['phone'], [APP]],
    [phone('0612345698'), ['phone'], [NUMBER, APP]],
    [{ totp: [] }, ['totp'], []],
  ]
  // As an older release brought them, which knew nothing of numbers.
  await bring(line(20, { totp }))
  const { account } = await kept(20)
  await app.core.store.durable.people.change(account?.id ?? '', (person) => {
    const { phone: _phone, notice_email: _notice, ...wrote } = person.account?.imported?.wrote ?? {}
    Object.assign(person.account?.imported ?? {}, { wrote })
  })
  for (const [given, fields, kinds] of steps) {
    const done = await bring(line(20, given))
    expect(done).toMatchObject({ totals: { change: 1 }, written: 1, conflicts: [] })
    expect(done.changed[0]?.changes).toMatchObject(fields.map((field) => ({ field })))
    expect((await kept(20)).kinds).toEqual(kinds)
    expect(await bring(line(20, given))).toMatchObject({ totals: { same: 1 }, conflicts: [] })
  }
  expect((await kept(20)).account?.imported?.phone).toBeUndefined()
  expect(
    JSON.stringify(await plan(app.core, { file: file(line(20, { totp, ...phone('0612345698') })) })),
  ).not.toContain('45698')
})

test('what was changed here is a conflict, as is whatever is a door of somebody who came', async () => {
  const { account } = await kept(1)
  const next = { password: OLD.hash, ...phone('06 8765 4322'), notice_email: 'derde@oud.example' }
  const reasons = (told: Awaited<ReturnType<typeof plan>>) =>
    told.conflicts.flatMap(({ conflicts = [] }) => conflicts.map(({ field, reason }) => [field, reason]))
  expect(reasons(await plan(app.core, { file: file(line(1, next)) }))).toEqual(
    expect.arrayContaining([
      ['phone', 'signed-in'],
      ['notice_email', 'signed-in'],
    ]),
  )
  await app.core.store.durable.people.change(account?.id ?? '', (person) => {
    if (person.account) person.account.noticeEmail = undefined
  })
  expect(reasons(await plan(app.core, { file: file(line(1, next)) }))).toContainEqual(['notice_email', 'changed-here'])
})

test('of one number there are no more people than may have it, however many files they come in', async () => {
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => line(from + at, { totp: [aSecret()], ...phone('0612345677') }))
  const five = many(30, 5)
  expect(await bring(...five)).toMatchObject({ totals: { create: 5, refuse: 0 } })
  expect(await bring(...five)).toMatchObject({ totals: { same: 5, refuse: 0 } })
  expect(await bring(...many(40, 1))).toMatchObject({ totals: { create: 0, refuse: 1 } })
  expect(await bring(...five.slice(1), ...many(40, 1))).toMatchObject({ totals: { same: 0, refuse: 5 } })
})

test('who is taken back takes number and address along', async () => {
  const { forgotten } = await run<{ forgotten: number }>(app.core, 'people:forget', { source: 'oud' })
  expect(forgotten).toBeGreaterThan(5)
  expect(await kept(30)).toEqual({ account: undefined, kinds: [] })
  expect(await app.core.store.durable.people.values('number')).toHaveLength(1)
})

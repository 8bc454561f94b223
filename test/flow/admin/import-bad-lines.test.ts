/** A file with every kind of fault: each is told of in one run, nothing of a refused line is kept, and mended it is taken. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holdsCitizenNumber } from '../../../src/accounts/citizen-number.ts'
import { planPeople } from '../../../src/admin/import.ts'
import type { Actor } from '../../../src/admin/role.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { emailKey } from '../../../src/person/account.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { BAD_LINES, THERE } from '../../support/people/bad-lines.ts'
import { bringIn, fileOf, line, plan, refusedLines, run } from '../../support/people/imports.ts'
import { MACHINE } from '../../support/unit/administration.ts'

const GOOD = [line(1), line(2, { organization: 'bakkerij DE VRIES' })]

let app: RunningApp
const core = () => {
  const [first] = app.nodes
  if (!first) throw new Error('no node')
  return first
}

beforeAll(async () => {
  app = await startApp()
  await run(core(), 'organization:add', { name: 'Bakkerij de Vries' })
  const { id } = await run<{ id: string }>(core(), 'organization:add', { name: 'Dicht' })
  await run(core(), 'organization:disable', { organization: id })
  await run(core(), 'person:invite', { email: THERE.owner, name: 'Olga', role: ['owner'] })
  await run(core(), 'person:invite', { email: THERE.person, name: 'Piet' })
  const file = fileOf(app.folder, 'before.jsonl', [
    line(90, { id: THERE.id, email: 'kees@oud.example' }),
    line(91, { id: THERE.erasedId, email: 'weg@oud.example' }),
  ])
  await bringIn(core(), { file, source: 'eerder' })
  await run(core(), 'person:delete', { person: THERE.erasedId })
}, 60_000)

afterAll(() => app.stop())

const everybody = () => core().store.durable.people.values('looks')

test('every fault is told of in one run, with line, field and code, and nothing of such a line is kept', async () => {
  const path = join(app.folder, 'people.jsonl')
  const lines = [...GOOD.map((each) => JSON.stringify(each)), ...BAD_LINES.map(([text]) => text)]
  writeFileSync(path, Buffer.concat(lines.flatMap((text) => [Buffer.from(text as string), Buffer.from('\r\n')])))
  const before = await everybody()
  const done = await bringIn(core(), { file: path })
  expect(done.totals).toEqual({ create: 2, same: 0, change: 0, conflict: 0, refuse: BAD_LINES.length })
  expect(BAD_LINES.length).toBeGreaterThanOrEqual(80)
  expect(done.refusedFile).toBe(`${path}.refused.jsonl`)
  const refused = refusedLines(`${path}.refused.jsonl`) as Array<{
    refused: Array<{ field: string; code: string; reason: string }>
  }>
  const found = refused.map((each) => each.refused.map(({ field, code }) => [field, code]))
  expect(found).toEqual(BAD_LINES.map(([, field, code]) => expect.arrayContaining([[field, code]])))
  // Only what is wrong is told of.
  expect(found.filter((faults) => faults.length > 1).length).toBeLessThan(4)
  for (const each of refused.flatMap((one) => one.refused)) expect(each.reason.length).toBeGreaterThan(5)
  expect(done.refused.map((each) => each.line)).toEqual(BAD_LINES.slice(0, 50).map((_, at) => at + 3))
  expect((await everybody()).length - before.length).toBe(GOOD.length)
  expect(statSync(`${path}.refused.jsonl`).mode & 0o777).toBe(0o600)
})

test('a line that was mended where it was refused is taken, and what is still wrong is refused again', async () => {
  const path = join(app.folder, 'people.jsonl.refused.jsonl')
  const mended = refusedLines(path).map((each) => {
    const [fault] = (each as { refused: Array<{ field: string }> }).refused
    if (fault?.field === 'locale') return { ...each, locale: 'en' }
    return fault?.field === 'organization' ? { ...each, organization: 'Bakkerij de Vries' } : each
  })
  const again = fileOf(app.folder, 'mended.jsonl', mended)
  expect((await bringIn(core(), { file: again })).totals).toMatchObject({ create: 3, refuse: BAD_LINES.length - 3 })
  expect(await plan(core(), { file: join(app.folder, 'people.jsonl') })).toMatchObject({ totals: { same: 2 } })
})

test('a file of whose ids a third are citizen service numbers is refused whole, and one whose ids are random is not', async () => {
  const numbers = Array.from({ length: 80 }, (_, at) => String(123_456_700 + at)).filter(holdsCitizenNumber)
  const ids = numbers.flatMap((number, at) => [number, `p${at}`, `q${at}`])
  const file = (name: string, given: string[]) =>
    fileOf(
      app.folder,
      name,
      given.map((id, at) => line(200 + at, { external_id: id })),
    )
  const bsn = file('bsn.jsonl', ids)
  await expect(plan(core(), { file: bsn })).rejects.toThrow(/citizen service numbers/)
  expect(readFileSync(bsn, 'utf8')).toContain(numbers[0])
  expect(await plan(core(), { file: file('few.jsonl', [...ids, 'r']) })).toMatchObject({ totals: { refuse: 0 } })
  const random = line(290, { id: `auth0|5f7c8ec7c33a${numbers[0]}bbaf` })
  expect(await plan(core(), { file: fileOf(app.folder, 'random.jsonl', [random]) })).toMatchObject({
    totals: { create: 1 },
  })
})

test('roles come along by an owner who asks for it, and an id, an address and its proof stay what they are', async () => {
  const file = fileOf(app.folder, 'roles.jsonl', [
    line(300, { id: 'auth0|300', roles: ['auditor'], email_verified: true, created_at: '2019-03-01T10:00:00Z' }),
    line(301, { email: 'Jan@BÜCHER.example' }),
  ])
  await bringIn(core(), { file, withRoles: true })
  const found = async (email: string) =>
    (await core().store.durable.people.findBy(keyOf.email(emailKey(email))))?.record.account
  expect(await found('mens300@oud.example')).toMatchObject({
    ...{ id: 'auth0|300', roles: ['auditor'], status: 'invited', createdAt: Date.parse('2019-03-01T10:00:00Z') },
  })
  expect(await found('mens300@oud.example')).not.toHaveProperty('emailVerified')
  expect(await found('jan@xn--bcher-kva.example')).toMatchObject({ emailVerified: false, locale: 'nl' })
})

test('what was changed here is a conflict and stays, what was not follows the old system, and a second run does nothing', async () => {
  const [one, two] = [
    line(400, { name: 'Oud Een' }),
    line(401, { name: 'Oud Twee', organization: 'Bakkerij de Vries' }),
  ]
  const file = (lines: object[]) => fileOf(app.folder, 'changing.jsonl', lines as Array<Record<string, unknown>>)
  await bringIn(core(), { file: file([one, two]) })
  expect(await bringIn(core(), { file: file([one, two]) })).toMatchObject({ totals: { same: 2 }, written: 0 })
  await run(core(), 'person:move', { person: 'mens401@oud.example', organization: '' })
  const next = [
    { ...one, name: 'Nieuw Een', email: 'nieuw400@oud.example' },
    { ...two, name: 'Nieuw Twee' },
  ]
  const done = await bringIn(core(), { file: file(next) })
  expect(done).toMatchObject({ totals: { change: 2 }, written: 2 })
  expect(done.changed[0]?.changes?.map(({ field }) => field)).toEqual(['email', 'name'])
  expect(done.conflicts).toMatchObject([{ conflicts: [{ field: 'organization', reason: 'changed-here' }] }])
  expect(await bringIn(core(), { file: file(next) })).toMatchObject({ totals: { same: 1, conflict: 1 }, written: 0 })
  const found = await core().store.durable.people.findBy(keyOf.email('mens401@oud.example'))
  expect(found?.record.account).toMatchObject({ name: 'Nieuw Twee' })
  expect(found?.record.account?.organizationId).toBeUndefined()
})

test('another door than the command line gives the lines themselves, and opens no file of this machine', async () => {
  const olga: Actor = { ...MACHINE, id: 'olga', roles: ['owner'], via: 'api' }
  const lines = [line(600), line(601, { email: 'none' })].map((each) => JSON.stringify(each)).join('\n')
  const told = await runVerb(core().admin, planPeople, { source: 'oud', lines }, olga)
  expect(told).toMatchObject({ totals: { create: 1, refuse: 1 }, refused: [{ line: 2, faults: [{ field: 'email' }] }] })
  const file = fileOf(app.folder, 'people.jsonl', [])
  const opened = runVerb(core().admin, planPeople, { source: 'oud', file }, olga)
  await expect(opened).rejects.toThrow(/reads no file/)
})

test('without the option for roles nothing of somebody who has one is changed but what they are called', async () => {
  const password = '$2b$06$be8LfpKitFe29VuR0SxDx./hh5VDb8dF9XmglxWaWNO/Qph0c6eBO'
  const path = (given: object) => fileOf(app.folder, 'colleague.jsonl', [line(450, { ...given })])
  await bringIn(core(), { file: path({ roles: ['auditor'] }), withRoles: true })
  const next = { name: 'Nieuw', password, email: 'aanvaller@oud.example' }
  const done = await bringIn(core(), { file: path(next) })
  expect(done).toMatchObject({ totals: { change: 1 }, written: 1 })
  expect(done.conflicts).toMatchObject([
    { conflicts: ['email', 'password'].map((field) => ({ field, reason: 'has-role' })) },
  ])
  const found = await core().store.durable.people.findBy(keyOf.external('oud', 'm450'))
  expect(found?.record.account).toMatchObject({ name: 'Nieuw', email: 'mens450@oud.example', status: 'invited' })
  const withRoles = await plan(core(), { file: path(next), withRoles: true })
  expect(withRoles).toMatchObject({ totals: { change: 1 }, conflicts: [] })
})

test('what was proven of an address is not proven of the next, and the run after that meets no conflict', async () => {
  const path = (given: object) => fileOf(app.folder, 'proof.jsonl', [line(460, { email_verified: true, ...given })])
  await bringIn(core(), { file: path({}) })
  const proof = async () =>
    (await core().store.durable.people.findBy(keyOf.external('oud', 'm460')))?.record.account?.emailVerified
  expect(await proof()).toBeUndefined()
  const moved = { email: 'nieuw460@oud.example' }
  expect(await bringIn(core(), { file: path({ ...moved, email_verified: undefined }) })).toMatchObject({ written: 1 })
  expect(await proof()).toBe(false)
  expect(await bringIn(core(), { file: path(moved) })).toMatchObject({ totals: { change: 1, conflict: 0 }, written: 1 })
  expect(await proof()).toBeUndefined()
})

test('a plan is of the organization that was found, not of what it was called', async () => {
  await run(core(), 'organization:add', { name: 'Smid' })
  const file = fileOf(app.folder, 'renamed.jsonl', [line(470, { organization: 'Smid' })])
  const { digest } = await plan(core(), { file })
  await run(core(), 'organization:change', { organization: 'Smid', name: 'Slotenmaker' })
  await run(core(), 'organization:add', { name: 'Smid' })
  await expect(run(core(), 'people:apply', { source: 'oud', file, plan: digest })).rejects.toThrow(/1 to create/)
})

test('an address that looks like another is told of, of somebody new and of somebody who had another', async () => {
  const path = (lines: Array<[number, object]>) =>
    fileOf(
      app.folder,
      'alike.jsonl',
      lines.map(([number, given]) => line(number, { ...given })),
    )
  const { id } = await run<{ id: string }>(core(), 'organization:add', { name: 'Molen', domain: ['molen.example'] })
  await bringIn(core(), {
    file: path([
      [480, { id: 'mens-480' }],
      [481, { id: 'mens-481' }],
    ]),
  })
  const told = async (lines: Array<[number, object]>) =>
    (await plan(core(), { file: path(lines) })).looksLike.map(({ line: at, looksLike }) => [at, looksLike])
  // Their own one counts for nothing.
  expect(
    await told([
      [480, { email: 'mens.480@oud.example' }],
      [481, { email: 'rnens480@oud.example' }],
    ]),
  ).toEqual([
    [1, 'another-line'],
    [2, 'another-line'],
  ])
  expect(await told([[480, { email: 'mens.480@oud.example' }]])).toEqual([])
  expect(
    await told([
      [481, { email: 'rnens480@oud.example' }],
      [482, { email: 'jan@mo1en.example' }],
    ]),
  ).toEqual([
    [1, 'mens-480'],
    [2, id],
  ])
})

test('a plan that would do something else by now is not done', async () => {
  const file = fileOf(app.folder, 'moved.jsonl', [line(500), line(501)])
  const { digest } = await plan(core(), { file })
  await run(core(), 'person:invite', { email: 'mens500@oud.example', name: 'Iemand anders' })
  const given = { source: 'oud', file, plan: digest }
  await expect(run(core(), 'people:apply', given)).rejects.toThrow(/1 to create, 0 to change, 1 refused/)
  expect(await core().store.durable.people.findBy(keyOf.external('oud', 'm501'))).toBeUndefined()
  rmSync(file)
  await expect(run(core(), 'people:apply', given)).rejects.toThrow(/file/)
})

/** What each verb for organizations does, and how it says no. */
import { describe, expect, test } from 'vitest'
import {
  addOrganization,
  changeOrganization,
  disableOrganization,
  enableOrganization,
  listOrganizations,
  mergeOrganizations,
  showOrganization,
} from '../../../src/admin/organizations.ts'
import { invitePerson } from '../../../src/admin/people.ts'
import { runVerb, type Verb } from '../../../src/admin/verb.ts'
import { directory } from '../../../src/organization/directory.ts'
import { organizationKind } from '../../../src/organization/kind.ts'
import { registry } from '../../../src/organization/registry.ts'
import { mirror } from '../../../src/record/mirror.ts'
import { administration, MACHINE, NOW, onPages } from '../../support/unit/administration.ts'
import { memoryRecords } from '../../support/unit/memory-records.ts'

const CHRIS = onPages('chris')
const DE_VRIES = { name: 'Bakkerij de Vries', number: '4711', domain: ['DeVries.example', 'пекарня.рф'] }

async function registered() {
  const records = memoryRecords(organizationKind)
  const held = await mirror({ records, keys: organizationKind.keys, now: () => 0, clocksApart: 0 })
  const organizations = directory(held)
  const finished: string[] = []
  const events: unknown[] = []
  const parts = administration({
    organizations,
    memberships: { finish: async (id) => void finished.push(id) },
    audit: async (event) => void events.push(event),
  })
  const { audit } = parts.context
  const context = { ...parts.context, registry: registry({ records, directory: organizations, audit, now: () => NOW }) }
  const run = <R>(verb: Verb<R>, given: object, actor = CHRIS) => runVerb(context, verb, given, actor)
  const { id } = await run(addOrganization, DE_VRIES)
  return { run, id, finished, events, context }
}

test('one that was added is found by its id, number and name in any spelling', async () => {
  const { run, id } = await registered()
  for (const organization of [id, ' 4711', 'BAKKERIJ  de vries'])
    expect(await run(showOrganization, { organization })).toEqual({
      id,
      name: 'Bakkerij de Vries',
      number: '4711',
      status: 'active',
      phase: 'none',
      version: 1,
      domains: ['devries.example', 'xn--80ajpngj0i.xn--p1ai'],
      contacts: [],
      campaign: undefined,
      mergedInto: undefined,
      people: 0,
      createdAt: NOW,
      changedAt: NOW,
    })
})

describe('what is not in order is told by its field', () => {
  test.each<[what: string, given: object, path: string]>([
    ['no name', {}, 'name'],
    ['an empty name', { name: ' ' }, 'name'],
    ['a name with a line break', { name: 'A\nB' }, 'name'],
    ['a name that becomes a key', { name: '__proto__' }, 'name'],
    ['a number that becomes a key', { name: 'A', number: 'constructor' }, 'number'],
    ['a citizen service number as the name', { name: 'A 111222333' }, 'name'],
    ['a domain that is an address', { name: 'A', domain: ['https://a.nl'] }, 'domain.0'],
    ['a host alone', { name: 'A', domain: ['intranet'] }, 'domain.0'],
    ['a contact that is no address', { name: 'A', contact: ['Jan'] }, 'contact.0'],
    ['a day that there is not', { name: 'A', start: '2026-02-30' }, 'start'],
    ['a deadline without a start', { name: 'A', deadline: '2026-02-01' }, 'start'],
    ['a deadline before the start', { name: 'A', start: '2026-02-02', deadline: '2026-02-01' }, 'deadline'],
  ])('%s', async (_what, given, path) => {
    const { run } = await registered()
    await expect(run(addOrganization, given)).rejects.toMatchObject({
      code: 'invalid-input',
      faults: expect.arrayContaining([expect.objectContaining({ path })]),
    })
  })
})

test.each<[what: string, given: object, said: string]>([
  ['a name in another spelling', { name: 'bakkerij DE VRIES' }, 'Bakkerij de Vries has this name already'],
  ['a number', { name: 'Other', number: '4711' }, 'Bakkerij de Vries has this number already'],
  ['a number as the name', { name: '4711' }, 'Bakkerij de Vries has this name already'],
  ['a domain', { name: 'Other', domain: ['devries.EXAMPLE'] }, 'Bakkerij de Vries has this domain already'],
])('what another has is not given out twice: %s', async (_what, given, said) => {
  const { run } = await registered()
  await expect(run(addOrganization, given)).rejects.toMatchObject({ code: 'organization-taken', message: said })
  const { id } = await run(addOrganization, { name: 'Third' })
  const changed = run(changeOrganization, { organization: id, ...given })
  await expect(changed).rejects.toMatchObject({ code: 'organization-taken', message: said })
})

test('what is not said stays, and an empty text takes away', async () => {
  const { run, id } = await registered()
  const change = (given: object) => run(changeOrganization, { organization: id, ...given })
  const dated = { start: '2026-12-01', deadline: '2027-01-01', contact: ['hr@devries.example', 'hr@devries.example'] }
  expect((await change(dated)).changed).toEqual(['contacts', 'campaign'])
  expect(await run(showOrganization, { organization: id })).toMatchObject({
    number: '4711',
    contacts: ['hr@devries.example'],
    campaign: { startsAt: Date.parse('2026-12-01'), deadlineAt: Date.parse('2027-01-01') },
  })
  expect((await change({ deadline: '' })).changed).toEqual(['campaign'])
  const emptied = await change({ number: '', domain: [''], contact: [''], start: '' })
  expect(emptied.changed).toEqual(['number', 'domains', 'contacts', 'campaign'])
  expect(await run(showOrganization, { organization: id })).toMatchObject({
    number: undefined,
    domains: [],
    contacts: [],
    campaign: undefined,
  })
  expect((await change({ name: 'Bakkerij de Vries' })).changed).toEqual([])
  await expect(change({ start: '2027-02-01', deadline: '2027-01-01' })).rejects.toMatchObject({
    faults: [{ path: 'deadline' }],
  })
})

test('disabled, it is enabled only when all that was signed in has ended', async () => {
  const { run, id, finished } = await registered()
  const organization = id
  await expect(run(enableOrganization, { organization })).rejects.toMatchObject({ code: 'not-disabled', status: 409 })
  await run(disableOrganization, { organization })
  await expect(run(disableOrganization, { organization })).rejects.toMatchObject({ code: 'already-disabled' })
  expect(finished).toEqual([])
  expect(await run(enableOrganization, { organization })).toEqual({ id, status: 'active' })
  expect(finished).toEqual([id])
})

test('two that are the same become one; what cannot be merged says why', async () => {
  const { run, id } = await registered()
  const { id: second } = await run(addOrganization, { name: 'De Vries BV', number: '12' })
  const merge = (organization: string, into: string) => run(mergeOrganizations, { organization, into })
  await expect(merge(id, '4711')).rejects.toMatchObject({ code: 'same' })
  await run(disableOrganization, { organization: id })
  await expect(merge('12', id)).rejects.toMatchObject({ code: 'disabled' })
  await expect(merge(id, '12')).rejects.toMatchObject({ code: 'disabled' })
  await run(enableOrganization, { organization: id })
  expect(await merge('12', '4711')).toEqual({ id: second, mergedInto: id })
  await expect(merge('12', '4711')).rejects.toMatchObject({ code: 'merged' })
  await expect(merge('4711', '12')).rejects.toMatchObject({ code: 'same' })
  for (const verb of [changeOrganization, disableOrganization, enableOrganization] as Verb[])
    await expect(run(verb, { organization: second, name: 'x' })).rejects.toMatchObject({ code: 'merged' })
  expect(await run(showOrganization, { organization: '12' })).toMatchObject({ status: 'merged', mergedInto: id })
})

test('the list is by name, a page at a time, narrowed by a part of anything that it is called', async () => {
  const { run, id } = await registered()
  for (const name of ['Zuivel', 'aardappel', 'Éclair']) await run(addOrganization, { name })
  await run(disableOrganization, { organization: 'zuivel' })
  const names = async (given: object) => (await run(listOrganizations, given)).map(({ name }) => name)
  expect(await names({})).toEqual(['aardappel', 'Bakkerij de Vries', 'Zuivel', 'Éclair'])
  expect(await names({ limit: '2' })).toEqual(['aardappel', 'Bakkerij de Vries'])
  expect(await names({ limit: 2, after: id })).toEqual(['Zuivel', 'Éclair'])
  expect(await names({ text: 'VRIES' })).toEqual(['Bakkerij de Vries'])
  expect(await names({ text: '471' })).toEqual(['Bakkerij de Vries'])
  expect(await names({ status: 'disabled' })).toEqual(['Zuivel'])
})

test('one that is misspelled is said to be unknown, with the one that is nearest', async () => {
  const { run } = await registered()
  await expect(run(showOrganization, { organization: 'Bakery de Vries' })).rejects.toMatchObject({
    code: 'not-found',
    message: 'there is no such organization: did you mean Bakkerij de Vries?',
  })
  await expect(run(showOrganization, { organization: 'Notaris' })).rejects.toMatchObject({ message: /organization$/ })
})

test.each<[reason: 'unknown-organization' | 'disabled-organization', said: string, nearest: string | undefined]>([
  [
    'unknown-organization',
    'there is none of this name or number: did you mean Bakkerij de Vries?',
    'Bakkerij de Vries',
  ],
  ['disabled-organization', 'is disabled', undefined],
])('nobody is invited into one that is not there, or lets nobody in: %s', async (reason, said, nearest) => {
  const { context } = await registered()
  const refusing = { ...context, links: { invite: async () => ({ ok: false as const, reason }) } }
  const given = { email: 'bob@sigma.example', name: 'Bob', organization: 'Bakerij de Vries' }
  await expect(runVerb(refusing, invitePerson, given, MACHINE)).rejects.toMatchObject({
    faults: [{ path: 'organization', reason: said }],
    nearest,
  })
})

test('every change is in the trail by the id of the organization, with who did it', async () => {
  const { run, id, events } = await registered()
  await run(changeOrganization, { organization: id, name: 'Bakkerij' })
  await run(disableOrganization, { organization: id })
  await run(enableOrganization, { organization: id })
  const { id: other } = await run(addOrganization, { name: 'Other' })
  await run(mergeOrganizations, { organization: other, into: id })
  const told = (events as Array<{ type: string; actor?: string; details: Record<string, string> }>).filter(
    ({ type }) => type !== 'admin.verb',
  )
  expect(told.map(({ type, actor, details }) => [type, actor, details])).toEqual([
    ['organization.added', 'chris', { organization: id }],
    ['organization.changed', 'chris', { organization: id, fields: 'name' }],
    ['organization.disabled', 'chris', { organization: id }],
    ['organization.enabled', 'chris', { organization: id }],
    ['organization.added', 'chris', { organization: other }],
    ['organization.merged', 'chris', { organization: other, into: id }],
  ])
})

test.each([
  ['hanna', [listOrganizations, showOrganization]],
  ['anna', [listOrganizations, showOrganization]],
  ['sanne', []],
  ['olga', [listOrganizations, showOrganization, addOrganization]],
])('%s may run these and no other', async (who, allowed: Verb[]) => {
  const { run } = await registered()
  const given = { organization: '4711', name: 'Another', into: '4711' }
  const all = [listOrganizations, showOrganization, addOrganization, changeOrganization, disableOrganization] as Verb[]
  for (const verb of [...all, enableOrganization, mergeOrganizations].filter(
    (one) => who !== 'olga' || allowed.includes(one),
  )) {
    const outcome = run(verb, given, onPages(who)).then(
      () => 'done',
      (fault: { code: string }) => fault.code,
    )
    expect([verb.name, await outcome]).toEqual([verb.name, allowed.includes(verb) ? 'done' : 'not-allowed'])
  }
})

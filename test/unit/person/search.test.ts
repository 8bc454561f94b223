/** The rules for when the help desk looks for somebody. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Account } from '../../../src/person/account.ts'
import { AWKWARD, account, emailUndo, link, NOW } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const accounts = () => bench()
const search = async (text: string, limit = 10) =>
  (await accounts().searchAccounts(text, limit)).map(({ name }) => name)
let age = 0

async function kept(name: string, email: string, given: Partial<Account> = {}) {
  age += 1
  const one = account({ name, email, emailKey: email.toLowerCase(), createdAt: NOW + age, ...given })
  await accounts().insertAccount(one, link(one.id), [])
  return one
}

describe('looking for people', () => {
  let sanne: Account

  beforeEach(async () => {
    await kept('Émile Zo\u0308e', 'emile@sigma.example')
    sanne = await kept('Sanne de Vries', 'S.deVries@sigma.example', { previousEmail: 'old@sigma.example' })
    await kept('Bram Evers', 'bram@sigma.example', { noticeEmail: 'notice@sigma.example' })
  })

  test('finds the whole account by its id, and by no part of it', async () => {
    expect(await accounts().searchAccounts(` ${sanne.id} `, 10)).toEqual([sanne])
    expect(await search(sanne.id.slice(0, -1))).toEqual([])
    expect(await search(sanne.id.slice(1))).toEqual([])
  })

  test('finds by the beginning of the present address, whatever its case, and by no other part', async () => {
    expect(await search('S.DeVries@sigma.example')).toEqual(['Sanne de Vries'])
    expect(await search('s.dev')).toEqual(['Sanne de Vries'])
    for (const part of ['devries', '@sigma', 'sigma.example', 'old@', 'notice@', 'S.deVries@sigma.example.org']) {
      expect(await search(part)).toEqual([])
    }
  })

  test('finds by any part of the name, whatever its case or how é is written; newest first', async () => {
    expect(await search('VRIES')).toEqual(['Sanne de Vries'])
    expect(await search('e')).toEqual(['Bram Evers', 'Sanne de Vries', 'Émile Zo\u0308e'])
    for (const part of ['émile', 'e\u0301MILE', 'ZÖE', ' zo\u0308e ']) {
      expect(await search(part)).toEqual(['Émile Zo\u0308e'])
    }
    expect(await search('sanne vries')).toEqual([])
  })

  test('is cut at its limit, and nothing typed finds everybody', async () => {
    expect(await search('e', 2)).toEqual(['Bram Evers', 'Sanne de Vries'])
    expect(await search('', 2)).toEqual(['Bram Evers', 'Sanne de Vries'])
    expect(await search('  ')).toHaveLength(3)
  })

  test('an attack by wildcards, patterns or code finds what it spells, and no more', async () => {
    for (const text of ['%', '_', '.*', 's.nne', '^s', 'sann*', '" OR 1=1 --', "' OR ''='", '[s]', '\u0000', '\\']) {
      expect(await search(text)).toEqual([])
    }
    await kept('100% {"$ne":null}', 'x@sigma.example')
    for (const text of ['%', '100%', '{"$ne":null}']) expect(await search(text)).toEqual(['100% {"$ne":null}'])
    await kept(`a${AWKWARD}`, 'y@sigma.example')
    expect(await search(AWKWARD)).toEqual([`a${AWKWARD}`])
  })

  test('finds an account by the address that it changed to, and not by the one before', async () => {
    const wanted = { email: 'new@sigma.example', emailKey: 'new@sigma.example' }
    const code = {
      key: 'key',
      accountId: sanne.id,
      digest: 'digest',
      sealed: 's',
      createdAt: NOW,
      expiresAt: NOW + 1,
    }
    await accounts().putAddressCode(code, [])
    const undo = emailUndo({ ...sanne, ...wanted }, { digest: 'undo' })
    const change = { accountId: sanne.id, epoch: sanne.epoch, code, ...wanted, at: NOW, undo }
    expect(await accounts().changeEmail(change, [])).toBe('changed')
    expect(await search('new@')).toEqual(['Sanne de Vries'])
    expect(await search('s.dev')).toEqual([])
  })
})

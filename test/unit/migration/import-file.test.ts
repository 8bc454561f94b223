/** What stands in a file of another system: lines or a list, one realm or several. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { ExporterName } from '../../../src/migration/exporters.ts'
import { fileInText, fileOnDisk, type ImportFile } from '../../../src/migration/import-file.ts'
import { items } from '../../../src/migration/reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'import-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function idsOf(file: ImportFile): Promise<unknown[]> {
  const found = await Array.fromAsync(file.items())
  return found.map(({ value }) => (value.ok ? (value.value as { id?: unknown }).id : value.code))
}

function onDisk(from: ExporterName, text: string, realm?: string, name = 'export.json'): ImportFile {
  writeFileSync(join(folder, name), text)
  return fileOnDisk(join(folder, name), from, realm)
}

const users = (...ids: string[]) => ids.map((id) => ({ id, said: '"realm": "]}{["' }))
const lined = (all: object[]) => all.map((each) => JSON.stringify(each)).join('\n')

describe('Auth0', () => {
  test.each<[string, string]>([
    ['lines', lined(users('a', 'b'))],
    ['a list', JSON.stringify(users('a', 'b'))],
    ['a list over many lines', JSON.stringify(users('a', 'b'), null, 2)],
    ['a list after a byte order mark and empty lines', `\ufeff\r\n \n${JSON.stringify(users('a', 'b'))}\n`],
    ['lines after a byte order mark and empty lines', `\ufeff\r\n \n${lined(users('a', 'b'))}\n`],
  ])('%s, in a file or in a request', async (_what, text) => {
    expect(await idsOf(onDisk('auth0', text))).toEqual(['a', 'b'])
    expect(await idsOf(fileInText(text, 'auth0'))).toEqual(['a', 'b'])
  })

  test('a list that ends in the middle of somebody, an empty one, and nothing at all', async () => {
    expect(await idsOf(onDisk('auth0', '[{"id":"a"},{"id":"b"'))).toEqual(['a', 'not-json'])
    expect(await idsOf(onDisk('auth0', '[]'))).toEqual([])
    expect(await idsOf(onDisk('auth0', ' \n'))).toEqual([])
  })

  test('lines of ours are lines, whatever they begin with', async () => {
    expect(await idsOf(onDisk('people', '[]\n{"id":"a"}', undefined, 'people.jsonl'))).toEqual([undefined, 'a'])
  })
})

describe('Keycloak', () => {
  const realm = (name: string, ...ids: string[]) => ({
    ...{ id: `${name}-id`, realm: name, roles: { realm: [{ name: 'users', realm: 'x' }] } },
    users: users(...ids),
    clients: [{ users: users('no') }],
  })
  const several = [realm('master', 'm'), realm('één "twee"', 'a', 'b'), realm('leeg')]
  /** Names that come after the people. */
  const backwards = several.map((each) => Object.fromEntries(Object.entries(each).reverse()))

  test.each<[string, object, string | undefined, string[]]>([
    ['a document of one realm', realm('een', 'a'), undefined, ['a']],
    ['a document of one realm that is asked for', realm('een', 'a'), 'een', ['a']],
    ['a list of one realm', [realm('een', 'a')], undefined, ['a']],
    ['the first of several', several, 'master', ['m']],
    ['another of several', several, 'één "twee"', ['a', 'b']],
    ['one without people', several, 'leeg', []],
    ['one whose name comes last', backwards, 'één "twee"', ['a', 'b']],
    ['a list of people', users('a', 'b'), undefined, ['a', 'b']],
  ])('%s', async (_what, document, name, ids) => {
    for (const indent of [0, 2])
      expect(await idsOf(onDisk('keycloak', JSON.stringify(document, null, indent), name))).toEqual(ids)
  })

  test.each<[string, object, string | undefined, string]>([
    ['several of which none is asked for', several, undefined, 'is needed: the file has master, één "twee", leeg'],
    ['one that is not among them', several, 'twee', 'is none of the file, which has master, één "twee", leeg'],
    ['another than the only one', realm('een', 'a'), 'twee', 'is none of the file, which has een'],
    ['one where there are people only', users('a'), 'een', 'is none of the file, which has none'],
  ])('%s is told of, with those that there are', async (_what, document, name, reason) => {
    const file = onDisk('keycloak', JSON.stringify(document), name)
    await expect(idsOf(file)).rejects.toMatchObject({ faults: [{ path: 'realm', reason }] })
  })

  test('a realm in pieces of any size', async () => {
    const bytes = Buffer.from(JSON.stringify(several))
    async function* inPieces(size: number) {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    }
    for (const size of [1, 2, 5, 1000]) {
      const found = await Array.fromAsync(items(inPieces(size), 'document', 1))
      expect(found.map(({ value }) => value)).toEqual(users('a', 'b').map((value) => ({ ok: true, value })))
    }
  })
})

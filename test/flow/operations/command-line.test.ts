/** The command line, beside a running server on the same data. */

import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { VERBS } from '../../../src/admin/verbs.ts'
import {
  commandLine,
  type Installation,
  installation,
  linkFrom,
  prepared,
  startServer,
} from '../../support/app/process.ts'
import { Person } from '../../support/people/person.ts'

const EMAIL = 'bob@sigma.example'
const PASSWORD = 'vier losse woorden samen'
const DECIDE = ['case:decide', '--number', '12345678', '--decision', 'issue']

async function publishedKeys(where: Installation): Promise<string[]> {
  const { keys } = (await (await fetch(`${where.origin}/jwks`)).json()) as { keys: Array<{ kid: string }> }
  return keys.map(({ kid }) => kid).sort()
}

test('person:invite makes an account whose mail the running server sends, and whose link works', async () => {
  const where = await installation()
  await startServer(where)
  const names = ['--name', 'Bob Jansen', '--given-name', 'Bob', '--family-name', 'Jansen']
  const early = await commandLine(where, 'person:invite', '--email', EMAIL, ...names, '--organization', 'Bakkerij')
  expect(early).toMatchObject({ code: 1, out: '', err: '--organization: there is none of this name or number\n' })
  // Taken up by the running server, and by the next command.
  const added = await commandLine(
    where,
    'organization:add',
    '--name',
    'Bakkerij',
    '--domain',
    'a.nl',
    '--domain',
    'b.nl',
  )
  expect(added).toMatchObject({ code: 0, err: '' })
  const listed = JSON.parse((await commandLine(where, 'organization:list')).out)
  expect(listed).toEqual([{ id: JSON.parse(added.out).id, name: 'Bakkerij', status: 'active', phase: 'none' }])
  const options = [...names, '--organization', 'Bakkerij', '--locale', 'en', '--role', 'owner']
  const { code, out, err } = await commandLine(
    where,
    'person:invite',
    '--email',
    EMAIL,
    ...options,
    '--role',
    'auditor',
  )
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(JSON.parse(out)).toEqual({ id: expect.stringMatching(/^[\w-]{36}$/), email: EMAIL, status: 'invited' })

  const { id } = JSON.parse(out) as { id: string }
  const shown = JSON.parse((await commandLine(where, 'person:show', '--person', id)).out)
  expect(shown).toMatchObject({ name: 'Bob Jansen', givenName: 'Bob', familyName: 'Jansen', organization: 'Bakkerij' })

  const bob = new Person()
  await bob.visit(await linkFrom(where, EMAIL))
  await bob.submit({ password: PASSWORD, repeat: PASSWORD })
  await bob.submit({ email: EMAIL, password: PASSWORD })
  expect(bob.page.html).toContain('Bob Jansen')

  const again = await commandLine(where, 'person:invite', '--email', EMAIL.toUpperCase(), '--name', 'Bob')
  expect(again).toMatchObject({ code: 1, out: '' })
  expect(again.err).toBe(`${EMAIL.toUpperCase()} has an account already\n`)
})

test('an organization that is disabled at the command line is out at the running server within two seconds', async () => {
  const people = [{ email: EMAIL, name: 'Bob Jansen', locale: 'en', organization: 'Bakkerij' }]
  const where = await installation({ settings: { people } })
  await startServer(where)
  const bob = new Person()
  await bob.visit(await linkFrom(where, EMAIL))
  await bob.submit({ password: PASSWORD, repeat: PASSWORD })
  await bob.submit({ email: EMAIL, password: PASSWORD })
  expect(bob.page.html).toContain('Bob Jansen')
  const account = async () => (await bob.visit(`${where.origin}/account`)).html.includes('name="password"')
  expect(await account()).toBe(false)

  const misspelled = await commandLine(where, 'organization:disable', '--organization', 'Bakerij')
  expect(misspelled.err).toBe('there is no such organization: did you mean Bakkerij?\n')
  const { code, out } = await commandLine(where, 'organization:disable', '--organization', ' BAKKERIJ')
  expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, status: 'disabled' })
  await expect.poll(account, { timeout: 2000 }).toBe(true)
  // What is left of it the server does by itself, and says so.
  const trail = async () => (await commandLine(where, 'audit:list')).out
  await expect.poll(trail, { timeout: 30_000 }).toContain('sign-out.everywhere')
})

test.each([
  ['an address that is none', ['person:invite', '--email', 'bob', '--name', 'Bob'], /--email: /],
  ['no name', ['person:invite', '--email', EMAIL], /--name/],
  ['a name with a line break', ['person:invite', '--email', EMAIL, '--name', 'Bob\nJansen'], /--name: has control/],
  [
    'a given name with a line break',
    ['person:invite', '--email', EMAIL, '--name', 'Bob', '--given-name', 'B\n'],
    /--given-name: has/,
  ],
  ['an unknown role', ['person:invite', '--email', EMAIL, '--name', 'Bob', '--role', 'king'], /--role/],
  ['an unknown language', ['person:invite', '--email', EMAIL, '--name', 'Bob', '--locale', 'tlh'], /--locale: /],
  ['an unknown option', ['key:rotate', '--hard'], /--hard/],
  ['a value that is left out', ['person:invite', '--email'], /--email/],
  ['an unknown command', ['person:crown'], /person:crown/],
  ['a case number of seven digits', ['case:show', '--number', '1234567'], /^--number: .*eight digits \[format\]$/m],
  ['an unknown check', [...DECIDE, '--check', 'horoscope'], /^--check: /m],
  ['a citizen service number in a note', [...DECIDE, '--check', 'video', '--note', '111222333'], /^--note: .*BSN/m],
  ['a list of no length', ['audit:list', '--limit', 'every'], /^--limit: a number of records, or all/m],
])('%s is refused with its name, exit code 1 and nothing done', async (_what, args, said) => {
  const where = await installation()
  await refused(where, args, said)
  expect(existsSync(where.data)).toBe(false)
})

test.each([
  ['a person', ['person:show', '--person', 'nobody'], /^there is no such person$/m],
  ['a case', ['case:show', '--number', '1234 5678'], /^there is no case with this number$/m],
])('%s of nobody is refused', async (_what, args, said) => refused(await prepared(await installation()), args, said))

test.each([
  ['person:invite', '--email', EMAIL, '--name', 'Bob'],
  ['audit:verify'],
  ['store:backup', '--to', '/nowhere/sigma-id.db'],
  ['store:restored', '--nodes-stopped'],
])('%s in a wrong folder makes no store, and says which one it would be and why', async (...args) => {
  const where = await installation()
  const keys = { ...where.env, SIGMA_KEYS: `k:${randomBytes(32).toString('base64')}` }
  for (const env of [where.env, keys]) {
    await refused(
      { ...where, env },
      args,
      /^there is no store \S+\/data\/sigma-id\.db, which \S+\.yaml \(SIGMA_CONFIG\) leads to: /,
    )
    expect(existsSync(where.data)).toBe(false)
  }
})

test('a command makes no key beside a store whose own is gone', async () => {
  const where = await prepared(await installation())
  rmSync(join(where.data, 'development.key'))
  await refused(where, ['audit:verify'], /SIGMA_KEYS: is missing, and there is no \S+\/development\.key either/)
  expect(readdirSync(where.data)).toEqual(['sigma-id.db'])
})

async function refused(where: Installation, args: string[], said: RegExp): Promise<void> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(said)
  expect(err).not.toMatch(/^\s+at /m)
}

test('the trail is found by the names that other products have for its filters, and told a record a line', async () => {
  const where = await prepared(await installation())
  await commandLine(where, 'person:invite', '--email', EMAIL, '--name', 'Bob')
  await commandLine(where, 'key:list')
  const kinds = async (...args: string[]) => {
    const { code, out } = await commandLine(where, 'audit:list', '--format', 'jsonl', '--limit', '100000', ...args)
    expect(code).toBe(0)
    return out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).type)
  }
  expect(await kinds('--type', 'account.invited', '--since', '2020-01-01')).toEqual(['account.invited'])
  expect(await kinds('--kind', 'account.invited')).toEqual(['account.invited'])
  expect(await kinds('--client', 'nobody')).toEqual([])
  expect(await kinds('--correlation', 'ABCD2345')).toEqual([])
  expect(await kinds('--correlation', 'XXXXABCD2345')).toEqual([])
})

test('a running server publishes a rotated key without a restart', async () => {
  const where = await installation()
  await startServer(where)
  const before = await publishedKeys(where)

  const early = await commandLine(where, 'key:rotate')
  expect(early).toMatchObject({ code: 1, out: '' })
  expect(early.err).toMatch(/less than a day ago.*--force/)
  expect(await publishedKeys(where)).toEqual(before)

  const { code, out } = await commandLine(where, 'key:rotate', '--force')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual({ rotation: 'rotated' })
  await expect.poll(() => publishedKeys(where), { timeout: 30_000 }).not.toEqual(before)
  // What the previous keys signed must still be verifiable.
  expect(await publishedKeys(where)).toEqual(expect.arrayContaining(before))

  const listed = JSON.parse((await commandLine(where, 'key:list')).out) as Array<Record<string, unknown>>
  expect(listed.map(({ alg, state }) => `${alg} ${state}`).sort()).toEqual(
    ['ES256', 'RS256'].flatMap((alg) => ['current', 'next', 'previous'].map((state) => `${alg} ${state}`)),
  )
  expect(listed.map(({ kid }) => kid).sort()).toEqual(await publishedKeys(where))
  for (const key of listed) expect(Object.keys(key)).not.toContain('sealed')
})

test('audit:verify finds a record that was changed behind the product’s back', async () => {
  const where = await installation()
  await startServer(where)
  for (const name of ['one', 'two', 'three']) {
    await commandLine(where, 'person:invite', '--email', `${name}@sigma.example`, '--name', name)
  }
  const intact = await commandLine(where, 'audit:verify')
  expect(intact).toMatchObject({ code: 0, err: '' })
  expect(JSON.parse(intact.out)).toEqual({ intact: true })

  const db = new DatabaseSync(join(where.data, 'sigma-id.db'))
  db.exec(`DROP TRIGGER audit_is_final; UPDATE audit SET outcome = 'refused' WHERE seq = 2`)
  db.close()
  const broken = await commandLine(where, 'audit:verify')
  expect(broken).toMatchObject({ code: 1, out: '' })
  expect(broken.err).toMatch(/^record [\w-]{16} does not fit/)
})

test('Q-01: what a terminal would obey in a name is printed as text, and is the same JSON', async () => {
  const where = await prepared(await installation())
  const { out: invited } = await commandLine(where, 'person:invite', '--email', EMAIL, '--name', 'Bob')
  const { id } = JSON.parse(invited) as { id: string }
  // None of the doors lets such a name in; a restored database may have it all the same.
  const name = 'Bob\u009b31m\u202eseirV\u{e0041}'
  const db = new DatabaseSync(join(where.data, 'sigma-id.db'))
  db.prepare(`UPDATE people SET record = json_set(record, '$.account.name', ?)`).run(name)
  db.close()

  const { code, out } = await commandLine(where, 'person:show', '--person', id)
  expect(code).toBe(0)
  expect(out).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
  expect(JSON.parse(out)).toMatchObject({ id, name })
})

test('--help lists every command, and each says what it takes', async () => {
  const where = await installation()
  const { code, out } = await commandLine(where, '--help')
  expect(code).toBe(0)
  for (const { name } of VERBS) expect(out).toContain(name)
  const decide = await commandLine(where, 'case:decide', '--help')
  for (const said of ['--number', '--decision', 'issue or decline', '--check', 'call-back', '--note'])
    expect(decide.out).toContain(said)
})

test('audit:export makes a file that audit:verify-export takes, and no longer when a line of it was changed', async () => {
  const where = await prepared(await installation())
  for (const name of ['one', 'two'])
    await commandLine(where, 'person:invite', '--email', `${name}@sigma.example`, '--name', name)
  for (const format of ['jsonl', 'csv']) {
    const file = join(where.folder, `trail.${format}`)
    const made = await commandLine(where, 'audit:export', '--format', format, '--to', file)
    expect({ code: made.code, err: made.err }).toEqual({ code: 0, err: '' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const again = await commandLine(where, 'audit:export', '--format', format, '--to', file)
    expect(again).toMatchObject({ code: 1, err: '--to: is there already\n' })

    const checked = await commandLine(where, 'audit:verify-export', '--file', file)
    expect(checked).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(checked.out)).toMatchObject({ ok: true, whole: true })
    const content = readFileSync(file, 'utf8')
    expect(content).toContain('operator:')
    writeFileSync(file, content.replace('account.invited', 'account.enabled'))
    const broken = await commandLine(where, 'audit:verify-export', '--file', file)
    expect(broken).toMatchObject({ code: 1, out: '' })
    expect(broken.err).toMatch(/^line \d: record [\w-]{16} does not follow the one before it$/m)
  }
})

/** What others export becomes lines of ours: nothing is guessed, and nothing is left behind in silence. */
import { describe, expect, test } from 'vitest'
import { EXPORTERS } from '../../../src/migration/exporters.ts'
import { readLine } from '../../../src/migration/incoming.ts'
import { type Item, items } from '../../../src/migration/reader.ts'

async function* inPieces(text: string, size: number) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = (text: string, form: 'lines' | 'document', size = 7): Promise<Item[]> =>
  Array.fromAsync(items(inPieces(text, size), form))
const values = async (text: string, form: 'lines' | 'document', size = 7) =>
  (await read(text, form, size)).map(({ value }) => value)

describe('a document', () => {
  const users = [{ id: 'é', said: '"]}{[', list: [{ users: [1] }] }, { id: '2' }]

  test.each([
    ['with its people under users, whatever stands around them', { a: { users: [{ no: 1 }] }, users, z: [{ no: 2 }] }],
    ['that is a list', users],
  ])('%s, in pieces of any size', async (_what, document) => {
    for (const size of [1, 2, 5, 1000])
      expect(await values(JSON.stringify(document, null, 1), 'document', size)).toEqual(
        users.map((value) => ({ ok: true, value })),
      )
  })

  test('that ends in the middle of somebody says so', async () => {
    const whole = JSON.stringify({ users })
    expect(await values(whole.slice(0, -6), 'document')).toMatchObject([{ ok: true }, { ok: false, code: 'not-json' }])
    expect(await values(whole.slice(0, -1), 'document')).toMatchObject([{ ok: true }, { ok: true }, { ok: false }])
  })

  test('of one person of a gigabyte takes the memory of a line', async () => {
    const [one] = await values(`{"users":[{"x":"${'x'.repeat(200_000)}"}]}`, 'document', 1000)
    expect(one).toMatchObject({ ok: false, code: 'too-long' })
  })
})

test('lines have their numbers, with a byte order mark, carriage returns and empty ones between', async () => {
  const found = await read('\ufeff{"a":1}\r\n\r\n  \n{"a":2}', 'lines')
  expect(found.map(({ line, value }) => [line, value])).toEqual([
    [1, { ok: true, value: { a: 1 } }],
    [4, { ok: true, value: { a: 2 } }],
  ])
})

const reading = { acceptWeak: true, withRoles: [], countries: ['NL'], now: Date.now() }
const json = (value: object) => JSON.stringify(value)

describe('Keycloak', () => {
  const otp = (data: object) => ({
    type: 'otp',
    secretData: json({ value: 'aB3dE5gH7jK9mN1pQ2rS' }),
    credentialData: json(data),
  })
  const convert = (more: object) =>
    EXPORTERS.keycloak.convert({ id: '1', email: 'a@b.example', username: 'arie', ...more }, undefined)

  test('a counter instead of the time is refused, and a hash of somebody’s own provider', () => {
    expect(convert({ credentials: [otp({ subType: 'hotp', digits: 6, counter: 3 })] }).faults).toMatchObject([
      { field: 'totp.0', code: 'hotp' },
    ])
    const password = {
      type: 'password',
      secretData: json({ value: 'x', salt: 'y' }),
      credentialData: json({ algorithm: 'own' }),
    }
    const { line } = convert({ credentials: [password] })
    expect(readLine(line, reading)).toMatchObject({
      ok: false,
      faults: [{ field: 'password', code: 'unknown-scheme' }],
    })
  })

  test('the secret is the signs themselves', () => {
    const { line } = convert({
      credentials: [otp({ subType: 'totp', digits: 6, period: 30, algorithm: 'HmacSHA256' })],
    })
    expect(line.totp).toEqual([
      { secret: 'aB3dE5gH7jK9mN1pQ2rS', encoding: 'text', algorithm: 'SHA256', digits: 6, period: 30 },
    ])
  })

  test('who has no name is called as they sign in, and what is not there is not said', () => {
    expect(convert({}).line).toEqual({
      external_id: '1',
      id: '1',
      email: 'a@b.example',
      name: 'arie',
      status: 'active',
    })
  })
})

describe('Auth0', () => {
  const user = { user_id: 'auth0|1', email: 'a@b.example', email_verified: true, name: 'Ans' }
  const hash = (custom_password_hash: object) => {
    const read = readLine(EXPORTERS.auth0.convert({ ...user, custom_password_hash }, undefined).line, reading)
    return read.ok ? read.incoming.password?.scheme : read.faults.map(({ code }) => code)
  }

  test.each<[string, object, unknown]>([
    ['bcrypt', { algorithm: 'bcrypt', hash: { value: `$2b$10$${'a'.repeat(53)}` } }, 'bcrypt'],
    [
      'PBKDF2 as a PHC string',
      {
        algorithm: 'pbkdf2',
        hash: { value: `$pbkdf2-sha256$i=100000,l=32$c2FsdHNhbHRzYWx0$${'A'.repeat(43)}`, encoding: 'utf8' },
      },
      'pbkdf2',
    ],
    [
      'salted SHA-256',
      {
        algorithm: 'sha256',
        hash: { value: 'ab'.repeat(32), encoding: 'hex' },
        salt: { value: 'salt', position: 'suffix' },
      },
      'digest',
    ],
    [
      'MD4',
      { algorithm: 'md4', hash: { value: 'ab'.repeat(16), encoding: 'hex' }, salt: { value: 'salt' } },
      ['value'],
    ],
    ['MD5 without a salt', { algorithm: 'md5', hash: { value: 'ab'.repeat(16), encoding: 'hex' } }, ['malformed']],
  ])('%s', (_what, given, scheme) => expect(hash(given)).toEqual(scheme))

  const listed = (value: string, verified: boolean) => ({ type: 'email', value, verified })
  const phone = { type: 'phone', value: '+31600000000', verified: true }
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['the whole subject', { user_id: 'auth0|1', _id: { $oid: '2' } }, { external_id: 'auth0|1', id: 'auth0|1' }],
    ['the id alone, as with hashes', { _id: { $oid: '2' } }, { external_id: 'auth0|2', id: 'auth0|2' }],
    ['an id of their own', { _id: { $oid: '2' }, alt_id: '3' }, { external_id: 'auth0|3', id: 'auth0|3' }],
    ['neither', { name: 'Ans' }, { name: 'Ans' }],
    [
      'an address that is listed only',
      { name: 'Ans', identifiers: [phone, listed('a@b.example', true)] },
      { name: 'Ans', email: 'a@b.example', email_verified: true },
    ],
    [
      'the proof of another address',
      { name: 'Ans', email: 'a@b.example', identifiers: [listed('c@d.example', true)] },
      { name: 'Ans', email: 'a@b.example' },
    ],
  ])('%s', (_what, given, expected) =>
    expect(EXPORTERS.auth0.convert(given, undefined).line).toEqual({ status: 'active', ...expected }),
  )

  test('its id is kept, and its apps come along', () => {
    const factors = (...mfa_factors: object[]) =>
      EXPORTERS.auth0.convert({ ...user, blocked: true, mfa_factors }, undefined)
    const [totp, phone] = [{ totp: { secret: 'JBSW' } }, { phone: { value: '+31612345678' } }]
    const own = { id: 'auth0|1', status: 'disabled', email_verified: true, totp: [{ secret: 'JBSW' }] }
    const { line } = factors(totp, { phone: {} })
    expect(line).toMatchObject(own)
    expect(line).not.toHaveProperty('phone')
    expect(factors(totp, phone)).toMatchObject({
      line: { ...own, phone: { number: '+31612345678', verified: true } },
      notes: [],
    })
    const { notes = [] } = factors(phone, { phone: { value: '+31612345679' } }, { email: { value: user.email } })
    expect(notes.map(({ field }) => field)).toEqual(['mfa_factors.phone', 'mfa_factors.email'])
  })
})

test('Firebase: a hash without the parameters of its project is refused', () => {
  const user = { localId: 'f1', email: 'a@b.example', passwordHash: 'x', salt: 'y' }
  expect(EXPORTERS.firebase.convert(user, undefined).faults).toMatchObject([{ field: 'password', code: 'required' }])
  expect(EXPORTERS.firebase.convert({ ...user, passwordHash: undefined }, undefined).faults).toEqual([])
})

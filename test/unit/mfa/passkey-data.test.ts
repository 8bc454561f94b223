/** CBOR, and what authenticators write in it: read to the last byte, or not at all. */
import { describe, expect, test } from 'vitest'
import { readCbor } from '../../../src/mfa/passkey-cbor.ts'
import { readAttestationObject, readAuthenticatorData } from '../../../src/mfa/passkey-data.ts'
import { type CborKey, cbor, type Written } from '../../support/people/soft-key.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const map = (members: Record<string, Written>) => cbor(new Map(Object.entries(members)))

// RFC 8949 appendix A, as far as authenticators write it.
test.each<[bytes: string, value: unknown]>([
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['1903e8', 1000],
  ['1a000f4240', 1_000_000],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['20', -1],
  ['3863', -100],
  ['3903e7', -1000],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['f7', null],
  ['f93c00', null],
  ['fa47c35000', null],
  ['fb3ff199999999999a', null],
  ['40', Buffer.alloc(0)],
  ['4401020304', Buffer.of(1, 2, 3, 4)],
  ['60', ''],
  ['6449455446', 'IETF'],
  ['62c3bc', 'ü'],
  ['80', []],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['a0', new Map()],
  [
    'a201020304',
    new Map([
      [1, 2],
      [3, 4],
    ]),
  ],
  [
    'a26161016162820203',
    new Map<CborKey, unknown>([
      ['a', 1],
      ['b', [2, 3]],
    ]),
  ],
  [
    'a2 01 f5 6131 f4',
    new Map<CborKey, unknown>([
      [1, true],
      ['1', false],
    ]),
  ],
  // In more bytes than it needs.
  ['1800', 0],
  ['5900020102', Buffer.of(1, 2)],
])('%s is an item', (bytes, value) => expect(readCbor(hex(bytes), 0)).toEqual({ value, end: hex(bytes).length }))

test.each<[what: string, bytes: string]>([
  ['nothing', ''],
  ['a number cut short', '19 03'],
  ['bytes cut short', '44 010203'],
  ['text cut short', '62 c3'],
  ['bytes longer than memory', '5b ffffffffffffffff'],
  ['a list cut short', '82 01'],
  ['a list longer than memory', '9b ffffffffffffffff 01'],
  ['a map without its last value', 'a1 01'],
  ['a map longer than memory', 'bb ffffffffffffffff 0101'],
  ['a map that says one thing twice', 'a2 0101 0102 0203'],
  ['a map whose key is a list', 'a1 80 01'],
  ['a map whose key is of bytes', 'a1 4101 01'],
  ['bytes of indefinite length', '5f 4101 ff'],
  ['a list of indefinite length', '9f 01 ff'],
  ['a map of indefinite length', 'bf 0101 ff'],
  ['an end of what is indefinite', 'ff'],
  ['a tag', 'c1 1a514b67b0'],
  ['a length that is reserved', '1c'],
  ['a simple value of no meaning', 'f0'],
  ['a simple value of two bytes', 'f8 ff'],
  ['seventeen levels', `${'81'.repeat(16)} 01`],
  ['more levels than a stack has', '81'.repeat(100_000)],
])('%s is none', (_what, bytes) => expect(readCbor(hex(bytes), 0)).toBeUndefined())

test('sixteen levels are read', () => expect(readCbor(hex(`${'81'.repeat(15)} 01`), 0)).toBeDefined())

describe('an attestation object', () => {
  const right = { fmt: 'none', attStmt: new Map(), authData: Buffer.of(1) }

  test.each<[what: string, members: Record<string, Written>]>([
    ['without a statement', right],
    [
      'of another format',
      {
        ...right,
        fmt: 'packed',
        attStmt: new Map<CborKey, Written>([
          ['alg', -7],
          ['x5c', [Buffer.of(1)]],
        ]),
      },
    ],
    ['of a format that nobody knows', { ...right, fmt: 'later' }],
    ['with members to come', { ...right, later: [true] }],
    ['in another order', { authData: right.authData, attStmt: right.attStmt, fmt: right.fmt }],
  ])('%s', (_what, members) => expect(readAttestationObject(map(members))).toEqual(Buffer.of(1)))

  test.each<[what: string, bytes: Buffer]>([
    ['no map', cbor([1])],
    ['no format', map({ attStmt: right.attStmt, authData: right.authData })],
    ['a format of a number', map({ ...right, fmt: 1 })],
    ['no statement', map({ fmt: 'none', authData: right.authData })],
    ['a statement of text', map({ ...right, attStmt: '' })],
    ['no data', map({ fmt: 'none', attStmt: right.attStmt })],
    ['data in text', map({ ...right, authData: 'AQ' })],
    ['bytes behind it', Buffer.concat([map(right), Buffer.of(0)])],
    ['a byte too few', map(right).subarray(0, -1)],
  ])('%s is none', (_what, bytes) => expect(readAttestationObject(bytes)).toBeUndefined())
})

describe('the data of an authenticator', () => {
  const [AT, ED] = [0x40, 0x80]
  const key = cbor(new Map([[1, 2]]))
  const attested = Buffer.concat([Buffer.alloc(16, 0xab), Buffer.of(0, 2, 7, 8), key])
  const data = (flags: number, ...rest: Buffer[]) =>
    Buffer.concat([Buffer.alloc(32, 1), Buffer.of(flags, 0, 0, 1, 2), ...rest])

  test('flags, counter, credential and extensions each have their place', () => {
    expect(readAuthenticatorData(data(0x1d | AT | ED, attested, map({ credProtect: 2 })))).toEqual({
      rpIdHash: Buffer.alloc(32, 1),
      present: true,
      verified: true,
      backupEligible: true,
      backedUp: true,
      signCount: 258,
      attested: {
        aaguid: 'abababab-abab-abab-abab-abababababab',
        credentialId: Buffer.of(7, 8),
        key: new Map([[1, 2]]),
      },
    })
  })

  test.each<[flag: number, set: string[]]>([
    [0x00, []],
    [0x01, ['present']],
    [0x04, ['verified']],
    [0x08, ['backupEligible']],
    [0x10, ['backedUp']],
    // Reserved for what is to come.
    [0x22, []],
  ])('flag %i says %j', (flag, set) => {
    const said = Object.entries(readAuthenticatorData(data(flag)) ?? {}).filter(([, value]) => value === true)
    expect(said.map(([name]) => name)).toEqual(set)
  })

  test.each<[what: string, bytes: Buffer]>([
    ['36 bytes', data(0).subarray(0, 36)],
    ['bytes that no flag tells of', data(0, Buffer.of(0xa0))],
    ['a credential that no flag tells of', data(0, attested)],
    ['a flag of a credential that is not there', data(AT)],
    ['a credential without its length', data(AT, attested.subarray(0, 17))],
    ['an id that is longer than all of it', data(AT, Buffer.alloc(16), Buffer.of(0xff, 0xff), key)],
    ['a credential without its key', data(AT, attested.subarray(0, 20))],
    ['a key that is no map', data(AT, attested.subarray(0, 20), cbor([1]))],
    ['a flag of extensions that are not there', data(ED)],
    ['extensions that are no map', data(ED, cbor([1]))],
    ['bytes behind a key', data(AT, attested, Buffer.of(0))],
    ['bytes behind extensions', data(ED, map({}), Buffer.of(0))],
  ])('%s is none', (_what, bytes) => expect(readAuthenticatorData(bytes)).toBeUndefined())
})

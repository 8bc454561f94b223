/** The form of what a page hands over: what is taken, and what is no answer at all. */
import { describe, expect, test } from 'vitest'
import { readAssertion, readRegistration } from '../../../src/mfa/passkey-check.ts'
import { type Ceremony, softKey } from '../../support/people/soft-key.ts'

const challenge = Buffer.alloc(32, 'challenge').toString('base64url')
const key = softKey()
const LONG = Buffer.alloc(1023, 7).toString('base64url')
const TOO_LONG = Buffer.alloc(1024, 7).toString('base64url')
const BOM = Buffer.of(0xef, 0xbb, 0xbf)

function clientData(members: Record<string, unknown>): Partial<Ceremony> {
  const right = { type: 'webauthn.get', challenge, origin: 'https://localhost' }
  return { clientDataJson: Buffer.from(JSON.stringify({ ...right, ...members })) }
}

const NO_ANSWER: Array<[what: string, text: unknown]> = [
  ['nothing', ''],
  ['no JSON', '{'],
  ['JSON that nests without end', '['.repeat(16_000)],
  ['null', 'null'],
  ['a list', '[]'],
  ['an empty object', '{}'],
  ['text in JSON', '"text"'],
  ['undefined', undefined],
  ['two fields of the name', ['{}', '{}']],
  ['an object', {}],
]

/** Of either kind. */
const BAD: Array<[what: string, forged: Partial<Ceremony>]> = [
  ['another type', { json: { type: 'password' } }],
  ['no id', { json: { id: undefined } }],
  ['no raw id', { json: { rawId: undefined } }],
  ['neither id', { json: { id: undefined, rawId: undefined } }],
  ['two ids', { json: { id: 'AQID' } }],
  ['an empty id', ids('')],
  ['an id of a number', ids(1)],
  ['an id in base64', ids('+/+/')],
  ['an id with padding', ids('AQ==')],
  ['an id with bits that count for nothing', ids('AR')],
  ['an id with a space', ids('AQ ID')],
  ['an id of 1024 bytes', ids(TOO_LONG)],
  ['client data that are no base64url', { response: { clientDataJSON: '{}' } }],
  ['client data that are no text', { response: { clientDataJSON: ['AQ'] } }],
  ['no client data', { response: { clientDataJSON: undefined } }],
  ['client data that are no JSON', { clientDataJson: Buffer.from('{') }],
  ['client data of a list', { clientDataJson: Buffer.from('[]') }],
  ['client data without a type', clientData({ type: undefined })],
  ['client data without a challenge', clientData({ challenge: undefined })],
  ['client data whose challenge is a number', clientData({ challenge: 1 })],
  ['client data whose challenge is no base64url', clientData({ challenge: 'a b' })],
  ['client data whose challenge is empty', clientData({ challenge: '' })],
  ['client data without an origin', clientData({ origin: undefined })],
  ['client data of UTF-16', { clientDataJson: Buffer.from(JSON.stringify({ challenge }), 'utf16le') }],
  ['more than 16 kB', { json: { more: 'x'.repeat(16_384) } }],
]

const GOOD: Array<[what: string, forged: Partial<Ceremony>]> = [
  ['nothing else', {}],
  ['an id of one byte', ids('AQ')],
  ['an id of 1023 bytes', ids(LONG)],
  ['members that nobody knows', { json: { later: [1] }, response: { publicKeyAlgorithm: -7, later: {} } }],
  ['no results of extensions', { json: { clientExtensionResults: undefined, authenticatorAttachment: undefined } }],
  ['a byte order mark', { clientDataJson: Buffer.concat([BOM, clientData({}).clientDataJson ?? Buffer.of()]) }],
  // "UTF-8 decode" puts U+FFFD there.
  ['what is no UTF-8', { clientDataJson: Buffer.from(`{"type":"","origin":"\xff","challenge":"AQ"}`, 'latin1') }],
]

describe('a registration', () => {
  const read = (forged: Partial<Ceremony>) => readRegistration(key.register({ challenge, ...forged }))

  test.each(NO_ANSWER)('%s is none', (_what, text) => expect(readRegistration(text as string)).toBeUndefined())
  test.each([
    ...BAD,
    ['no response', { json: { response: undefined }, response: { attestationObject: undefined } }],
    ['no attestation object', { response: { attestationObject: undefined } }],
    ['an empty attestation object', { response: { attestationObject: '' } }],
    ['an attestation object with padding', { response: { attestationObject: 'oA==' } }],
    ['transports that are text', { response: { transports: 'usb' } }],
    ['transports of numbers', { response: { transports: [1] } }],
    ['transports of null', { response: { transports: null } }],
    ['what an assertion has', { response: { attestationObject: undefined, authenticatorData: 'AQ', signature: 'AQ' } }],
  ] as typeof BAD)('%s is refused', (_what, forged) => expect(read(forged)).toBeUndefined())
  test.each(GOOD)('%s is let pass', (_what, forged) => expect(read(forged)).toBeDefined())

  test.each([
    [undefined, []],
    [[], []],
    [
      ['usb', 'usb', 'nfc'],
      ['usb', 'nfc'],
    ],
    [
      ['hybrid', 'cable', 'internal', '__proto__'],
      ['hybrid', 'internal'],
    ],
    [
      ['ble', 'smart-card'],
      ['ble', 'smart-card'],
    ],
  ])('transports %j are kept as %j', (transports, kept) =>
    expect(read({ response: { transports } })?.transports).toEqual(kept),
  )

  test('it says which credential and which challenge', () =>
    expect(read({})).toMatchObject({ credentialId: key.credentialId, challenge }))
})

describe('an assertion', () => {
  const read = (forged: Partial<Ceremony>) => readAssertion(key.assert({ challenge, ...forged }))

  test.each(NO_ANSWER)('%s is none', (_what, text) => expect(readAssertion(text as string)).toBeUndefined())
  test.each([
    ...BAD,
    ['no data', { response: { authenticatorData: undefined } }],
    ['no signature', { response: { signature: undefined } }],
    ['an empty signature', { response: { signature: '' } }],
    ['a signature with padding', { response: { signature: 'AQ==' } }],
    ['a user handle of a number', { response: { userHandle: 1 } }],
    ['a user handle with padding', { userHandle: 'AQ==' }],
    ['a user handle of 65 bytes', { userHandle: Buffer.alloc(65).toString('base64url') }],
    ['what a registration has', { response: { authenticatorData: undefined, attestationObject: 'oA' } }],
  ] as typeof BAD)('%s is refused', (_what, forged) => expect(read(forged)).toBeUndefined())
  test.each(GOOD)('%s is let pass', (_what, forged) => expect(read(forged)).toBeDefined())

  const LONGEST_HANDLE = Buffer.alloc(64, 1).toString('base64url')
  test.each([
    [undefined, undefined],
    [null, undefined],
    ['', undefined],
    ['AQ', 'AQ'],
    [LONGEST_HANDLE, LONGEST_HANDLE],
  ])('the user handle %j is read as %j', (userHandle, expected) =>
    expect(read({ response: { userHandle } })).toMatchObject({ userHandle: expected }),
  )

  test('it says which credential and which challenge', () =>
    expect(read({})).toMatchObject({ credentialId: key.credentialId, challenge, userHandle: key.userHandle }))
})

function ids(id: unknown): Partial<Ceremony> {
  return { json: { id, rawId: id } }
}

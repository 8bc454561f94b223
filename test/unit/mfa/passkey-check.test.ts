/** What a passkey answered, forged in one thing at a time, each by the right key: one row for each fault. */
import { ECDH, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { digest } from '../../../src/lib/crypto.ts'
import {
  ALGORITHMS,
  checkAssertion,
  checkRegistration,
  type KnownCredential,
  NOBODYS,
  type PasskeyFault,
  readAssertion,
  readRegistration,
} from '../../../src/mfa/passkey-check.ts'
import {
  type CborKey,
  type Ceremony,
  cbor,
  coseOf,
  type SoftKey,
  softKey,
  type Written,
} from '../../support/people/soft-key.ts'

const challenge = Buffer.alloc(32, 'challenge').toString('base64url')
const expected = { challenge, origin: 'https://id.example.org', rpId: 'id.example.org' }
const key = softKey({ rpId: expected.rpId })

/** What the checks say of a registration: `right`, or the fault. */
function registered(forged: Partial<Ceremony> = {}, of: SoftKey = key): PasskeyFault | 'right' | undefined {
  const read = readRegistration(of.register({ challenge, ...forged }))
  const checked = read && checkRegistration(read, expected)
  return checked?.ok ? 'right' : checked?.fault
}

function asserted(forged: Partial<Ceremony> = {}, known = knownOf(key), of: SoftKey = key) {
  const read = readAssertion(of.assert({ challenge, ...forged }))
  const checked = read && checkAssertion(read, known, expected)
  return checked?.ok ? 'right' : checked?.fault
}

function knownOf(of: SoftKey): KnownCredential {
  const read = readRegistration(of.register({ challenge }))
  const checked = read && checkRegistration(read, expected)
  if (!checked?.ok) throw new Error('the key is not taken')
  return checked.credential
}

type Row = [what: string, forged: Partial<Ceremony>, outcome: PasskeyFault | 'right']

const BOTH: Row[] = [
  ['nothing', {}, 'right'],
  ['another type', { type: 'payment.get' }, 'type'],
  ['another challenge', { challenge: Buffer.alloc(32, 'other').toString('base64url') }, 'challenge'],
  ['a challenge that begins as ours', { challenge: `${challenge.slice(0, -3)}` }, 'challenge'],
  ['another origin', { origin: 'https://id.example.com' }, 'origin'],
  ['an origin below ours', { origin: 'https://login.id.example.org' }, 'origin'],
  ['an origin above ours, which has the same RP ID', { origin: 'https://example.org' }, 'origin'],
  ['our host without TLS', { origin: 'http://id.example.org' }, 'origin'],
  ['our host at another port', { origin: 'https://id.example.org:8443' }, 'origin'],
  ['our origin with a slash', { origin: 'https://id.example.org/' }, 'origin'],
  ['a page in a frame of another', { crossOrigin: true }, 'cross-origin'],
  ['a page in a frame, said in text', { crossOrigin: 'false' }, 'cross-origin'],
  ['the origin of a page around ours', { topOrigin: 'https://example.com' }, 'cross-origin'],
  ['a browser that says nothing of frames', { crossOrigin: undefined }, 'right'],
  [
    'members of client data to come, and token binding',
    { client: { extra: 1, tokenBinding: { status: 'supported' } } },
    'right',
  ],
  ['an RP ID above ours', { rpId: 'example.org' }, 'rp-id'],
  ['nobody was there', { present: false }, 'presence'],
  ['nobody was recognized', { verified: false }, 'verification'],
  ['a backup of what cannot have one', { backupEligible: false, backedUp: true }, 'malformed'],
  ['bytes behind the data', { trailing: Buffer.of(0) }, 'malformed'],
  ['extensions', { extensions: new Map([['credProtect', 2]]) }, 'right'],
  [
    'extensions, and bytes behind them',
    { extensions: new Map([['credProtect', 2]]), trailing: Buffer.of(0) },
    'malformed',
  ],
]

describe('a registration', () => {
  test.each<Row>([
    ...BOTH,
    ['an assertion', { type: 'webauthn.get' }, 'type'],
    ['another id inside', { attestedId: Buffer.alloc(32) }, 'malformed'],
    ['no id inside', { attestedId: Buffer.alloc(0) }, 'malformed'],
    ['a credential that stays on its device', { backupEligible: false, backedUp: false }, 'right'],
    ['no credential inside', { response: { attestationObject: 'oA' } }, 'malformed'],
    ['a key of no algorithm', { cose: new Map([[1, 2]]) }, 'algorithm'],
    ['a key of ES384', { cose: coseOf(pair('P-384'), -35) }, 'algorithm'],
    ['a key of P-384 that says ES256', { cose: coseOf(pair('P-384'), -7) }, 'algorithm'],
  ])('%s', (_what, forged, outcome) => expect(registered(forged)).toBe(outcome))

  test('data without a credential, as an assertion has them', () => {
    const { response } = JSON.parse(key.assert({ challenge })) as { response: { authenticatorData: string } }
    const authData = Buffer.from(response.authenticatorData, 'base64url')
    const object = new Map<CborKey, Written>(Object.entries({ fmt: 'none', attStmt: new Map(), authData }))
    expect(registered({ response: { attestationObject: cbor(object).toString('base64url') } })).toBe('malformed')
  })

  test('what is kept of it', () => {
    const own = softKey({
      rpId: expected.rpId,
      synced: false,
      counts: true,
      aaguid: 'd548826e-79b4-db40-a3d8-11116f7e8349',
      transports: ['usb', 'telepathy', 'nfc'],
    })
    const read = readRegistration(own.register({ challenge }))
    expect(read && checkRegistration(read, expected)).toEqual({
      ok: true,
      credential: {
        credentialId: own.credentialId,
        publicKey: own.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
        algorithm: -7,
        aaguid: 'd548826e-79b4-db40-a3d8-11116f7e8349',
        transports: ['usb', 'nfc'],
        signCount: 1,
        backupEligible: false,
        backedUp: false,
      },
    })
  })
})

describe('an assertion', () => {
  test.each<Row>([
    ...BOTH,
    ['a registration', { type: 'webauthn.create' }, 'type'],
    ['signed by another key', { signer: softKey().privateKey }, 'signature'],
    ['a credential that could have no backup', { backupEligible: false, backedUp: false }, 'eligibility'],
    ['a backup that is gone', { backedUp: false }, 'right'],
    ['data cut short', { response: { authenticatorData: Buffer.alloc(36).toString('base64url') } }, 'malformed'],
  ])('%s', (_what, forged, outcome) => expect(asserted(forged)).toBe(outcome))

  test('client data behind a byte order mark, as they were signed', () => {
    const said = JSON.stringify({ type: 'webauthn.get', challenge, origin: expected.origin, crossOrigin: false })
    expect(asserted({ clientDataJson: Buffer.from(`\ufeff${said}`) })).toBe('right')
  })

  test('what may be copied now could not when it was made', () => {
    const device = softKey({ rpId: expected.rpId, synced: false })
    expect(asserted({ backupEligible: true }, knownOf(device), device)).toBe('eligibility')
  })

  test('the counter and the backup are told as they are', () => {
    const read = readAssertion(key.assert({ challenge, signCount: 0xffffffff, backedUp: false }))
    expect(read && checkAssertion(read, knownOf(key), expected)).toEqual({
      ok: true,
      signCount: 0xffffffff,
      backedUp: false,
    })
  })

  test('what is not signed tells nothing of backups', () => {
    const forged = { signer: softKey().privateKey, backupEligible: false, backedUp: false }
    expect(asserted(forged)).toBe('signature')
  })
})

test.each(ALGORITHMS)(
  'algorithm %i: a key that was registered signs in, and another of its kind does not',
  (algorithm) => {
    const [own, other] = [softKey({ algorithm, rpId: expected.rpId }), softKey({ algorithm, rpId: expected.rpId })]
    expect(asserted({}, knownOf(own), own)).toBe('right')
    expect(asserted({}, knownOf(own), other)).toBe('signature')
  },
)

test('nobody has the key of nobody: its x is a digest, and no assertion is right by it', () => {
  const x = Buffer.from(digest("nobody's passkey 4"), 'base64url')
  const point = ECDH.convertKey(Buffer.concat([Buffer.of(2), x]), 'prime256v1', undefined, undefined, 'uncompressed')
  expect(Buffer.from(NOBODYS.publicKey, 'base64url').subarray(-65)).toEqual(point)
  expect(asserted({}, NOBODYS)).toBe('signature')
  expect(asserted({ backupEligible: false, backedUp: false }, NOBODYS)).toBe('signature')
})

function pair(namedCurve: string) {
  return generateKeyPairSync('ec', { namedCurve }).publicKey
}

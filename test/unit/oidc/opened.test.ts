/** oidc/opened.ts: what was opened before is as good as opened anew, and only while the row says the same. */
import { beforeEach, describe, expect, test } from 'vitest'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import { type ArtifactSeal, artifactSeal } from '../../../src/oidc/opened.ts'

const inner = sealer(keyring([{ id: 'k', key: Buffer.alloc(32, 7) }]), 'records')

let opened: number
let seal: ArtifactSeal
let open: ArtifactSeal['open']

beforeEach(() => {
  opened = 0
  seal = artifactSeal({
    seal: inner.seal,
    open(sealed, record) {
      opened += 1
      return inner.open(sealed, record)
    },
  })
  open = seal.open
})

/** By another process. */
function kept(model: string, key: string, payload: object) {
  return { key, sealed: inner.seal(JSON.stringify(payload), `artifact/${model}/${key}`) }
}

/** By this one. */
function keptHere(model: string, key: string, payload: Record<string, unknown>) {
  return { key, sealed: seal.seal(model, key, payload) }
}

const PAYLOAD = { uid: 'u', authorizations: { web: { grantId: 'g' } } }

const READ_AGAIN = ['Session', 'Interaction', 'Grant', 'AuthorizationCode', 'AccessToken', 'ClientCredentials']

describe.each(READ_AGAIN)('a %s', (model) => {
  test('that has the same text is opened once', () => {
    const row = kept(model, 'a', PAYLOAD)
    for (let n = 0; n < 3; n += 1) expect(open(model, { ...row })).toEqual(PAYLOAD)
    expect(opened).toBe(1)
  })

  test('that a request changes stays as it is for all others', () => {
    const row = kept(model, 'a', PAYLOAD)
    const first = open(model, row) as typeof PAYLOAD & { more?: string }
    first.authorizations.web.grantId = 'another'
    first.more = 'of one request'
    expect(open(model, row)).toEqual(PAYLOAD)
    const { authorizations } = open(model, row) as typeof PAYLOAD
    delete (authorizations as Partial<typeof authorizations>).web
    expect(open(model, row)).toEqual(PAYLOAD)
  })

  test('that was written anew is what was written, also with what was there before', () => {
    const [before, after] = [kept(model, 'a', { n: 1 }), kept(model, 'a', { n: 2 })]
    expect(open(model, before)).toEqual({ n: 1 })
    expect(open(model, after)).toEqual({ n: 2 })
    expect(open(model, before)).toEqual({ n: 1 })
  })

  test('attack: one whose text was put in the place of another does not open, though it was opened before', () => {
    const mine = kept(model, 'mine', PAYLOAD)
    const yours = kept(model, 'yours', { uid: 'y' })
    expect([open(model, mine), open(model, yours)]).toEqual([PAYLOAD, { uid: 'y' }])
    expect(() => open(model, { key: 'yours', sealed: mine.sealed })).toThrow(/cannot be opened/)
    expect(open(model, yours)).toEqual({ uid: 'y' })
  })

  test('that this process wrote is known already, as it is written: what is undefined is not there', () => {
    const given = { ...PAYLOAD, state: undefined, authorizations: { web: { grantId: 'g', sid: undefined } } }
    const row = keptHere(model, 'a', given)
    given.authorizations.web.grantId = 'another'
    expect(Object.keys(open(model, row))).toEqual(Object.keys(PAYLOAD))
    expect(open(model, row)).toStrictEqual(PAYLOAD)
    expect(opened).toBe(0)
  })

  test('attack: one that this process wrote opens as no other', () => {
    const mine = keptHere(model, 'mine', PAYLOAD)
    keptHere(model, 'yours', { uid: 'y' })
    expect(() => open(model, { key: 'yours', sealed: mine.sealed })).toThrow(/cannot be opened/)
    expect(() => open('RefreshToken', mine)).toThrow(/cannot be opened/)
  })

  test('attack: one that was changed in the store does not open', () => {
    const row = keptHere(model, 'a', PAYLOAD)
    const last = row.sealed.at(-1) === 'A' ? 'Q' : 'A'
    expect(() => open(model, { ...row, sealed: row.sealed.slice(0, -1) + last })).toThrow(/cannot be opened/)
    expect(open(model, row)).toEqual(PAYLOAD)
  })

  test('that is not asked for again is forgotten', () => {
    const row = keptHere(model, 'a', PAYLOAD)
    seal.forget(model, 'a')
    expect(open(model, row)).toEqual(PAYLOAD)
    expect(opened).toBe(1)
  })

  test('that is long is opened each time', () => {
    const row = keptHere(model, 'a', { ...PAYLOAD, state: 'x'.repeat(4096) })
    open(model, row)
    open(model, row)
    expect(opened).toBe(2)
  })
})

test('a refresh token is opened each time', () => {
  const model = 'RefreshToken'
  const row = keptHere(model, 'a', PAYLOAD)
  open(model, row)
  open(model, row)
  expect(opened).toBe(2)
})

test('of more than a thousand the one that was used longest ago is forgotten', () => {
  const rows = Array.from({ length: 1001 }, (_, n) => kept('Session', `s${n}`, { n }))
  const [first, second] = rows
  if (!first || !second) throw new Error('no rows')
  for (const row of rows.slice(0, 1000)) open('Session', row)
  open('Session', first)
  for (const row of rows.slice(1000)) open('Session', row)
  expect(opened).toBe(1001)
  open('Session', first)
  expect(opened).toBe(1001)
  open('Session', second)
  expect(opened).toBe(1002)
})

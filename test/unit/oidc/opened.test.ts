/** oidc/opened.ts: what was opened before is as good as opened anew, and only while the row says the same. */
import { beforeEach, describe, expect, test } from 'vitest'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import { type Open, opener } from '../../../src/oidc/opened.ts'

const seal = sealer(keyring([{ id: 'k', key: Buffer.alloc(32, 7) }]), 'records')

let opened: number
let open: Open

beforeEach(() => {
  opened = 0
  open = opener({
    open(sealed, record) {
      opened += 1
      return seal.open(sealed, record)
    },
  })
})

function kept(model: string, key: string, payload: object) {
  return { key, sealed: seal.seal(JSON.stringify(payload), `artifact/${model}/${key}`) }
}

const PAYLOAD = { uid: 'u', authorizations: { web: { grantId: 'g' } } }

describe.each(['Session', 'Grant', 'AccessToken', 'ClientCredentials'])('a %s', (model) => {
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
})

test.each(['AuthorizationCode', 'RefreshToken', 'Interaction'])('a %s is opened each time', (model) => {
  const row = kept(model, 'a', PAYLOAD)
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

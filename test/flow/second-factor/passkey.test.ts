/** Attacks on passkeys through the front door: every answer that must earn nothing, and right ones that must count once. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Core } from '../../../src/app/core.ts'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { CHALLENGE_LIFE } from '../../../src/mfa/passkey-challenge.ts'
import { readAssertion } from '../../../src/mfa/passkey-check.ts'
import { secondStep } from '../../../src/mfa/passkey-factor.ts'
import { isPasskey } from '../../../src/person/passkey.ts'
import type { RunningApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { race, tally } from '../../support/attack/race.ts'
import { asked } from '../../support/people/asked-people.ts'
import { askedOn, atPasskey, keyFor, passkeyOf, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, press, text } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  halfSignedIn,
  someVictim,
  startTwoStep,
  type Victim,
} from '../../support/people/second-factor-attack.ts'
import { type Ceremony, type SoftKey, softKey } from '../../support/people/soft-key.ts'

const SOURCE = { ip: '192.0.2.1', correlation: 'race' }
const REFUSED = 'Signing in with a passkey did not work'
const WRONG = 'This passkey did not work'

let app: RunningApp
let sanne: Victim
let key: SoftKey

clockOfAllTests()
beforeAll(async () => {
  app = await startTwoStep()
})
afterAll(() => app.stop())
beforeEach(async () => {
  sanne = await someVictim(app)
  key = await passkeyOf(app, sanne.email)
})

/** Where an answer goes: to the page that signs in, or to the one that asks for the second step. */
const DOORS: Record<string, () => Promise<Person>> = {
  async alone() {
    const person = new Person()
    await person.visit(authorize(app))
    return person
  },
  'as the second step': () => halfSignedIn(app, sanne.email),
}
type Door = keyof typeof DOORS

const open = (door: Door) => (DOORS[door] as () => Promise<Person>)()
const said = (door: Door) => (door === 'alone' ? REFUSED : WRONG)
const failures = async () => (await trail()).filter(({ outcome }) => outcome === 'refused')
const trail = async () =>
  (await app.core.store.durable.listAudit({ subject: sanne.id, limit: 100 })).filter(({ type }) =>
    ['sign-in.passkey', 'sign-in.second-factor', 'passkey.counted-back'].includes(type),
  )

describe.each(Object.keys(DOORS))('%s', (door) => {
  test('a right answer opens, and is kept as used', async () => {
    const person = await open(door)
    await use(person, key)
    expect(codesOf(person)).toHaveLength(1)
    expect((await trail())[0]).toMatchObject({ outcome: 'ok', actor: sanne.id })
    const [, kept] = await asked(app.core.store.durable.people).listAuthenticators(sanne.id)
    expect(kept).toMatchObject({ kind: 'passkey', lastUsedAt: Date.now() })
    expect(JSON.stringify(app.logged)).not.toContain(askedOn((await open(door)).page).challenge.slice(0, 20))
  })

  const FORGED: Array<[what: string, Partial<Ceremony>]> = [
    ['another type', { type: 'webauthn.create' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['a subdomain', { origin: 'http://x.localhost' }],
    ['another port', { origin: 'http://localhost:1' }],
    ['a frame of another site', { crossOrigin: true }],
    ['another RP id', { rpId: 'evil.example' }],
    ['nobody there', { present: false }],
    ['nobody verified', { verified: false }],
    ['no longer one that may be copied', { backupEligible: false, backedUp: false }],
    ['copied, and not to be copied', { backupEligible: false, backedUp: true }],
    ['another key', { signer: softKey().privateKey }],
    ['bytes behind the data', { trailing: Buffer.alloc(1) }],
    ['another challenge', { challenge: 'A'.repeat(72) }],
    ['no challenge', { challenge: '' }],
    ['the user handle of nobody', { userHandle: Buffer.alloc(32, 7).toString('base64url') }],
    ['the id of nobody’s credential', { json: { id: 'AAAA', rawId: 'AAAA' } }],
  ]

  test.each(FORGED)('refused: %s', async (_what, otherwise) => {
    const person = await open(door)
    await use(person, key, otherwise)
    expect([person.page.status, codesOf(person)]).toEqual([400, []])
    expect(text(person.page)).toContain(said(door))
    // The person is not kept out by it.
    await use(person, key)
    expect(codesOf(person)).toHaveLength(1)
  })

  test.each(['{', 'null', '[]', '{"id":1}', 'x'.repeat(9_000), '{"__proto__":{"id":"A"}}', '"'])(
    'refused: what is no answer (%#)',
    async (assertion) => {
      const person = await open(door)
      await person.submit({ assertion })
      expect([person.page.status, codesOf(person)]).toEqual([400, []])
      expect(text(person.page)).toContain(said(door))
    },
  )

  test('refused: what was answered before, wherever it comes again', async () => {
    const person = await open(door)
    const copy = person.copy()
    const assertion = key.assert({ challenge: askedOn(person.page).challenge })
    await person.submit({ assertion })
    expect(codesOf(person)).toHaveLength(1)
    await copy.submit({ assertion })
    expect(codesOf(copy)).toEqual([])
    const elsewhere = await open(door)
    await elsewhere.submit({ assertion })
    expect(codesOf(elsewhere)).toEqual([])
    expect(text(elsewhere.page)).toContain(said(door))
  })

  test('refused: what was wrong once is not right the second time', async () => {
    const person = await open(door)
    const { challenge } = askedOn(person.page)
    const copy = person.copy()
    await person.submit({ assertion: key.assert({ challenge, verified: false }) })
    await copy.submit({ assertion: key.assert({ challenge }) })
    expect(codesOf(copy)).toEqual([])
  })

  test('refused: the challenge of another page', async () => {
    const [one, other] = [await open(door), await open(door)]
    await use(one, key, { challenge: askedOn(other.page).challenge })
    expect(codesOf(one)).toEqual([])
    expect(text(one.page)).toContain(said(door))
  })

  test('two tabs each have a challenge of their own, and both are good', async () => {
    const first = await open(door)
    const second = first.copy()
    await second.visit(first.page.url)
    expect(askedOn(second.page).challenge).not.toBe(askedOn(first.page).challenge)
    await use(second, key)
    expect(codesOf(second)).toHaveLength(1)
  })

  test('refused: too late, and good until then', async () => {
    const life = CHALLENGE_LIFE[door === 'alone' ? 'login' : 'challenge']
    const [late, timely] = [await open(door), await open(door)]
    pass(life - SECOND)
    await use(timely, key)
    expect(codesOf(timely)).toHaveLength(1)
    pass(2 * SECOND)
    await use(late, key)
    expect(codesOf(late)).toEqual([])
    await use(late, key)
    expect(codesOf(late)).toHaveLength(1)
  })

  test('twenty tabs with one answer: one gets in', async () => {
    const outcomes = await race({ rounds: 5, contenders: 20 }, async () => {
      const person = await open(door)
      const assertion = key.assert({ challenge: askedOn(person.page).challenge })
      return async () => {
        const copy = person.copy()
        await copy.submit({ assertion })
        return copy
      }
    })
    // Told to come back is not told anything else.
    expect(outcomes.flat().filter(({ page }) => page.status >= 500 && page.status !== 503)).toEqual([])
    expect(tally(outcomes, (copy) => codesOf(copy).length > 0)).toEqual({ 1: 5 })
  })

  test('a counter that goes back is told, and refused to people with a role', async () => {
    const counting = await passkeyOf(app, sanne.email, { counts: true, synced: false })
    await use(await open(door), counting, { signCount: 7 })
    const person = await open(door)
    await use(person, counting, { signCount: 7 })
    expect(codesOf(person)).toHaveLength(1)
    const counted = { outcome: 'ok', actor: sanne.id, subject: sanne.id, details: { method: 'passkey' } }
    expect((await trail()).find(({ type }) => type === 'passkey.counted-back')).toMatchObject(counted)
    expect(JSON.stringify(await trail())).not.toContain(counting.credentialId)
    expect((await app.inbox()).filter(({ subject }) => /may have been copied/.test(subject ?? ''))[0]).toMatchObject({
      to: sanne.email,
    })
    const account = await asked(app.core.store.durable.people).findAccount(sanne.id)
    await app.core.store.durable.people.change(sanne.id, (draft) => {
      if (draft.account) draft.account.roles = ['help-desk']
    })
    const helper = await open(door)
    await use(helper, counting, { signCount: 6 })
    expect(codesOf(helper)).toEqual([])
    await use(helper, counting, { signCount: 8 })
    expect([codesOf(helper).length, account?.roles]).toEqual([1, []])
  })
})

test('a passkey of somebody else signs them in, and answers nobody else’s second step', async () => {
  const bram = await someVictim(app)
  const bramsKey = await passkeyOf(app, bram.email)
  const second = await halfSignedIn(app, sanne.email)
  await use(second, bramsKey)
  expect(codesOf(second)).toEqual([])
  expect(text(second.page)).toContain(WRONG)
  expect((await failures()).at(0)).toMatchObject({ type: 'sign-in.second-factor', details: { method: 'passkey' } })
  const door = await open('alone')
  await use(door, bramsKey, { userHandle: key.userHandle })
  expect(codesOf(door)).toEqual([])
})

test('alone it says whose it is; who does not say it is nobody', async () => {
  const person = await open('alone')
  await use(person, key, { userHandle: null })
  expect(codesOf(person)).toEqual([])
  const second = await halfSignedIn(app, sanne.email)
  await use(second, key, { userHandle: null })
  expect(codesOf(second)).toHaveLength(1)
})

test('a passkey of nobody, and one that is wrong, are told the same; only one of nobody is dropped by the device', async () => {
  const [wrong, nobodys] = [await open('alone'), await open('alone')]
  await use(wrong, key, { signer: softKey().privateKey })
  const unknown = keyFor(app)
  await use(nobodys, unknown)
  expect(text(nobodys.page)).toBe(text(wrong.page))
  expect(wrong.page.html).not.toContain('signalUnknownCredential')
  expect(nobodys.page.html).toContain('signalUnknownCredential')
  expect(nobodys.page.html).toContain(unknown.credentialId)
})

test('a page of the sign-in asks everybody the same, whoever has a passkey', async () => {
  const person = await open('alone')
  expect(askedOn(person.page)).toMatchObject({ rpId: 'localhost', userVerification: 'required', allowCredentials: [] })
  await person.submit({ email: sanne.email, password: 'not this password at all' })
  expect(askedOn(person.page)).toMatchObject({ allowCredentials: [] })
})

test('of whoever is disabled, or invited only, a passkey opens nothing, and tells nothing', async () => {
  const { people } = app.core.store.durable
  for (const status of ['disabled', 'invited'] as const) {
    await people.change(sanne.id, (draft) => {
      if (draft.account) draft.account.status = status
    })
    const person = await open('alone')
    await use(person, key)
    expect(codesOf(person)).toEqual([])
    expect(text(person.page)).toContain(REFUSED)
  }
})

test('the second step takes a code of the app beside it, and no passkey in the field of a code', async () => {
  const person = await halfSignedIn(app, sanne.email)
  const assertion = key.assert({ challenge: askedOn(person.page).challenge })
  await person.submit({})
  expect(text(person.page)).toContain('No passkey was used yet')
  await person.visit(person.page.url.replace(/\/challenge.*/, '/challenge/totp'))
  await press(person, 'verify', { code: assertion })
  expect(codesOf(person)).toEqual([])
  pass(MINUTE)
  await press(person, 'verify', { code: codeOf(sanne.key, Date.now()) })
  expect(codesOf(person)).toHaveLength(1)
})

test('the page of the second step names the person’s own passkeys only, and only to whoever has the password', async () => {
  const person = await halfSignedIn(app, sanne.email)
  expect(askedOn(person.page).allowCredentials.map(({ id }) => id)).toEqual([key.credentialId])
  const stranger = await open('alone')
  await atPasskey(stranger)
  expect(stranger.page.html).not.toContain(key.credentialId)
})

test('whoever has the password too is asked for both, one after the other, and never remembered by a passkey', async () => {
  const person = await halfSignedIn(app, sanne.email)
  expect(person.page.html).not.toContain('name="remember"')
  await use(person, key, {})
  expect(person.cookie('sigma-device')).toBeUndefined()
})

test('200 rounds of 20 with one answer, by turns on each node: once', async () => {
  const account = await asked(app.core.store.durable.people).findAccount(sanne.id)
  const passkey = (await asked(app.core.store.durable.people).listAuthenticators(sanne.id)).find(isPasskey)
  if (!account || !passkey) throw new Error('nobody')
  const ceremony = secondStep(sanne.id, 'sitting')
  const at = (turn: number) => (app.nodes[turn % app.nodes.length] as Core).passkeys
  const outcomes = await race({ rounds: 200, contenders: 20 }, async (round) => {
    const { challenge = '' } = at(round).ask(ceremony) ?? {}
    const assertion = readAssertion(key.assert({ challenge }))
    if (!assertion) throw new Error('not an answer')
    return (turn) => at(turn).use(assertion, { account, passkey }, ceremony, { agent: 'Chrome', source: SOURCE })
  })
  expect(tally(outcomes, (outcome) => outcome === 'right')).toEqual({ 1: 200 })
  expect(new Set(outcomes.flat())).toEqual(new Set(['right', 'used']))
})

test('whatever strangers fail at, a right passkey opens; and who fails too often is told to wait', async () => {
  const strict = await startTwoStep({ settings: { throttle: { perAddress: 3, perNetwork: 3, perMinute: 3 } } })
  const bram = await someVictim(strict)
  const bramsKey = await passkeyOf(strict, bram.email)
  const person = new Person()
  await person.visit(authorize(strict))
  for (let tried = 0; tried < 4; tried += 1) await person.submit({ email: 'x@sigma.example', password: 'not this one' })
  expect(person.page.status).toBe(429)
  const wrong = { signer: softKey().privateKey }
  for (const status of [400, 400, 400, 429]) {
    await use(person, bramsKey, wrong)
    expect(person.page.status).toBe(status)
  }
  expect(person.page.headers.get('retry-after')).toMatch(/^\d+$/)
  await use(person, bramsKey)
  expect(codesOf(person)).toHaveLength(1)
  await strict.stop()
})

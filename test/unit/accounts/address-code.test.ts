/** The code that proves an address: where it goes, where it is good, how long, how often (SECURITY G-11). */

import { expect, test } from 'vitest'
import { addressCodes } from '../../../src/accounts/address-code.ts'
import { addresses } from '../../../src/accounts/addresses.ts'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import type { AddressKind } from '../../../src/person/address.ts'
import { race, tally } from '../../support/attack/race.ts'
import { asked } from '../../support/people/asked-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts, codesOf, owner } from '../../support/unit/account-parts.ts'

const OLD = 'sanne@sigma.example'
const NEW = 'sanne@new.example'

const parts = forEachTest(accountParts)
const sanne = forEachTest(() => parts.person(OLD))

const { codeFor, confirm } = codesOf(parts, () => owner(sanne))

test('a code is eight digits, mailed to the new address only', async () => {
  await parts.addresses.begin(owner(sanne), 'email', ` ${NEW} `)
  expect(await parts.mails()).toEqual([
    {
      name: 'address-code',
      to: NEW,
      data: { name: sanne.name, locale: 'nl', minutes: 10, code: expect.stringMatching(/^\d{8}$/) },
    },
  ])
  expect(await parts.addresses.pending(owner(sanne), 'email')).toBe(NEW)
  expect(await parts.account(sanne.id)).toMatchObject({ email: OLD })
})

test.each([
  ['nothing', ''],
  ['a name', 'sanne'],
  ['a second header', 'sanne@new.example\r\nBcc: all@sigma.example'],
  ['a line end', 'sanne@new.example\n'],
  ['two', 'a@new.example,b@new.example'],
  ['a name with an address', 'Sanne <a@new.example>'],
  ['255 characters', `${'a'.repeat(243)}@new.example`],
])('%s is no address, and sends nothing', async (_what, typed) => {
  expect(await parts.addresses.begin(owner(sanne), 'email', typed)).toEqual({ ok: false, reason: 'not-an-address' })
  expect(await parts.mails()).toEqual([])
  expect(await parts.addresses.pending(owner(sanne), 'email')).toBeUndefined()
})

test('spaces without end between two letters hold up nobody else', async () => {
  const began = performance.now()
  for (let times = 0; times < 10; times += 1)
    await parts.addresses.begin(owner(sanne), 'email', `a${' '.repeat(16_000)}a`)
  expect(performance.now() - began).toBeLessThan(500)
})

test.each<[AddressKind]>([['email'], ['notice']])(
  'what was asked for before everything ended is waited for no more, and its code proves nothing (%s)',
  async (kind) => {
    const code = await codeFor(NEW, kind)
    await asked(parts.store.people).setStatus({ accountId: sanne.id, from: ['active'], to: 'active' }, [])
    const now = owner(await parts.account(sanne.id))
    expect(await parts.addresses.pending(now, kind)).toBeUndefined()
    expect(await confirm(code, kind, now)).toEqual({ ok: false, reason: 'expired' })
    expect(await parts.account(sanne.id)).toMatchObject({ email: OLD, noticeEmail: undefined })
  },
)

test('a code is not mailed to what the account has already', async () => {
  const same = { ok: false, reason: 'same' }
  const who = owner({ ...sanne, noticeEmail: 'sanne@home.example' })
  expect(await parts.addresses.begin(who, 'email', OLD.toUpperCase())).toEqual(same)
  expect(await parts.addresses.begin(who, 'notice', OLD)).toEqual(same)
  expect(await parts.addresses.begin(who, 'notice', 'Sanne@Home.example')).toEqual(same)
  expect(await parts.addresses.begin(who, 'email', 'sanne@home.example')).toEqual({ ok: true })
})

test('a code may be typed in groups', async () => {
  const code = await codeFor(NEW)
  expect(await confirm(` ${code.slice(0, 4)} ${code.slice(4, 6)}-${code.slice(6)}`)).toMatchObject({ ok: true })
})

test('a code is good for ten minutes', async () => {
  const code = await codeFor(NEW)
  parts.advance(10 * MINUTE - 1)
  const daan = await parts.person('daan@sigma.example')
  const late = await codeFor('daan@new.example', 'email', owner(daan))
  expect(await confirm(code)).toMatchObject({ ok: true })
  parts.advance(10 * MINUTE)
  expect(await confirm(late, 'email', owner(daan))).toEqual({ ok: false, reason: 'expired' })
  expect(await parts.addresses.pending(owner(daan), 'email')).toBeUndefined()
})

test('F-11: a code is not good again when the clock goes back', async () => {
  const code = await codeFor(NEW)
  parts.advance(-MINUTE)
  expect(await confirm(code)).toEqual({ ok: false, reason: 'expired' })
})

test('a code is good once', async () => {
  const code = await codeFor(NEW)
  expect(await confirm(code)).toMatchObject({ ok: true })
  expect(await confirm(code)).toEqual({ ok: false, reason: 'expired' })
})

test('of twenty confirmations at once one is made', async () => {
  const outcomes = await race({ rounds: 5, contenders: 20 }, async (round) => {
    const person = await parts.person(`sanne-${round}@sigma.example`)
    const kind = round % 2 ? 'email' : 'notice'
    const code = await codeFor(`sanne-${round}@new.example`, kind, owner(person))
    return () => confirm(code, kind, owner(person))
  })
  expect(tally(outcomes, ({ ok }) => ok)).toEqual({ 1: 5 })
})

test('G-11: a code is of no use in another session, for another account, or as another kind', async () => {
  const daan = await parts.person('daan@sigma.example')
  const code = await codeFor(NEW)
  const expired = { ok: false, reason: 'expired' }
  expect(await confirm(code, 'email', owner(sanne, 'session-2'))).toEqual(expired)
  expect(await confirm(code, 'email', owner(daan))).toEqual(expired)
  expect(await confirm(code, 'notice')).toEqual(expired)
  expect(await parts.addresses.pending(owner(sanne, 'session-2'), 'email')).toBeUndefined()
})

test('F-01: asked for again, the one before dies, also for its own address', async () => {
  const first = await codeFor(NEW)
  parts.advance(30 * SECOND)
  const second = await codeFor('sanne@other.example')
  expect(await confirm(first)).toEqual({ ok: false, reason: 'wrong-code' })
  expect(await confirm(second)).toMatchObject({ ok: true, account: { email: 'sanne@other.example' } })
})

test('F-01: asked for again while it is being confirmed, the new code does not prove the old address', async () => {
  const codes = addressCodes(parts)
  await codeFor('director@sigma.example')
  const before = await codes.find(owner(sanne), 'email')
  parts.advance(30 * SECOND)
  const code = await codeFor('thief@elsewhere.example')
  const after = await codes.find(owner(sanne), 'email')
  if (!before || !after) throw new Error('nothing waits')
  const kept = await asked(parts.store.people).findAddressCode(sanne.id, after.key, parts.now())
  expect(codes.digestOf(after, code)).toBe(kept?.digest)
  expect(codes.digestOf(before, code)).not.toBe(kept?.digest)
})

test('who has the store alone can read neither code nor address', async () => {
  const kept: unknown[] = []
  const people: typeof parts.people = {
    ...parts.people,
    change: (id, rule) =>
      parts.people.change(id, (draft) => {
        const outcome = rule(draft)
        kept.push(structuredClone(draft))
        return outcome
      }),
  }
  await addresses({ ...parts, people }).begin(owner(sanne), 'email', NEW)
  const [mail] = await parts.mails()
  expect(kept).toHaveLength(1)
  expect(JSON.stringify(kept)).not.toContain(NEW)
  expect(JSON.stringify(kept)).not.toContain(String(mail?.data.code))
})

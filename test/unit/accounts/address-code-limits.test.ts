/** How often a code may be guessed at, and how many are mailed (SECURITY THR-05). */
import { expect, test } from 'vitest'
import { addressCodeLane } from '../../../src/accounts/address-code.ts'
import { DAY, HOUR, SECOND } from '../../../src/lib/time.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts, codesOf, owner } from '../../support/unit/account-parts.ts'

const OLD = 'sanne@sigma.example'
const NEW = 'sanne@new.example'
const WRONG = '00000000x'

const parts = forEachTest(accountParts)
const sanne = forEachTest(() => parts.person(OLD))

const { codeFor, confirm } = codesOf(parts, () => owner(sanne))

async function wrong(times: number, wait = 0) {
  const outcomes = []
  for (let tries = 0; tries < times; tries += 1) {
    outcomes.push(await confirm(WRONG))
    parts.advance(wait)
  }
  return outcomes
}

test('guessing: five are free, the next waits, also with the right code', async () => {
  const code = await codeFor(NEW)
  expect(await wrong(5)).toEqual(Array(5).fill({ ok: false, reason: 'wrong-code' }))
  expect(await confirm(code)).toEqual({ ok: false, reason: 'wait', retryAt: parts.now() + 30 * SECOND })
  expect(parts.events.at(-1)).toMatchObject({
    type: 'throttle.engaged',
    details: { door: 'address-code', reason: 'wait' },
  })
  expect(await parts.account(sanne.id)).toMatchObject({ email: OLD })
  parts.advance(30 * SECOND)
  expect(await confirm(code)).toMatchObject({ ok: true })
})

test('C-05, asking for new codes between guesses: the count goes on, to fifty', async () => {
  let guesses = 0
  for (let hours = 0; guesses < 50; hours += 1) {
    await codeFor(`sanne-${hours}@new.example`)
    guesses += (await wrong(1)).length
    parts.advance(HOUR)
  }
  const code = await codeFor(NEW)
  expect(await confirm(code)).toEqual({ ok: false, reason: 'closed' })
})

test('guessing in parallel: of 40 at once no more than five are looked at', async () => {
  await codeFor(NEW)
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => confirm(WRONG)))
  expect(outcomes.filter((outcome) => !outcome.ok && outcome.reason === 'wrong-code')).toHaveLength(5)
})

test('a right code forgets the wrong ones', async () => {
  const code = await codeFor(NEW)
  await wrong(3)
  await confirm(code)
  expect(await parts.throttle.count(addressCodeLane(sanne.id))).toBe(0)
})

test('another code may be asked for after 30 s, and five an hour', async () => {
  for (let sent = 0; sent < 5; sent += 1) {
    await codeFor(`sanne-${sent}@new.example`)
    expect(await parts.addresses.begin(owner(sanne), 'email', NEW)).toEqual({
      ok: false,
      reason: 'wait',
      retryAt: parts.now() + 30 * SECOND,
    })
    parts.advance(30 * SECOND)
  }
  const refused = await parts.addresses.begin(owner(sanne, 'session-2'), 'notice', NEW)
  expect(refused).toMatchObject({ reason: 'wait', retryAt: parts.now() - 150 * SECOND + HOUR })
})

test('a button pressed twenty times at once sends one mail', async () => {
  await Promise.all(Array.from({ length: 20 }, () => parts.addresses.begin(owner(sanne), 'email', NEW)))
  expect(await parts.mails()).toHaveLength(1)
})

test('flooding a mailbox: ten a day over all accounts', async () => {
  let sent = 0
  for (let round = 0; round < 15; round += 1) {
    const person = await parts.person(`person-${round}@sigma.example`)
    if ((await parts.addresses.begin(owner(person), 'email', NEW)).ok) sent += 1
  }
  expect(sent).toBe(10)
  const refused = await parts.addresses.begin(owner(sanne), 'email', NEW.toUpperCase())
  expect(refused).toMatchObject({ ok: false, reason: 'wait' })
  parts.advance(DAY)
  await codeFor(NEW)
})

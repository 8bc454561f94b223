/**
 * The switch through the front door, on either store: the old app, the offer that can wait, the deadline, the new app in its
 * place, and the old code dead. What the pages look like is test/browser/switch.test.ts's matter.
 */
import { expect, test } from 'vitest'
import { DAY, SECOND } from '../../../src/lib/time.ts'
import { newSecret } from '../../../src/mfa/app-code.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { sitting } from '../../support/people/help-desk.ts'
import { bringIn, fileOf, line } from '../../support/people/imports.ts'
import { organizationId } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'
import { apart, codeOf, enroll, PASSWORD, press, text } from '../../support/people/second-factor.ts'
import { smsCode } from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

/** PASSWORD, by bcrypt. */
const HASH = '$2b$04$FtQvxo846K1L1B010WHolO3gUm.41Da1Ysmu.cXIAoZXLglzOsDiu'
/** One entry, whatever its name looks like. */
const ENTRY = 'Nmbrs (sanne, thuis)'
const EMAIL = 'sanne@oud.example'

clockOfAllTests()

const app = forAllTests(startApp)
const atPortal = ({ page }: Person) => page.url === `${app.portalOrigin}/`

async function challenged(email = EMAIL): Promise<Person> {
  const person = new Person()
  await person.visit(`${app.portalOrigin}/login`)
  await person.submit({ email, password: PASSWORD })
  return person
}

async function answer(person: Person, key: string, other?: string): Promise<void> {
  do pass(30 * SECOND)
  while (other !== undefined && !apart(key, other, Date.now()))
  await press(person, 'verify', { code: codeOf(key, Date.now()) })
}

async function recordOf() {
  const found = await app.core.store.durable.people.findBy(keyOf.external('oud', 'm1'))
  return found?.record
}

test('who was brought with an app is offered the switch, has to by the deadline, and then the new app alone answers', async () => {
  const campaign = { start: Date.now() - DAY, deadline: Date.now() + 14 * DAY }
  await organizationId(app, 'Bakkerij', { campaign })
  await app.follow()
  const old = newSecret()
  const totp = [{ secret: old, encoding: 'base32', label: ENTRY }]
  const sanne = line(1, { email: EMAIL, organization: 'Bakkerij', password: HASH, totp })
  expect(await bringIn(app.core, { file: fileOf(app.folder, 'people.jsonl', [sanne]) })).toMatchObject({ written: 1 })

  const before = await challenged()
  expect(text(before.page)).toContain(ENTRY)
  await answer(before, old)
  expect(text(before.page)).toContain(ENTRY)
  await press(before, 'later')
  await press(before, 'saved', { saved: 'yes' })
  expect(atPortal(before)).toBe(true)

  pass(15 * DAY)
  const after = await challenged()
  await answer(after, old)
  expect([after.page.html.includes('value="enable"'), after.page.html.includes('value="later"')]).toEqual([true, false])
  const { key } = await enroll(after, Date.now)
  expect(atPortal(after)).toBe(true)
  expect(await recordOf()).toMatchObject({
    account: { imported: { codeProvenAt: expect.any(Number), switchedAt: expect.any(Number) } },
    authenticators: [{ label: EMAIL }],
  })

  const again = await challenged()
  await answer(again, old, key)
  expect([again.page.status, atPortal(again)]).toEqual([400, false])
  await answer(again, key, old)
  expect(atPortal(again)).toBe(true)
})

test('E-11 by a text message alone nobody switches, or is shown a backup code: the old app is asked for, or the help desk', async () => {
  const email = 'piet@oud.example'
  const campaign = { start: Date.now() - DAY, deadline: Date.now() + 14 * DAY }
  await organizationId(app, 'Slagerij', { campaign })
  await app.follow()
  const totp = [{ secret: newSecret(), encoding: 'base32', label: ENTRY }]
  const phone = { number: '06 8765 4321', verified: true }
  const piet = line(2, { email, organization: 'Slagerij', password: HASH, totp, phone })
  expect(await bringIn(app.core, { file: fileOf(app.folder, 'piet.jsonl', [piet]) })).toMatchObject({ written: 1 })
  const bySms = async () => {
    pass(15 * 60 * SECOND)
    const thief = await challenged(email)
    await thief.visit(sitting(thief, 'challenge/sms'))
    await press(thief, 'send')
    await press(thief, 'verify', { code: await smsCode(app, '+31687654321') })
    return thief
  }
  expect(atPortal(await bySms())).toBe(true)
  pass(15 * DAY)
  const late = await bySms()
  expect([late.page.html.includes('value="enable"'), atPortal(late)]).toEqual([false, false])
  expect(text(late.page)).toContain(ENTRY)
  await late.visit(sitting(late, 'challenge/methods'))
  expect(text(late.page)).not.toContain('Text message')
})

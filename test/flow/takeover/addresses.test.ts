/**
 * Somebody who is in moves an account from one address of theirs to the next, so that the owner’s way back gets lost: the
 * owner is told every time, and the link in their first mail has the last word.
 */
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, elsewhere, open, settled } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD } from '../../support/people/second-factor.ts'
import { beginEmail, confirmEmail, NEXT_PASSWORD } from '../../support/people/settings-changes.ts'
import { due, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(startApp)

/** The address by its place in the chain; each move puts «new-» before it. */
type Chain = [a: string, b: string, c: string, d: string]

/** A thief with the password and a code moves the account from A over B and C to D. */
async function moved(): Promise<{ owner: Someone; thief: Someone; chain: Chain }> {
  const owner = await settled(app, () => Date.now())
  const { email } = owner
  const thief = elsewhere(owner)
  for (let move = 0; move < 3; move += 1) {
    pass(MINUTE)
    await open(app, thief, '/account')
    await beginEmail(app, thief)
    await confirmEmail(app, thief)
  }
  return { owner, thief, chain: [email, `new-${email}`, `new-new-${email}`, `new-new-new-${email}`] }
}

async function subjects(address: string): Promise<string[]> {
  return (await app.inbox()).filter(({ to }) => to === address).map(({ subject }) => subject ?? '')
}

/** The link in the mail to an address that the account was moved away from. */
async function undoLink(address: string): Promise<string> {
  const mails = (await app.inbox()).filter(({ to }) => to === address)
  const link = mails.map(({ text = '' }) => /https?:\S+\/undo\/\S+/.exec(text)?.[0]).find(Boolean)
  if (!link) throw new Error(`no link to undo in the mails to ${address}`)
  return link
}

async function status(link: string): Promise<number> {
  return (await new Person().visit(link)).status
}

async function undo(link: string): Promise<void> {
  const reader = new Person()
  await reader.visit(link)
  await reader.submit({ sure: 'yes' })
  expect([at(reader), reader.page.status]).toEqual(['/undo/done', 200])
}

async function holder(address: string): Promise<string | undefined> {
  return (await asked(app.core.store.durable.people).findAccountByEmail(address))?.id
}

const CHANGED = 'The e-mail address of your account was changed'

test('2 a thief who moves on to a third and fourth address: the first hears of each move', async () => {
  const { chain } = await moved()
  const [a, b, c] = chain
  expect((await subjects(a)).filter((subject) => subject === CHANGED)).toHaveLength(3)
  // Only the mail about leaving an address has the link that gives it back.
  for (const address of [a, b, c]) {
    const mails = (await app.inbox()).filter(({ to, text }) => to === address && text?.includes('/undo/'))
    expect(mails, address).toHaveLength(1)
  }
})

test('2 the owner’s link takes the account back from wherever it is, and the links of the thief are dead', async () => {
  const { thief, chain } = await moved()
  const [a, b, c, d] = chain
  const id = await holder(d)
  const [ofA, ofB, ofC] = (await Promise.all([a, b, c].map(undoLink))) as [string, string, string]
  await undo(ofA)
  expect([await holder(a), await holder(d)]).toEqual([id, undefined])
  expect(await Promise.all([ofA, ofB, ofC].map(status))).toEqual([410, 410, 410])
  await thief.browser.visit(`${app.origin}/account`)
  expect(due(thief.browser)).toBe('password')
  await thief.browser.submit({ email: a, password: PASSWORD })
  expect(due(thief.browser)).toBe('password')
})

test('2 a thief who takes one move back: the owner hears of it, and the owner’s link still wins', async () => {
  const { chain } = await moved()
  const [a, b, c, d] = chain
  const id = await holder(d)
  const [ofA, ofB, ofC] = (await Promise.all([a, b, c].map(undoLink))) as [string, string, string]
  const before = (await subjects(a)).length
  await undo(ofB)
  expect([await holder(b), await holder(d)]).toEqual([id, undefined])
  expect(await subjects(a)).toHaveLength(before + 1)
  expect(await Promise.all([ofA, ofB, ofC].map(status))).toEqual([200, 410, 410])

  // Whoever reads the mail to B sets a password, and is in again.
  const reader = new Person()
  await reader.visit(await app.linkFor(b))
  await reader.submit({ password: NEXT_PASSWORD, repeat: NEXT_PASSWORD })
  expect(reader.page.status).toBe(200)
  await undo(ofA)
  expect([await holder(a), await holder(b)]).toEqual([id, undefined])
  await reader.visit(`${app.portalOrigin}/login`)
  await reader.submit({ email: a, password: NEXT_PASSWORD })
  expect(due(reader)).toBe('password')
  const owner = new Person()
  await owner.visit(await app.linkFor(a))
  await owner.submit({ password: PASSWORD, repeat: PASSWORD })
  await owner.visit(`${app.portalOrigin}/login`)
  await owner.submit({ email: a, password: PASSWORD })
  expect(due(owner)).toBe('code')
})

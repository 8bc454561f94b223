/** The help desk through its pages (JOURNEYS J7): a case is found by its number, checked, decided once, and recorded. */
import { describe, expect, test } from 'vitest'
import { DAY, HOUR } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { at, told } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import {
  askForHelp,
  colleague,
  type LockedOut,
  lockedOut,
  send,
  signIn,
  sitting,
  visit,
} from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { press, text } from '../../support/people/second-factor.ts'
import { due, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const CODE = /\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b/

let seen = 0

const app = forAllTests(startApp)
clockOfEachTest()

function someoneNew(): Promise<LockedOut> {
  seen += 1
  return lockedOut(app, `sanne${seen}@sigma.example`)
}
const status = (who: Someone) => who.browser.page.status
const page = (who: Someone) => text(who.browser.page)

/** As if a thief with the password had moved the account to an address of their own a moment ago. */
async function changedAddress({ id, email }: LockedOut): Promise<string> {
  const next = `thief-${email}`
  const { durable } = app.core.store
  const [now, expiresAt] = [Date.now(), Date.now() + DAY]
  const code = { key: id, digest: id }
  await asked(durable.people).putAddressCode({ ...code, accountId: id, sealed: '', createdAt: now, expiresAt }, [])
  const undo = { digest: id, accountId: id, email, emailKey: email, createdAt: now, expiresAt }
  const { epoch = 0 } = (await asked(durable.people).findAccount(id)) ?? {}
  const change = { accountId: id, epoch, code, email: next, emailKey: next, at: now, undo }
  if ((await asked(durable.people).changeEmail(change, [])) !== 'changed') throw new Error('not changed')
  return next
}

describe('J7 the help desk lets somebody back in', () => {
  test('the number is read out, the check recorded, the code shown once, and what was lost is gone', async () => {
    const sanne = await someoneNew()
    const number = await askForHelp(sanne.browser, `"><script>alert(1)</script> 06 1234 5678`)
    const hanna = await colleague(app, 'help-desk')
    expect(page(hanna)).toContain(sanne.email)

    await hanna.browser.visit(`${app.origin}/admin/cases?number=${number.slice(0, 4)}+${number.slice(4)}`)
    expect(at(hanna.browser)).toBe(`/admin/cases/${number}`)
    expect(page(hanna)).toContain(sanne.email)
    // K-04: what a stranger typed.
    expect(hanna.browser.page.html).toContain('&lt;script&gt;')
    expect(hanna.browser.page.html).not.toContain('<script>')

    await send(hanna, { step: 'issue', note: 'asked for the name of her manager' })
    expect(status(hanna)).toBe(400)
    expect(page(hanna)).toContain('Choose how you made sure who it is.')
    expect(page(hanna)).toContain('asked for the name of her manager')
    await send(hanna, { step: 'issue', check: 'call-back', note: 'BSN 111222333' })
    expect(page(hanna)).toContain('The note holds a citizen service number')

    const form = hanna.browser.forms().find(({ fields }) => fields.csrf)
    const decision = { ...form?.fields, step: 'issue', check: 'call-back', note: 'called her back' }
    await hanna.browser.post(`/admin/cases/${number}`, decision)
    const [code = ''] = CODE.exec(page(hanna)) ?? []
    expect(page(hanna)).toContain('It is the second step only')

    // Reloading sends the form again.
    await hanna.browser.post(`/admin/cases/${number}`, decision)
    expect(status(hanna)).toBe(409)
    expect(page(hanna)).toContain('This case is closed')
    expect(page(hanna)).not.toMatch(CODE)
    await visit(app, hanna, `/admin/cases/${number}`)
    expect(page(hanna)).toMatch(/Code issued.*Decided by Colleague.*Called back on a number/)
    expect(page(hanna)).not.toMatch(CODE)

    // The browser of before is out, and the code is no way around the password.
    await sanne.before.visit(`${app.origin}/account`)
    expect(due(sanne.before)).toBe('password')
    await signIn(app, sanne.browser, sanne.email)
    await sanne.browser.visit(sitting(sanne.browser, 'challenge/temporary'))
    await press(sanne.browser, 'verify', { code })
    expect(due(sanne.browser)).toBe('enroll')

    const anna = await colleague(app, 'auditor')
    await visit(app, anna, `/admin/audit?person=${encodeURIComponent(sanne.email)}`)
    expect(page(anna)).toMatch(/Temporary access code issued.*recovery\.issued.*Colleague \d+.*Sanne de Vries/)
    expect(page(anna)).not.toContain(code)
  })

  test('a request is declined, with its check recorded; the person can ask again', async () => {
    const sanne = await someoneNew()
    const number = await askForHelp(sanne.browser)
    const hanna = await colleague(app, 'help-desk')
    await visit(app, hanna, `/admin/cases/${number}`)
    await send(hanna, { step: 'decline', check: 'video' })
    expect(at(hanna.browser)).toBe(`/admin/cases/${number}`)
    expect(told(hanna.browser)).toBe('The request is declined.')
    expect(page(hanna)).toMatch(/Declined.*By video call/)
    await hanna.browser.visit(hanna.browser.page.url)
    expect(told(hanna.browser)).toBe('')
    expect(hanna.browser.page.html).not.toContain('<textarea')
    await sanne.browser.visit(sanne.browser.page.url)
    expect(await askForHelp(sanne.browser)).not.toBe(number)
  })

  test('a number that nobody has: the list, with what to do about it', async () => {
    const hanna = await colleague(app, 'help-desk')
    for (const path of ['/admin/cases?number=1234', '/admin/cases/00000000', '/admin/cases/x%2F..']) {
      await visit(app, hanna, path)
      expect(status(hanna)).toBe(404)
      expect(page(hanna)).toContain('There is no case with this number.')
    }
  })

  test('P-04 the address was changed lately: nothing is issued before a day is over, whatever is sent', async () => {
    const sanne = await someoneNew()
    const email = await changedAddress(sanne)
    const browser = new Person()
    await signIn(app, browser, email)
    await browser.visit(sitting(browser, 'challenge/none'))
    const number = await askForHelp(browser)
    const hanna = await colleague(app, 'help-desk')
    await visit(app, hanna, `/admin/cases/${number}`)
    expect(hanna.browser.page.html).not.toContain('value="issue"')
    await send(hanna, { step: 'issue', check: 'in-person' })
    expect(status(hanna)).toBe(400)
    expect(page(hanna)).toContain('A code cannot be issued yet.')
    pass(DAY + HOUR)
    await visit(app, hanna, `/admin/cases/${number}`)
    await send(hanna, { step: 'issue', check: 'in-person' })
    expect(page(hanna)).toMatch(CODE)
  })
})

/** A passkey is offered after a sign-in: at most three times, and to whom never, on either store. */
import { beforeEach, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { listAuthenticators } from '../../../src/person/authenticator.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { keyFor, make, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { activated, backupCodeOn, codeOf, enroll, PASSWORD, press, text } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  international,
  smsCode,
  someVictim,
  startTwoStep,
  type Victim,
} from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

let sanne: Victim
const app = forAllTests(startTwoStep)
beforeEach(async () => {
  sanne = await someVictim(app)
})

const offered = ({ page }: Person) => text(page).includes('Sign in faster next time?')

async function recordOf({ id }: Pick<Victim, 'id'> = sanne) {
  const person = await app.core.store.durable.people.find(id)
  if (!person) throw new Error('nobody')
  return person
}

const kinds = async () => listAuthenticators(await recordOf()).map(({ kind }) => kind)

interface Way {
  person?: Person
  /** What the script of the sign-in page found out. */
  platform?: string
  remember?: 'yes'
  more?: Record<string, string>
}

/** In a browser that can, unless said otherwise. */
async function withPassword({ person = new Person(), platform = 'yes', more, remember }: Way = {}): Promise<Person> {
  await person.visit(authorize(app, 'payroll', more))
  await person.submit({ email: sanne.email, password: PASSWORD, platform, ...(remember && { remember }) })
  return person
}

async function signedIn(way: Way = {}): Promise<Person> {
  const person = await withPassword(way)
  await press(person, 'verify', { code: codeOf(sanne.key, Date.now()) })
  return person
}

test('whoever takes it has a passkey, and goes on at once; from then on it is not offered', async () => {
  const person = await signedIn()
  expect(offered(person)).toBe(true)
  expect(codesOf(person)).toEqual([])
  const key = keyFor(app)
  await make(person, key)
  expect(codesOf(person)).toHaveLength(1)
  expect((await kinds()).sort()).toEqual(['passkey', 'totp'])
  pass(31 * DAY)
  const next = await withPassword()
  await use(next, key)
  expect(codesOf(next)).toHaveLength(1)
  const byCode = await withPassword()
  await byCode.visit(byCode.page.url.replace(/\/?$/, '/challenge/totp'))
  await press(byCode, 'verify', { code: codeOf(sanne.key, Date.now()) })
  expect([offered(byCode), codesOf(byCode).length]).toEqual([false, 1])
})

test('Later: thirty days later, and three times in all', async () => {
  const seen: boolean[] = []
  for (const days of [0, 29, 1, 29, 1, 30, 400]) {
    pass(days * DAY + MINUTE)
    const person = await signedIn()
    seen.push(offered(person))
    if (offered(person)) await press(person, 'later')
    expect(codesOf(person)).toHaveLength(1)
  }
  expect(seen).toEqual([true, false, true, false, true, false, false])
})

test('Don’t ask again: never again', async () => {
  await press(await signedIn(), 'never')
  pass(400 * DAY)
  expect(offered(await signedIn())).toBe(false)
})

test('a window that was closed counts as well, in whatever browser; reloading shows the same page', async () => {
  const person = await signedIn()
  await person.visit(person.page.url)
  expect(offered(person)).toBe(true)
  expect((await recordOf()).account?.passkeyOffers?.times).toBe(1)
  pass(MINUTE)
  expect(offered(await signedIn())).toBe(false)
  // It still works where it was left open.
  await press(person, 'later')
  expect(codesOf(person)).toHaveLength(1)
})

test('an answer that does not fit stays on the page, where it can wait', async () => {
  const person = await signedIn()
  await person.submit({ registration: '{}' })
  expect(text(person.page)).toContain('That did not work')
  expect(offered(person)).toBe(true)
  await press(person, 'later')
  expect(codesOf(person)).toHaveLength(1)
  expect(await kinds()).toEqual(['totp'])
})

const NUMBER = '06 1399 0001'

/** Each ends where the application is. */
test.each<[string, () => Promise<Person>]>([
  ['where the browser did not say that it can', () => signedIn({ platform: '' })],
  [
    'to whoever was signed in already, and confirms once more',
    async () => {
      const person = await signedIn({ platform: '' })
      pass(MINUTE)
      person.trail = []
      return signedIn({ person, more: { prompt: 'login' } })
    },
  ],
  [
    'in a step-up',
    async () => {
      const person = await signedIn({ platform: '' })
      pass(MINUTE)
      person.trail = []
      await person.visit(authorize(app, 'quick', { mfa_max_age: '30' }))
      await press(person, 'verify', { code: codeOf(sanne.key, Date.now()) })
      return person
    },
  ],
  [
    'where no page may be shown',
    async () => {
      const person = await signedIn({ platform: '' })
      person.trail = []
      await person.visit(authorize(app, 'payroll', { prompt: 'none' }))
      return person
    },
  ],
  [
    'in a browser that keeps the address of somebody else',
    async () => {
      const person = await signedIn({ platform: '', remember: 'yes' })
      sanne = await someVictim(app)
      person.cookies = person.cookies.filter(({ name }) => !name.includes('session'))
      person.trail = []
      return signedIn({ person, more: { prompt: 'login' } })
    },
  ],
  [
    'in a browser that is remembered for somebody else',
    async () => {
      const person = await withPassword({ platform: '' })
      await press(person, 'verify', { code: codeOf(sanne.key, Date.now()), remember: 'yes' })
      sanne = await someVictim(app)
      person.cookies = person.cookies.filter(({ name }) => !name.includes('session'))
      person.trail = []
      return signedIn({ person })
    },
  ],
  [
    'by a text message',
    async () => {
      sanne = await someVictim(app, NUMBER)
      const person = await withPassword()
      await person.visit(person.page.url.replace(/\/?$/, '/challenge/sms'))
      await press(person, 'send')
      await press(person, 'verify', { code: await smsCode(app, international(NUMBER)) })
      return person
    },
  ],
  [
    'by a backup code, after another one was saved',
    async () => {
      const person = await withPassword()
      await person.visit(person.page.url.replace(/\/?$/, '/challenge/backup'))
      await press(person, 'verify', { code: sanne.backupCode })
      await press(person, 'kept')
      expect(backupCodeOn(person.page)).not.toBe(sanne.backupCode)
      await press(person, 'saved', { saved: 'yes' })
      return person
    },
  ],
  [
    'after another password was put off',
    async () => {
      await app.core.store.durable.people.change(sanne.id, ({ account }) => {
        const imported = { source: 'oud', externalId: sanne.id, at: Date.now(), passwordWeak: true as const }
        if (account) Object.assign(account, { imported, passwordChangedAt: undefined })
      })
      const person = await signedIn()
      await press(person, 'later')
      return person
    },
  ],
  [
    'right after the wizard',
    async () => {
      sanne = { ...sanne, email: `new-${sanne.email}` }
      await activated(app, sanne.email, new Person())
      const person = await withPassword()
      await enroll(person, Date.now)
      return person
    },
  ],
])('never %s', async (_when, way) => {
  const person = await way()
  expect(offered(person)).toBe(false)
  expect(codesOf(person)).toHaveLength(1)
  expect((await recordOf()).account?.passkeyOffers).toBeUndefined()
})

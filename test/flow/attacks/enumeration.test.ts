/** Finding out who has an account (SECURITY H): nothing in an answer may tell, whatever state an account is in. */
import { beforeAll, expect, test } from 'vitest'
import { HOUR } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { activate, atSignIn, disable, laneOf, likeness, PASSWORD, WRONG } from '../../support/attack/attack.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

// Of one length, so that Content-Length can be compared too.
const UNKNOWN = 'nobody0@sigma.example'
const KNOWN = 'known00@sigma.example'
const DISABLED = 'disable@sigma.example'
const INVITED = 'invited@sigma.example'
const ALL = [UNKNOWN, KNOWN, DISABLED, INVITED]

const app = forAllTests(() => startApp({ settings: { throttle: { linksPerHour: 3 } } }))
beforeAll(async () => {
  await activate(app, KNOWN)
  await activate(app, DISABLED)
  disable(app, DISABLED)
  await app.core.links.invite({ email: INVITED, name: 'Ingrid', locale: 'en' })
})

async function answers(emails: string[], fields: (email: string) => Record<string, string>): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const email of emails) {
    const stranger = await atSignIn(app)
    seen.push(likeness(await stranger.submit(fields(email)), email))
  }
  return seen
}

test('H-01: a wrong password gets one answer for unknown, known, disabled and not activated', async () => {
  const [first, ...others] = await answers(ALL, (email) => ({ email, password: WRONG }))
  expect(first).toMatchObject({ status: 400 })
  for (const other of others) expect(other).toEqual(first)
})

test('H-01: nor does the right password tell that an account is disabled', async () => {
  const [unknown, disabled] = await answers([UNKNOWN, DISABLED], (email) => ({ email, password: PASSWORD }))
  expect(disabled).toEqual(unknown)
})

test.each([
  ['has to wait', 5, HOUR],
  ['is closed', 100, 0],
])('H-04: an address that %s looks the same whoever it belongs to', async (_state, tries, delay) => {
  const lanes = await Promise.all(ALL.map((email) => laneOf(app, email)))
  await app.core.attempts.reset(...lanes)
  for (const lane of lanes) {
    const at = Date.now()
    for (let count = 0; count < tries; count += 1)
      await app.core.store.durable.spendStreak(lane, at, 1000, [...Array(tries - 1).fill(0), delay])
  }
  const [first, ...others] = (await answers(ALL, (email) => ({ email, password: PASSWORD }))).map((answer) =>
    JSON.stringify(answer).replace(/"retry-after","\d+"/, '"retry-after"'),
  )
  expect(first).toContain('"status":429')
  for (const other of others) expect(other).toEqual(first)
  await app.core.attempts.reset(...lanes)
})

async function ask(path: string, email: string): Promise<unknown> {
  const stranger = new Person()
  await stranger.visit(`${app.origin}${path}`)
  // Where there is no link, its page leads to the one that asks for the address.
  if (stranger.forms().length === 0) await stranger.visit('/recover')
  return likeness(await stranger.submit({ email }), email)
}

test.each(['/recover', '/activate', '/recover/set'])(
  'H-03: asking for a link at %s has one answer, and only an account gets a mail',
  async (path) => {
    const before = (await app.inbox()).length
    const seen: unknown[] = []
    for (const email of ALL) seen.push(await ask(path, email))
    expect(seen[0]).toMatchObject({ status: 200 })
    for (const other of seen) expect(other).toEqual(seen[0])
    const mails = (await app.inbox()).slice(0, -before || undefined).map(({ to }) => to)
    expect(mails.sort()).toEqual([INVITED, KNOWN])
  },
)

test('G-12, H-03: the answer is the same when the account has had its mails for this hour', async () => {
  for (let count = 0; count < 20; count += 1) await ask('/recover', KNOWN)
  expect(await ask('/recover', KNOWN)).toEqual(await ask('/recover', UNKNOWN))
  const mails = (await app.inbox()).filter(({ to, subject }) => to === KNOWN && subject?.startsWith('Set a new'))
  expect(mails).toHaveLength(3)
  // And the account is not locked by it.
  const own = await atSignIn(app)
  await own.submit({ email: KNOWN, password: PASSWORD })
  expect(own.page.url).toBe(`${app.portalOrigin}/`)
})

test('H-06: an error before the client is known names no client', async () => {
  const stranger = new Person()
  for (const query of ['client_id=portal', 'client_id=nobody', 'client_id=portal&redirect_uri=https://evil.example/']) {
    const page = await stranger.visit(`${app.origin}/auth?response_type=code&scope=openid&${query}`)
    expect(page.status).toBe(400)
    expect(page.url.startsWith(app.origin)).toBe(true)
    expect(page.html.replaceAll('Go to Sigma Portal', '')).not.toContain('Sigma Portal')
  }
})

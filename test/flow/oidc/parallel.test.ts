/** Several requests of one session at once: a browser that opens its tabs again, and someone who signs out meanwhile. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { race } from '../../support/attack/race.ts'
import { codeFields, credentials, mint, post } from '../../support/oidc/raw-oauth.ts'
import { answer, PASSWORD, type RelyingParty, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { NEXT_PASSWORD } from '../../support/people/settings-changes.ts'
import { somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

let parties: RelyingParty[]
let sanne: Person

const here = forAllTests(world)
beforeAll(async () => {
  parties = await Promise.all(['house', 'second', 'spa', 'moving', 'bound'].map((id) => relyingParty(here, id)))
})
beforeEach(async () => {
  sanne = new Person()
  await first().signIn(sanne)
})

function first(): RelyingParty {
  const [party] = parties
  if (!party) throw new Error('no applications')
  return party
}

/** The answer to a code that was handed out while others were. */
async function redeemed(party: RelyingParty, code: Awaited<ReturnType<typeof mint>>): Promise<number> {
  const { fields, headers } = credentials(here, party.clientId)
  return (await post(`${here.app.origin}/token`, { ...codeFields(party, code), ...fields }, headers)).status
}

test('four applications that are opened at once all get tokens, and all hear of the end', async () => {
  const opened = parties.slice(0, 4)
  const codes = await Promise.all(opened.map(async (party) => ({ party, code: await mint(party, sanne.copy()) })))
  for (const { party, code } of codes) expect(await redeemed(party, code)).toBe(200)
  here.apps.received.length = 0
  await sanne.visit(`${here.app.origin}/session/end`)
  await sanne.submit({ logout: 'yes' })
  await here.app.drain()
  expect(here.apps.received.map(({ path }) => path).sort()).toEqual(['/house/logout', '/second/logout'])
})

test('one application that is opened in four tabs at once gets tokens in each', async () => {
  const [, second = first()] = parties
  const codes = await Promise.all([1, 2, 3, 4].map(() => mint(second, sanne.copy())))
  for (const code of codes) expect(await redeemed(second, code)).toBe(200)
})

test('a request that was under way does not bring back a session that was signed out', async () => {
  const outcomes = await race({ rounds: 8, contenders: 10 }, async (round) => {
    const person = new Person()
    await first().signIn(person)
    await person.visit(`${here.app.origin}/session/end`)
    const requests = await Promise.all(Array.from({ length: 10 }, () => first().request()))
    return async (contender) => {
      if (contender === round % 10) await person.copy().submit({ logout: 'yes' })
      else await person.copy().request('GET', requests[contender]?.url.href ?? '')
      return person
    }
  })
  for (const [person] of outcomes) {
    if (!person) continue
    await first().open(person, { prompt: 'none' })
    expect(answer(person).get('error')).toBe('login_required')
  }
})

describe('a session gets a new id while other tabs of the same browser ask for something', () => {
  /** Asks without a page; whether there was a session. */
  async function signedIn(person: Person): Promise<boolean> {
    await first().open(person, { prompt: 'none' })
    return answer(person).has('code')
  }

  /** One browser: its tabs share the cookies, as they are when a request leaves and when an answer comes. */
  async function openTabs(person: Person): Promise<void> {
    const requests = await Promise.all(Array.from({ length: 10 }, (_, tab) => parties[tab % 2]?.request()))
    await Promise.all(
      requests.map(async (request) => {
        let address = request?.url.href ?? ''
        // As far as the dispatcher goes by itself.
        for (let hops = 0; hops < 5 && address.startsWith(`${here.app.origin}/auth`); hops += 1)
          address = new URL((await person.request('GET', address)).headers.get('location') ?? '', address).href
      }),
    )
  }

  /** Each ends with a request that is not sent yet: the one that gives the session its new id. */
  const renewals: Record<string, (person: Person, email: string) => Promise<() => Promise<unknown>>> = {
    async 'the password typed once more'(person, email) {
      await person.visit((await first().request({ prompt: 'login' })).url.href)
      const [form] = person.forms()
      const fields = new URLSearchParams({ ...form?.fields, email, password: PASSWORD })
      const answered = await person.request('POST', new URL(form?.action ?? '', person.page.url).href, fields)
      return () => person.request('GET', answered.headers.get('location') ?? '')
    },
    async 'another password'(person) {
      await person.visit(`${here.app.origin}/account/password`)
      const [form] = person.forms()
      const typed = { current: PASSWORD, password: NEXT_PASSWORD, repeat: NEXT_PASSWORD }
      const fields = new URLSearchParams({ ...form?.fields, ...typed })
      return () => person.request('POST', `${here.app.origin}/account/password`, fields)
    },
  }

  test.each(Object.entries(renewals))('%s: single sign-on is not lost', async (_what, renewal) => {
    const outcomes: boolean[] = []
    for (let round = 0; round < 8; round += 1) {
      const { browser, email } = await somebody(here.app)
      await first().open(browser, {}, email)
      const renew = await renewal(browser, email)
      await Promise.all([renew(), openTabs(browser)])
      outcomes.push(await signedIn(browser))
    }
    expect(outcomes).toEqual(Array.from(outcomes, () => true))
  })

  test('a browser that never heard of the new id signs in, and is not sent round because its requests wait for each other', async () => {
    const { browser, email } = await somebody(here.app)
    await first().open(browser, {}, email)
    const renew = await renewals['another password']?.(browser, email)
    const deaf = Array.from({ length: 20 }, () => browser.copy())
    await renew?.()
    const { href } = (await first().request()).url
    await Promise.all(deaf.map((one) => one.visit(href)))
    expect(
      deaf.flatMap(({ trail }) => trail.filter(({ url, next }) => next && new URL(next, url).href === url)),
    ).toEqual([])
    expect(deaf.map(({ page }) => page.html.includes('name="password"'))).toEqual(deaf.map(() => true))
  })

  test.each(Object.entries(renewals))('%s: nor by a request that was slow on its way', async (_what, renewal) => {
    const { browser, email } = await somebody(here.app)
    await first().open(browser, {}, email)
    const renew = await renewal(browser, email)
    const slow = browser.copy()
    await renew()
    await slow.request('GET', (await first().request({ prompt: 'none' })).url.href)
    // What its answer sets is set in the one browser.
    for (const cookie of slow.cookies)
      if (
        slow.trail
          .at(-1)
          ?.headers.getSetCookie()
          .some((line) => line.startsWith(`${cookie.name}=`))
      )
        browser.cookies = [...browser.cookies.filter(({ name }) => name !== cookie.name), cookie]
    expect(await signedIn(browser)).toBe(true)
  })
})

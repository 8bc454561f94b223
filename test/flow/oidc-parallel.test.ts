/** Several requests of one session at once: a browser that opens its tabs again, and someone who signs out meanwhile. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Person } from '../support/person.ts'
import { race } from '../support/race.ts'
import { codeFields, mint, post } from '../support/raw-oauth.ts'
import { answer, type RelyingParty, relyingParty, type World, world } from '../support/relying-party.ts'

let here: World
let parties: RelyingParty[]
let sanne: Person

beforeAll(async () => {
  here = await world()
  parties = await Promise.all(['house', 'second', 'spa', 'moving', 'bound'].map((id) => relyingParty(here, id)))
})
afterAll(() => here.stop())
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
  const secret = party.secret && { client_secret: party.secret }
  const fields = { ...codeFields(party, code), client_id: party.clientId, ...(secret || {}) }
  return (await post(`${here.app.origin}/token`, fields)).status
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

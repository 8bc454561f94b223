/** How often the pages behind links may be used: whoever holds one is counted by it, everybody else by their address. */
import { expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD } from '../../support/people/second-factor.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(() => startApp())

let nth = 0

/** In front of the page of their link, from the address that everybody has here. */
async function invited(): Promise<Person> {
  nth += 1
  const email = `new${nth}@sigma.example`
  expect((await app.core.links.invite({ email, name: 'Sanne', locale: 'en' })).ok).toBe(true)
  const person = new Person()
  await person.visit(await app.linkFor(email))
  return person
}

/** As the page's script asks while somebody types. */
async function judged(person: Person): Promise<number> {
  const link = person.forms()[0]?.fields.link ?? 'none'
  const response = await fetch(`${app.origin}/activate/check`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: app.origin,
      cookie: person.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    },
    body: JSON.stringify({ password: PASSWORD, link }),
  })
  return response.status
}

async function statuses(times: number, ask: () => Promise<number>): Promise<number[]> {
  const all: number[] = []
  for (let time = 0; time < times; time += 1) all.push(await ask())
  return all
}

test('a thousand people behind one address: whoever has a link goes on, whatever others did at that address', async () => {
  const stranger = new Person()
  await stranger.visit(`${app.origin}/activate/${'a'.repeat(43)}`)
  const guesses = await statuses(121, () => judged(stranger))
  expect([guesses.slice(0, 120).every((status) => status === 410), guesses.at(-1)]).toEqual([true, 429])
  const [sanne, piet] = [await invited(), await invited()]
  expect(new Set(await statuses(60, () => judged(sanne)))).toEqual(new Set([200]))
  // A robot that holds a link stops by itself, and stops nobody else.
  expect([await judged(sanne), await judged(piet)]).toEqual([429, 200])
  expect((await piet.submit({ password: PASSWORD, repeat: PASSWORD })).status).toBe(200)
  expect((await sanne.submit({ password: PASSWORD, repeat: PASSWORD })).status).toBe(429)
  pass(MINUTE)
  await sanne.visit(`${app.origin}/activate/set`)
  expect((await sanne.submit({ password: PASSWORD, repeat: PASSWORD })).status).toBe(200)
})

test('whoever comes with a link that is too old is sent another, whatever others asked for at that address', async () => {
  const late = await invited()
  pass(30 * DAY)
  const stranger = new Person()
  const asked = await statuses(31, async () => {
    await stranger.visit(`${app.origin}/recover`)
    return (await stranger.submit({ email: 'nobody@sigma.example' })).status
  })
  expect([asked.slice(0, 30).every((status) => status === 200), asked.at(-1)]).toEqual([true, 429])
  // Nor does holding a link count for what is asked without it.
  await late.visit(`${app.origin}/recover`)
  expect((await late.submit({ email: 'nobody@sigma.example' })).status).toBe(429)
  await late.visit(`${app.origin}/activate/set`)
  expect(late.page.status).toBe(410)
  expect((await late.submit()).status).toBe(200)
  pass(MINUTE)
})

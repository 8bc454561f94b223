/** The same workday at the front door, of a few people: what the shortcut of port-day.ts is held against. */
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { activate, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { MISTYPES, REFRESHES } from './port-day.ts'
import { enrolledVisitor } from './visitor.ts'
import { type Told, toldSince, trailOf } from './weight.ts'

export async function dayAtTheFrontDoor(people: number): Promise<Told> {
  let at = Date.now()
  const pass = (milliseconds: number) => {
    at += milliseconds
  }
  const running = await world({ now: () => at })
  const house = await relyingParty(running, 'house')
  const visitors = []
  for (let n = 0; n < people; n += 1) {
    const email = `visitor-${n}@sigma.example`
    await activate(running.app, email, `Visitor ${n}`)
    const visitor = await enrolledVisitor(running.app, house, { now: () => at, pass }, email)
    visitors.push(visitor)
    // So that the browser is known from then on.
    await visitor.signIn()
    await visitor.signOut()
  }
  pass(DAY)
  await running.app.tidy()
  const before = trailOf(running.app.folder)
  const tokens = []
  for (const [n, visitor] of visitors.entries()) tokens.push(await visitor.signIn({ mistyped: n % MISTYPES === 0 }))
  for (let refreshes = 0; refreshes < REFRESHES; refreshes += 1) {
    pass(MINUTE)
    for (const [n, { refresh_token }] of tokens.entries()) tokens[n] = await house.refresh(refresh_token)
  }
  for (const visitor of visitors) await visitor.signOut()
  const told = toldSince(running.app.folder, before)
  await running.stop()
  return told
}

/**
 * What the embedded store grows by: so many sign-ins with password and code, each with its tokens, userinfo, refreshes and
 * a sign-out, through the front door. `node test/bench/growth.ts [sign-ins] [refreshes]`
 */

import { DAY, MINUTE } from '../../src/lib/time.ts'
import { relyingParty, world } from '../support/oidc/relying-party.ts'
import { enrolledVisitor } from './growth/visitor.ts'
import { rowsByType, weigh, weightOf } from './growth/weight.ts'

const [signIns = 50, refreshes = 3] = process.argv.slice(2).map(Number)

let at = Date.now()
const running = await world({ now: () => at })
const { app } = running
const house = await relyingParty(running, 'house')
const who = await enrolledVisitor(app, house, {
  now: () => at,
  pass: (milliseconds) => {
    at += milliseconds
  },
})
const before = weigh(app.folder)
for (let n = 0; n < signIns; n += 1) {
  at += 2 * MINUTE
  let { refresh_token } = await who.signIn()
  for (let m = 0; m < refreshes; m += 1) {
    at += 10 * MINUTE
    ;({ refresh_token } = await house.refresh(refresh_token))
  }
  await who.signOut()
}
const after = weigh(app.folder)
console.log(`${signIns} sign-ins with password and code, ${refreshes} refreshes each`)
console.table(weightOf(before, after, signIns))
console.table(rowsByType(app.folder))
at += 2 * DAY
await app.tidy()
console.log('two days later, swept')
console.table(weightOf(before, weigh(app.folder), signIns))
await running.stop()

/** What tests of text messages have in common: somebody with a number, and the pages that send to one. */
import { HOUR } from '../../../src/lib/time.ts'
import type { RunningApp } from '../app/app.ts'
import { pass } from '../app/clock.ts'
import { Person } from './person.ts'
import { activated, appBound } from './second-factor.ts'
import { halfSignedIn, type Victim, victim } from './second-factor-attack.ts'

let people = 0

/** Somebody new each time, with a number of their own; the message that added it is two hours ago. */
export async function withNumber(app: RunningApp): Promise<Victim & { number: string }> {
  people += 1
  const number = `06 3333 ${1000 + people}`
  const made = await victim(app, `sms${people}@sigma.example`, number)
  pass(2 * HOUR)
  return { ...made, number }
}

/** How many messages left. */
export async function messages(app: RunningApp): Promise<number> {
  const trail = await app.core.store.durable.listAudit({ limit: 100_000 })
  return trail.filter(({ type }) => type === 'sms.sent').length
}

/** After the password, at the page for the code of a message. */
export async function atSms(app: RunningApp, email: string, client = 'payroll'): Promise<Person> {
  const person = await halfSignedIn(app, email, client)
  await person.visit(`${person.page.url}/challenge/sms`)
  return person
}

/** Somebody new in the wizard, past the app: at the page for a number. */
export async function atNumber(app: RunningApp, email: string): Promise<Person> {
  const person = new Person()
  await activated(app, email, person)
  await halfSignedIn(app, email, 'payroll', person)
  await appBound(person)
  return person
}

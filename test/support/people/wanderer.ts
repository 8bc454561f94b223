/** People who leave a page open, go back, reload and open it twice: what they saw in the end, in one word. */
import { DAY } from '../../../src/lib/time.ts'
import { pass } from '../app/clock.ts'
import { answer } from '../oidc/relying-party.ts'
import type { Person } from './person.ts'
import { text } from './second-factor.ts'

/** The clock moves on, and the browser forgets the cookies whose time is up. */
export function leaveOpen(person: Person, milliseconds: number): void {
  pass(milliseconds)
  const ends = new Map<string, number>()
  for (const { headers } of person.trail)
    for (const line of headers.getSetCookie()) {
      const expires = /; expires=([^;]+)/i.exec(line)?.[1]
      ends.set(line.slice(0, line.indexOf('=')), expires === undefined ? Date.now() + DAY : Date.parse(expires))
    }
  person.cookies = person.cookies.filter(({ name }) => (ends.get(name) ?? Number.POSITIVE_INFINITY) > Date.now())
}

/** Where the browser stands: signed in, at the beginning of the application's own sign-in, or on a page of ours. */
export function whereabouts(person: Person): string {
  const { url } = person.page
  if (url.includes('/callback'))
    return answer(person).has('code') ? 'application' : `error ${answer(person).get('error')}`
  if (url.includes('/begin')) return 'application begins'
  return /<h1[^>]*>(.*?)<\/h1>/.exec(person.page.html)?.[1] ?? text(person.page).slice(0, 60)
}

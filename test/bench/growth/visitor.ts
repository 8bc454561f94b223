/** Somebody who signs in with password and code, on a clock that the caller moves. */

import { SECOND } from '../../../src/lib/time.ts'
import type { RunningApp } from '../../support/app/app.ts'
import { ACR, EMAIL, PASSWORD, type RelyingParty, type Tokens } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, enroll, press } from '../../support/people/second-factor.ts'

export interface GrowthClock {
  now(): number
  pass(milliseconds: number): void
}

export interface Visitor {
  signIn(how?: { mistyped: boolean }): Promise<Tokens>
  /** A visit of the application with the session that there is. */
  visit(): Promise<Tokens>
  signOut(): Promise<void>
}

export async function enrolledVisitor(
  app: RunningApp,
  house: RelyingParty,
  clock: GrowthClock,
  email = EMAIL,
): Promise<Visitor> {
  const person = new Person()
  const first = await house.open(person, { acr_values: ACR.mfa }, email)
  const { key } = await enroll(person, clock.now)
  await house.redeem(person.page.url, first)
  let last: Tokens | undefined

  async function answer(): Promise<void> {
    if (person.page.html.includes('name="password"')) await person.submit({ email, password: PASSWORD })
    // Each code is good once.
    clock.pass(30 * SECOND)
    if (person.page.html.includes('value="verify"')) await press(person, 'verify', { code: codeOf(key, clock.now()) })
  }

  async function visit(mistyped = false): Promise<Tokens> {
    const request = await house.request({ acr_values: ACR.mfa })
    await person.visit(request.url.href)
    if (mistyped) await person.submit({ email, password: 'mistyped' })
    await answer()
    last = await house.redeem(person.page.url, request)
    const answered = await fetch(`${app.origin}/me`, { headers: { authorization: `Bearer ${last.access_token}` } })
    await answered.text()
    return last
  }

  return {
    async signIn({ mistyped } = { mistyped: false }) {
      person.cookies = person.cookies.filter(({ name }) => !name.startsWith('sigma-session'))
      return visit(mistyped)
    },
    visit: () => visit(),
    async signOut() {
      const end = new URL(`${app.origin}/session/end`)
      end.search = new URLSearchParams({ id_token_hint: last?.id_token ?? '' }).toString()
      await person.visit(end.href)
      if (person.page.html.includes('/session/end/confirm')) await person.submit()
    },
  }
}

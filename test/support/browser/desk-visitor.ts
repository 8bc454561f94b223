/** Administration as people meet it in a browser: the way in, by password and a code of the app. */
import { SECOND } from '../../../src/lib/time.ts'
import { pass } from '../app/clock.ts'
import { codeOf, PASSWORD } from '../people/second-factor.ts'
import type { Someone } from '../people/step-up.ts'
import type { Visitor } from './chromium.ts'
import { WORDS } from './two-step-visitor.ts'
import type { Locale } from './variants.ts'

/** Goes to a page of administration, and comes in. */
export async function enterAs(visitor: Visitor, locale: Locale, who: Someone, address: string): Promise<void> {
  await visitor.page.goto(address)
  await signInAs(visitor, locale, who)
}

/** Where a page asks who is there. A script sends the forms in place: whoever goes on looks for what comes next. */
export async function signInAs({ page }: Visitor, locale: Locale, who: Someone): Promise<void> {
  const words = WORDS[locale]
  await page.getByLabel(words.email).fill(who.email)
  await page.getByLabel(words.password, { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: words.signIn, exact: true }).click()
  // Each code counts once.
  pass(31 * SECOND)
  await page.getByLabel(words.digits).fill(codeOf(who.enrolled?.key ?? '', Date.now()))
  await page.getByRole('button', { name: words.verify }).click()
}

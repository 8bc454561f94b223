/** What may leave as a mail at all, whichever way it leaves. Apart from smtp.ts, which takes a tenth of a second to load. */
import { Undeliverable } from './attempt.ts'
import type { Email } from './queue.ts'

/** Letters, digits and the signs of RFC 5322's dot-atom, no quoting or comments: exactly one address, and no room for another. */
const ADDRESS =
  /^(?=.{3,254}$)(?=[^@]{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** Header injection: a line break in an address or subject starts a header of the writer's choice. Refused, never repaired. */
export function mustBeSendable(email: Email): void {
  if (!isAddress(email.to)) throw new Undeliverable('bad-address', 'not exactly one plain mail address')
  if (hasControls(email.subject)) throw new Undeliverable('bad-subject', 'a control character in the subject of a mail')
}

export function isAddress(text: string): boolean {
  return ADDRESS.test(text)
}

export function hasControls(text: string): boolean {
  return CONTROL.test(text)
}

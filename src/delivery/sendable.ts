/** What may leave as a mail at all, whichever way it leaves. Apart from smtp.ts, which takes a tenth of a second to load. */
import { isEmailAddress } from '../lib/email-address.ts'
import { Undeliverable } from './attempt.ts'
import type { Email } from './queue.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** Header injection: a line break in an address or subject starts a header of the writer's choice. Refused, never repaired. */
export function mustBeSendable(email: Email): void {
  if (!isEmailAddress(email.to)) throw new Undeliverable('bad-address', 'not exactly one plain mail address')
  if (hasControls(email.subject)) throw new Undeliverable('bad-subject', 'a control character in the subject of a mail')
}

/** `Sigma ID <no-reply@sigma.example>`, or the address alone. Undefined for anything else. */
export function senderOf(from: string): { name: string; address: string } | undefined {
  const { name = '', address = from } = /^"?(?<name>[^"<>]*?)"?\s*<(?<address>[^<>]+)>$/.exec(from)?.groups ?? {}
  return hasControls(from) || !isEmailAddress(address) ? undefined : { name, address }
}

function hasControls(text: string): boolean {
  return CONTROL.test(text)
}

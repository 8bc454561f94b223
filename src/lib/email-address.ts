/**
 * What an e-mail address is, for everything that takes one or sends to one: the syntax of the HTML living standard
 * (section 4.10.5.1.5), which is that of the field that it is typed into, within the lengths of RFC 5321 section 4.5.3.1.
 * It has no quoting and no comments, so an address is exactly one wherever it ends up, the header of a mail included.
 */
import { domainToASCII } from 'node:url'
import { z } from 'zod'

export const LONGEST_EMAIL = 254
const LONGEST_LOCAL_PART = 64
const LONGEST_LABEL = 63

const LOCAL_PART = /^[\w.!#$%&'*+/=?^`{|}~-]+$/
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/** Of an address as it is kept: with the domain in ASCII. A host alone is of one network; no mail goes there. */
export function isEmailAddress(text: string): boolean {
  const { local, domain } = parts(text)
  const labels = domain.split('.')
  return (
    text.length <= LONGEST_EMAIL &&
    local.length <= LONGEST_LOCAL_PART &&
    LOCAL_PART.test(local) &&
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label))
  )
}

/**
 * The address with its domain as the network knows it (RFC 5890 section 2.3.2.1): `jan@пост.рф` and
 * `jan@xn--n1abhe.xn--p1ai` are one. A text that has no such form is left as it is, and is no address.
 */
export function withAsciiDomain(text: string): string {
  // Converting what is far too long takes a while.
  if (text.length > LONGEST_EMAIL) return text
  const { local, domain } = parts(text)
  // Only what a name is made of: of anything else the conversion would leave out a part.
  if (text.length > LONGEST_EMAIL || isAscii(domain) || !/^[a-z0-9.\u0080-\u{10ffff}-]+$/iu.test(domain)) return text
  // In ASCII neither gets shorter, and the conversion takes the square of the length of a label.
  if (domain.split('.').some((label) => [...label].length > LONGEST_LABEL)) return text
  const ascii = domainToASCII(domain)
  return ascii === '' ? text : `${local}@${ascii}`
}

/** The shape of an address in an input; what comes out of it has its domain in ASCII. */
export const emailAddress = z
  .string()
  .overwrite(withAsciiDomain)
  .refine(isEmailAddress, 'an e-mail address such as sanne@example.org')

function parts(text: string): { local: string; domain: string } {
  const at = text.lastIndexOf('@')
  return { local: text.slice(0, Math.max(at, 0)), domain: text.slice(at + 1) }
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
  return /^[\u0000-\u007f]*$/.test(text)
}

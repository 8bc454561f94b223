/**
 * Addresses that people would take for another's: whoever reads a list, or approves by mail, looks at no more than a
 * glance tells. What is left of an address once everything is gone that a glance passes over is the same of two that look
 * alike (UTR 39 section 4); it is kept as a finder, so that another with the same is found in one look.
 */
import { domainToUnicode } from 'node:url'
import { mixedWord, skeleton } from '../lib/look-alike.ts'

/** Of an address, or its key. Dots, hyphens and accents count for nothing, `rn` is `m`, and 1, l and i are one. */
export function looksOf(email: string): string {
  const { local, domain } = parts(email)
  return `${skeleton(local)}@${domainLooksOf(domain)}`
}

/** Of a domain, in whichever spelling: `xn--…` is seen as what it stands for. */
export function domainLooksOf(domain: string): string {
  return shown(domain).split('.').map(skeleton).join('.')
}

/** The domain as people see it where programs show it in its own letters; undefined if it is in ASCII anyway. */
export function shownDomain(email: string): string | undefined {
  const { domain } = parts(email)
  const own = shown(domain)
  return own === domain ? undefined : own
}

/** A part of the domain that is of several scripts: nobody has one by chance (UTR 39 section 5.2). */
export function mixesScripts(email: string): boolean {
  return mixedWord(shown(parts(email).domain)) !== undefined
}

export function domainOf(email: string): string {
  return parts(email).domain
}

function shown(domain: string): string {
  // A text that is no domain has no such form.
  return domainToUnicode(domain) || domain
}

function parts(email: string): { local: string; domain: string } {
  const at = email.lastIndexOf('@')
  return { local: email.slice(0, Math.max(at, 0)), domain: email.slice(at + 1).toLowerCase() }
}

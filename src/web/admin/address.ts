/** Addresses of pages of administration: what they name, and what they ask. */
import type { RouterContext } from '@koa/router'

export function personAddress(id: string): string {
  return `/admin/people/${encodeURIComponent(id)}`
}

/** An address with what it asks for; what is undefined is not asked. */
export function addressOf(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path
}

const MOST_ASKED = 254

/** What was typed into a field that looks something up. */
export function asked(ctx: RouterContext, name: string): string {
  const value = ctx.query[name]
  return typeof value === 'string' ? value.trim().slice(0, MOST_ASKED) : ''
}

/** The version of a record as its entity tag, and what requests say about it (RFC 9110 section 13, RFC 6585 section 3). */
import { AppError } from '../../lib/errors.ts'

export function tagOf(version: number): string {
  return `"${version}"`
}

const TAG = '(W/)?"([\\x21\\x23-\\x7e\\x80-\\xff]*)"'
const LIST = new RegExp(`^[ \\t]*${TAG}[ \\t]*(?:,[ \\t]*${TAG}[ \\t]*)*$`)

interface Tag {
  weak: boolean
  value: string
}

function tagsIn(header: string): Tag[] | undefined {
  if (!LIST.test(header)) return undefined
  return [...header.matchAll(new RegExp(TAG, 'g'))].map(([, weak, value = '']) => ({ weak: weak !== undefined, value }))
}

/** More than any record has versions. */
const VERSION = /^(?:0|[1-9]\d{0,8})$/

/**
 * The version that whoever sends this has looked at. One tag: `*` and a list say that several would do, so that somebody
 * else's change would be undone unseen. Throws 428 where there is none, 412 where it can be that of no version.
 */
export function versionRead(header: string): number {
  if (header === '')
    throw new AppError('version-required', 'If-Match must say which version was read: the ETag of the answer', {
      status: 428,
    })
  const [tag, ...others] = tagsIn(header) ?? []
  if (!tag || others.length > 0) throw new AppError('bad-request', 'If-Match must be one entity tag', { status: 400 })
  // Compared strongly: a weak tag is like none (RFC 9110 section 13.1.1).
  if (tag.weak || !VERSION.test(tag.value))
    throw new AppError('changed-meanwhile', 'this is the entity tag of no version', { status: 412 })
  return Number(tag.value)
}

/** Whether the asker has this already. Compared weakly. */
export function isKnown(header: string, tag: string): boolean {
  if (header.trim() === '*') return true
  return (tagsIn(header) ?? []).some(({ value }) => `"${value}"` === tag)
}

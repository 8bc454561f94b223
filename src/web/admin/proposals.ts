/** Names of organizations that a form proposes while one of them is typed. */
import type { AdminContext } from '../../admin/verb.ts'
import { byName, says } from '../../organization/order.ts'

/** More make a page heavy, and nobody finds anything in them. */
const MOST = 200
const MOST_LIKE = 20

/** All of them where there are few; otherwise those that have in them what was typed. */
export function proposedNames({ organizations }: Pick<AdminContext, 'organizations'>, typed: string): string[] {
  const all = [...organizations.all()].filter(({ record }) => record.status === 'active' && !record.mergedInto)
  const few = all.length <= MOST
  const text = typed.trim()
  if (!few && text === '') return []
  const found = few ? all : all.filter(({ record }) => says(record, text))
  return found
    .sort(byName)
    .slice(0, few ? MOST : MOST_LIKE)
    .map(({ record }) => record.name)
}

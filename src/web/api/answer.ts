/** What a verb answered, as the API tells it: JSON with moments as texts, and lists a page at a time. */
import { z } from 'zod'
import { AppError } from '../../lib/errors.ts'
import { givesParts, type Part } from './input.ts'
import type { Route } from './routes.ts'

export type Answer = Record<string, unknown>

export interface Page {
  items: unknown[]
  /** For `after`; null on the last page. */
  next: string | null
}

/** What an answer of this route is. */
export function shapeOf({ answer, list }: Pick<Route, 'answer' | 'list'>): z.ZodType {
  return list === undefined ? answer : z.strictObject({ items: z.array(answer), next: z.string().nullable() })
}

/** `limit` is what the verb was asked for, where it gives a part by itself. */
export function told(answer: unknown, route: Route, part: Part, limit: number): Answer {
  const plain: unknown = JSON.parse(JSON.stringify(answer, inWords))
  if (route.list === undefined) return plain as Answer
  return { ...pageOf(plain, route, part, limit) }
}

function pageOf(answer: unknown, route: Route, part: Part, limit: number): Page {
  const keyOf = (item: unknown) => String((item as Answer)[route.list ?? ''])
  if (!Array.isArray(answer)) {
    const { next = null, ...rest } = answer as Answer
    const items = Object.values(rest).find(Array.isArray) ?? []
    return { items, next: next as string | null }
  }
  const last = answer.at(-1)
  if (givesParts(route)) return { items: answer, next: answer.length === limit && last ? keyOf(last) : null }
  const begin = part.after === undefined ? 0 : answer.findIndex((item) => keyOf(item) === part.after) + 1
  const items = answer.slice(begin, begin + part.limit)
  return { items, next: begin + items.length < answer.length ? keyOf(items.at(-1)) : null }
}

/** Moments are numbers in the product. */
function inWords(key: string, value: unknown): unknown {
  return typeof value === 'number' && /(?:^a|A)t$/.test(key) ? new Date(value).toISOString() : value
}

/** An answer that says more than it should, or less, is a fault of ours. */
export function insistShape(answer: Answer, route: Route): void {
  const checked = shapeOf(route).safeParse(answer)
  if (!checked.success) throw new AppError('answer', `${route.verb.name}: ${z.prettifyError(checked.error)}`)
}

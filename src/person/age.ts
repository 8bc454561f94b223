/** The order of things of a person, each of which says when it was made. */

/** Oldest first; of one moment, in the order in which they came. */
export function byAge<T extends { createdAt: number }>(things: T[]): T[] {
  return things.toSorted((a, b) => a.createdAt - b.createdAt)
}

export function newestFirst<T extends { createdAt: number }>(things: T[]): T[] {
  return byAge(things).reverse()
}

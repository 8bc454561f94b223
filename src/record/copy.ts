/** Records are plain data, as JSON has it: what is said of them here would not be true of anything else. */

/** Shares nothing with the other. `structuredClone` takes ten times as long. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf) as T
  const copy = { ...value }
  for (const name in copy) {
    const part = copy[name]
    if (typeof part === 'object') copy[name] = copyOf(part)
  }
  return copy
}

/** What is undefined is as good as absent. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) || Array.isArray(other)) return isSameList(one, other)
  const [these, those] = [one as Fields, other as Fields]
  for (const name in these) if (!isSame(these[name], those[name])) return false
  for (const name in those) if (these[name] === undefined && those[name] !== undefined) return false
  return true
}

type Fields = Record<string, unknown>

function isSameList(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false
  return one.every((each, index) => isSame(each, other[index]))
}

/**
 * All artifacts, by their names: no index has everything, so it walks over all keys. The names are held in memory
 * meanwhile, about a hundred bytes for each.
 */
import type { RunScript } from './gate.ts'

/** Keys that one step of the walk looks at. */
const STEP = 100

const SCAN = `return redis.call('SCAN', ARGV[2], 'MATCH', ARGV[3], 'COUNT', ARGV[4])`

/** These fields of each of KEYS. */
const READ = `
local found = {}
for at, name in ipairs(KEYS) do found[at] = redis.call('HMGET', name, unpack(ARGV, 2)) end
return found`

/** Names without what they all begin with: `<model>:<key>`. */
export async function artifactNames(run: RunScript, tag: string): Promise<string[]> {
  const start = startOf(tag)
  // A name may come twice.
  const found = new Set<string>()
  let cursor = '0'
  do {
    // The key says which node of a Cluster has all of ours.
    const reply = await run(SCAN, [`${tag}:models`], [cursor, `${start}*`, STEP])
    const [next, names] = reply as [string, string[]]
    for (const name of names) if (name.startsWith(start)) found.add(name.slice(start.length))
    cursor = next
  } while (cursor !== '0')
  return [...found]
}

export async function fieldsOf(
  run: RunScript,
  tag: string,
  members: string[],
  ...fields: string[]
): Promise<Array<Array<string | null>>> {
  if (members.length === 0) return []
  const keys = members.map((member) => startOf(tag) + member)
  return (await run(READ, keys, fields)) as Array<Array<string | null>>
}

export function startOf(tag: string): string {
  return `${tag}:artifact:`
}

export function named(member: string): { model: string; key: string } {
  const colon = member.indexOf(':')
  return { model: member.slice(0, colon), key: member.slice(colon + 1) }
}

export function* bites<T>(all: T[], size: number): Generator<T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size)
}

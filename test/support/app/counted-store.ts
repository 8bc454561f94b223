/** A store that counts what is asked of it, by method and, for artifacts, by model; and how often it commits. */
import type { Store } from '../../../src/store/store.ts'

export interface Counted {
  instrument(store: Store): Store
  /** What was asked while `work` ran: `{ 'findAccount': 2, 'putArtifact Session': 1, … }`. */
  during(work: () => Promise<unknown>): Promise<Record<string, number>>
  /** For the app: told of every commit of the embedded store. */
  onCommit(): void
  /** The same by kind: calls that read, calls that write, and commits. */
  kinds(work: () => Promise<unknown>): Promise<Kinds>
}

export interface Kinds {
  reads: number
  writes: number
  commits: number
}

const READS = /^(\w+\.)?(find|list|peek|is[A-Z]|count|values|search)/

type Methods = Record<string, (...args: never[]) => Promise<unknown>>

export function countedStore(): Counted {
  let counts: Record<string, number> = {}
  let commits = 0

  function counting<Port extends object>(port: Port, of = ''): Port {
    const parts = Object.entries(port as unknown as Record<string, Methods[string] | Methods>).map(([name, part]) => {
      if (typeof part !== 'function') return [name, counting(part, `${name}.`)]
      const counted = (...args: never[]) => {
        const label = `${of}${name}${model(args[0])}`
        counts[label] = (counts[label] ?? 0) + 1
        return part(...args)
      }
      return [name, counted]
    })
    return Object.fromEntries(parts) as Port
  }

  async function during(work: () => Promise<unknown>): Promise<Record<string, number>> {
    counts = {}
    commits = 0
    await work()
    // What nobody waits for, such as the record of a sign-in, is asked in the same turn as the answer or soon after.
    for (let before = -1; before < total(counts); ) {
      before = total(counts)
      await new Promise((done) => setTimeout(done, 50))
    }
    return counts
  }

  return {
    instrument: (store) => ({
      ...store,
      durable: counting(store.durable),
      expiring: counting(store.expiring),
    }),
    onCommit() {
      commits += 1
    },
    during,
    async kinds(work) {
      const asked = Object.entries(await during(work))
      const reads = asked.filter(([name]) => READS.test(name)).reduce((sum, [, count]) => sum + count, 0)
      return { reads, writes: total(counts) - reads, commits }
    },
  }
}

/** Models are named as oidc-provider names them; ids and keys are not. */
function model(argument: unknown): string {
  const named = argument !== null && typeof argument === 'object' && 'model' in argument ? argument.model : argument
  return typeof named === 'string' && /^[A-Z][A-Za-z]{3,30}$/.test(named) ? ` ${named}` : ''
}

export function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

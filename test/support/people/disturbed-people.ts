/** People on whom something happens just before, or after, a change. Which change it is, the rule says that it calls. */
import type { People } from '../../../src/person/kind.ts'

type Step = (rule: string) => unknown

/** The name of the rule that a change puts to the draft: `(person) => spendBackupCode(person, …)`. */
export function ruleOf(change: (...given: never[]) => unknown): string {
  return /(\w+)\)?\(person\b/.exec(String(change))?.[1] ?? 'unnamed'
}

export function disturbedPeople(people: People, { before, after }: { before?: Step; after?: Step }): People {
  async function around<T>(rule: (...given: never[]) => unknown, act: () => Promise<T>): Promise<T> {
    await before?.(ruleOf(rule))
    const outcome = await act()
    await after?.(ruleOf(rule))
    return outcome
  }

  return {
    ...people,
    change: (id, rule) => around(rule, () => people.change(id, rule)),
    changeBy: (key, rule) => around(rule, () => people.changeBy(key, rule)),
  }
}

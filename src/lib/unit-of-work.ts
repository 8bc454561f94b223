/**
 * A request is one unit of work: what it changes becomes durable together, as far as the store can wait, and nothing is
 * answered before it is.
 *
 * A store may tell a unit of a change as soon as it is decided, before it is on disk, so that what follows from it can go
 * into the same commit. Whoever begins a unit waits at its end for all that it owes. Outside a unit one is told of a
 * change when it is on disk.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

/** Something that a unit wrote, or read of another's writes, and that is not on disk yet. */
export interface Debt {
  /** Rejects if it was not kept. Somebody else sees to that rejection when no unit does. */
  readonly durable: Promise<void>
  /** Somebody is waiting: no more is gathered. */
  demand(): void
  /** Why it was not kept, from the moment on at which that is known. */
  readonly fault: unknown
}

export interface Unit {
  owe(debt: Debt): void
  /**
   * Why something that this unit owed was not kept; undefined while nothing was lost. From then on it may change nothing:
   * what follows from a change that is not there must not be there either (a code would be spent, and work again).
   */
  lost(): unknown
}

interface Running extends Unit {
  debts: Set<Debt>
  /** Also those that were paid. */
  owed: Set<Debt>
  memory: Map<string, Promise<unknown>>
  over: boolean
}

const units = new AsyncLocalStorage<Running | undefined>()

/**
 * Runs `work` as a unit. Resolves when all that it changed is durable; rejects if that could not be, after `unsay` has
 * taken back what the answer would have said.
 */
export async function asUnit<T>(work: () => Promise<T>, unsay: () => void): Promise<T> {
  const unit = begun()
  try {
    return await units.run(unit, work)
  } finally {
    // Also of what was refused: the record of it is durable before anybody is told.
    try {
      await pay(unit, unsay)
    } finally {
      unit.over = true
    }
  }
}

function begun(): Running {
  const [debts, owed] = [new Set<Debt>(), new Set<Debt>()]
  return {
    debts,
    owed,
    memory: new Map(),
    over: false,
    owe(debt) {
      debts.add(debt)
      owed.add(debt)
    },
    lost: () => owed.values().find(({ fault }) => fault !== undefined)?.fault,
  }
}

/** The unit that is under way; what goes on after its end belongs to none. */
export function currentUnit(): Unit | undefined {
  return running()
}

function running(): Running | undefined {
  const unit = units.getStore()
  return unit?.over ? undefined : unit
}

/**
 * What goes by this name, read once in a unit and in none each time. It is shared, so it is not to be changed; and what
 * somebody else did since is not in it, so whatever must not be done twice, or after something, is decided in a write.
 */
export function remembered<T>(name: string, read: () => Promise<T>): Promise<T> {
  const memory = running()?.memory
  if (!memory) return read()
  const known = memory.get(name) as Promise<T> | undefined
  if (known) return known
  const asked = read()
  memory.set(name, asked)
  asked.catch(() => memory.delete(name))
  return asked
}

/** From here on this unit reads anew: all, or what has a name that begins so. */
export function forget(beginning = ''): void {
  const memory = running()?.memory
  for (const name of memory?.keys() ?? []) if (name.startsWith(beginning)) memory?.delete(name)
}

/** The same of what this unit has changed so far: for an answer that leaves before its end. */
export async function settled(unsay: () => void): Promise<void> {
  const unit = units.getStore()
  if (unit) await pay(unit, unsay)
}

/** Runs `work` in no unit: what it changes is durable before it is told of. */
export function apart<T>(work: () => T): T {
  return units.run(undefined, work)
}

async function pay({ debts }: Running, unsay: () => void): Promise<void> {
  while (debts.size > 0) {
    const due = [...debts]
    debts.clear()
    for (const debt of due) debt.demand()
    try {
      await Promise.all(due.map(({ durable }) => durable))
    } catch (fault) {
      unsay()
      throw fault
    }
  }
}

/**
 * Group commit: writes that come together share one transaction, and so one sync to disk (log-sync.ts). Each has a
 * savepoint of its own, so one that fails undoes only itself.
 *
 * A group begins with its first write and ends when somebody waits for it: at once, where a write is nobody's but its own;
 * at the end of a unit of work (lib/unit-of-work.ts) otherwise. A unit is told of its writes as they are decided, and sees
 * to it that nobody else hears of them before they are on disk. What a unit reads until then may be another's and not
 * kept yet: it waits for that as for its own. Whoever is in no unit is told of nothing that is not on disk. Nor is anybody of
 * what another process committed (others-commits.ts).
 *
 * Another process (the command line) may write to the file too. Waiting for its lock never blocks the event loop for long:
 * SQLite waits a few milliseconds, then we let others run and try again. And no group keeps it waiting for longer than
 * `longest`, whatever its units wait for.
 */
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { currentUnit, type Debt } from '../../lib/unit-of-work.ts'
import { unavailable } from '../unavailable.ts'
import { isBusy, storeFault } from './faults.ts'
import { emptyGroup, type Group, type Write } from './group.ts'
import type { LogSync } from './log-sync.ts'
import { othersCommits } from './others-commits.ts'
import { transactionOf } from './transaction.ts'

export interface GroupCommit {
  write<T>(work: () => T): Promise<T>
  read<T>(work: () => T): Promise<T>
  /** Ends what was begun; what comes later is refused. */
  finish(): Promise<void>
}

export interface GroupCommitOptions {
  /** Milliseconds to wait for another process that is writing. */
  patience: number
  /** Milliseconds that a transaction may stay open for units that go on. */
  longest: number
  /** Told of every transaction: how many writes it held. */
  onCommit: ((writes: number) => void) | undefined
  /** Told when one is on disk, by how long that took, in milliseconds, or was lost, and why. */
  onEnd: ((milliseconds: number, fault?: unknown) => void) | undefined
  log: LogSync
}

const PAUSE = 20

export function groupCommit(
  db: DatabaseSync,
  { patience, longest, onCommit, onEnd, log }: GroupCommitOptions,
): GroupCommit {
  let current: Group | undefined
  /** Committed, and not on disk yet. */
  const committed = new Set<Group>()
  const ofOthers = othersCommits(db, log)
  const transaction = transactionOf(db)
  let finishing = false

  function write<T>(work: () => T): Promise<T> {
    if (finishing) return Promise.reject(unavailable('the database is closed'))
    if (log.fault !== undefined) return Promise.reject(log.fault)
    const unit = currentUnit()
    const lost = unit?.lost()
    if (lost !== undefined) return Promise.reject(lost)
    const group = current ?? gather()
    if (unit) unit.owe(group)
    else group.demand()
    return new Promise((resolve, fail) => {
      const run = () => {
        const value = work()
        return () => resolve(value)
      }
      const asked = { run, fail, inUnit: unit !== undefined }
      if (group.state === 'open') perform(group, asked)
      else group.waiting.push(asked)
    })
  }

  function gather(): Group {
    const group = emptyGroup()
    current = group
    void seeThrough(group)
    return group
  }

  async function seeThrough(group: Group): Promise<void> {
    await nextTurn()
    for (let waited = 0; ; waited += PAUSE) {
      const refusal = open()
      if (!refusal) break
      if (!isBusy(refusal.cause) || waited >= patience) {
        refuse(group, refusal)
        return
      }
      await pause(PAUSE)
    }
    group.state = 'open'
    for (const asked of group.waiting) perform(group, asked)
    if (!group.isDemanded) await beDemanded(group)
    commit(group)
  }

  async function beDemanded(group: Group): Promise<void> {
    const limit = setTimeout(group.demand, longest)
    await group.demanded
    clearTimeout(limit)
    // So that those who are about to end as well share it.
    await nextTurn()
  }

  function open() {
    try {
      transaction.rollback()
      transaction.begin()
      return undefined
    } catch (cause) {
      return unavailable('no transaction could be begun', cause)
    }
  }

  function perform(group: Group, { run, fail, inUnit }: Write): void {
    insistOpen()
    if (group.state === 'over') {
      fail(unavailable('the transaction was not kept'))
      return
    }
    group.writes += 1
    const outcome = attempt(run, fail)
    if (outcome.tell && inUnit) {
      outcome.tell()
      return
    }
    group.untold.push({ tell: outcome.tell ?? (() => undefined), fail })
    if (!outcome.tell) undo(group, unavailable('the transaction could not be committed', outcome.fault))
  }

  /** Without a way to tell its caller, the whole transaction has come to an end. */
  function attempt(run: Write['run'], fail: Write['fail']): { tell?: () => void; fault?: unknown } {
    try {
      return { tell: transaction.part(run) }
    } catch (fault) {
      return transaction.isOpen ? { tell: () => fail(storeFault(fault)) } : { fault }
    }
  }

  function commit(group: Group): void {
    if (group.state === 'over') return
    const began = performance.now()
    try {
      transaction.commit()
    } catch (cause) {
      undo(group, unavailable('the transaction could not be committed', cause))
      return
    }
    end(group)
    committed.add(group)
    onCommit?.(group.writes)
    void keep(group, began)
  }

  async function keep(group: Group, began: number): Promise<void> {
    try {
      await log.sync()
      onEnd?.(performance.now() - began)
      for (const { tell } of group.untold) tell()
      group.kept()
    } catch (fault) {
      lose(group, fault, performance.now() - began)
    } finally {
      committed.delete(group)
    }
  }

  /** A failing disk can end the transaction under a read as well, and what is written next would be kept by itself. */
  function insistOpen(fault?: unknown): void {
    if (current?.state === 'open' && !transaction.isOpen)
      undo(current, unavailable('the transaction came to an end by itself', fault))
  }

  /** Nothing of the group was kept. */
  function undo(group: Group, fault: unknown): void {
    end(group)
    try {
      transaction.rollback()
    } catch {
      // Whoever asks is told of the first fault; `open` tries this again.
    }
    lose(group, fault)
  }

  function lose(group: Group, fault: unknown, milliseconds = 0): void {
    onEnd?.(milliseconds, fault)
    for (const { fail } of group.untold) fail(fault)
    group.lose(fault)
  }

  /** Nothing of the group was done. */
  function refuse(group: Group, refusal: unknown): void {
    end(group)
    for (const { fail } of group.waiting) fail(refusal)
    group.lose(refusal)
  }

  function end(group: Group): void {
    group.state = 'over'
    current = undefined
    group.end()
  }

  async function read<T>(work: () => T): Promise<T> {
    for (let waited = 0; ; waited += PAUSE) {
      while (current?.state === 'open' && !owes(current)) await ended(current)
      const lost = currentUnit()?.lost() ?? log.fault
      if (lost !== undefined) throw lost
      if (!db.isOpen) throw unavailable('the database is closed')
      try {
        const [seen, others] = transaction.look(() => [work(), ofOthers()] as const)
        const unkept = [...committed, ...(others ? [others] : [])].filter((debt) => !owes(debt))
        if (unkept.length > 0) await Promise.all(unkept.map(({ durable }) => durable))
        return seen
      } catch (fault) {
        insistOpen(fault)
        if (!isBusy(fault) || waited >= patience) throw storeFault(fault)
      }
      await pause(PAUSE)
    }
  }

  /** Whether a unit that reads now waits for what it may see. */
  function owes(debt: Debt): boolean {
    const unit = currentUnit()
    unit?.owe(debt)
    return unit !== undefined
  }

  /** Not until it is on disk: by then the next one may be open. */
  function ended(group: Group): Promise<void> {
    group.demand()
    return group.ended
  }

  return {
    write,
    read,
    async finish() {
      finishing = true
      while (current) await ended(current)
      await Promise.all([...committed].map(({ durable }) => durable.catch(() => undefined)))
      // And what is under way for others: the log may be closed then.
      await log.sync().catch(() => undefined)
    },
  }
}

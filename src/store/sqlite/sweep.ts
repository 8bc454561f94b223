/** Cleaning in small bites, so that a million expired rows do not hold up anyone who is signing in. */
import type { Database, Parameters, Statement } from './database.ts'

const BITE = 500

export type Sweep<P extends Parameters> = (parameters: P) => Promise<number>

/** Deletes the rows of `table` for which `where` holds. Both are ours, never input. Returns how many there were. */
export function sweep<P extends Parameters>(db: Database, table: string, where: string): Sweep<P> {
  const bite: Statement<P, never> = db.prepare(`
    DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${where} LIMIT ${BITE})`)

  return async (parameters) => {
    let swept = 0
    for (;;) {
      const taken = await db.write(() => bite.run(parameters))
      swept += taken
      if (taken < BITE) return swept
    }
  }
}

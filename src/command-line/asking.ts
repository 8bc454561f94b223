/** What stands in the way of a command and may be passed over is asked for at a terminal; a program says so beforehand. */
import { stderr, stdin } from 'node:process'
import { createInterface } from 'node:readline/promises'
import { NotFetched } from '../admin/keys.ts'
import { printable } from './printing.ts'

/** Runs, and if somebody says yes runs again with what passes over it. */
export async function orAsk<R>(run: (more?: object) => Promise<R>): Promise<R> {
  try {
    return await run()
  } catch (fault) {
    if (!(fault instanceof NotFetched) || !stdin.isTTY || !stderr.isTTY) throw fault
    if (!(await saysYes(`${fault.message}\nRotate all the same? [y/N] `))) throw fault
    return run({ anyway: true })
  }
}

async function saysYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: stdin, output: stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(printable(question))).trim())
  } finally {
    terminal.close()
  }
}

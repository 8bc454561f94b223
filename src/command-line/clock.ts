/** The command by which an operator says that the clock of this machine is right. No verb: whoever says it is at the machine. */
import type { Command } from 'commander'
import { print } from './printing.ts'

export function addClockCommand(program: Command, group: string, confirm: (today: string) => Promise<unknown>): void {
  program
    .command('clock:confirm')
    .helpGroup(group)
    .description(
      'Say that the clock of this machine is right, after the store was off for more than a week or a clock that was wrong was mended: old records and back-ups are removed again',
    )
    .requiredOption('--today <day>', 'which day it is, such as 2026-11-30: refused if the clock says another')
    .action(async ({ today }: { today: string }) => print(await confirm(today)))
}

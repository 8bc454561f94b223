/** Commands about the root keys of SIGMA_KEYS. No verbs: they are about what verbs run on, and none of them is for the pages. */
import type { Command } from 'commander'
import { print } from './printing.ts'

export interface KeyCommands {
  status(): Promise<unknown>
  reseal(onProgress: (what: string, records: number) => void): Promise<unknown>
}

/** `run` opens what they need, and closes it. */
export function addKeyCommands(
  program: Command,
  run: (work: (commands: KeyCommands) => Promise<unknown>) => Promise<unknown>,
  showProgress: (section: string, tally: { records: number }) => void,
): void {
  const GROUP = 'Root keys:'
  program
    .command('keys:status')
    .helpGroup(GROUP)
    .description('Say which root keys there are, what still needs each, and which can be taken out of SIGMA_KEYS')
    .action(async () => print(await run((commands) => commands.status())))
  program
    .command('keys:reseal')
    .helpGroup(GROUP)
    .description(
      'Seal everything anew with the root key in front, beside running servers; run it again if it was interrupted',
    )
    .action(async () => {
      const done = await run((commands) => commands.reseal((what, records) => showProgress(what, { records })))
      if (process.stderr.isTTY) process.stderr.write('\n')
      print(done)
    })
}

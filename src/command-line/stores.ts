/** The commands about whole stores. No verbs: they are about what verbs run on, and none of them is for the pages. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { AppError, InputError } from '../lib/errors.ts'
import { DAY } from '../lib/time.ts'
import { print } from './printing.ts'

/** What they do, put together elsewhere. */
export interface StoreDoings<Form extends string> {
  copy(from: Form, to: Form, onProgress: (section: string, tally: { records: number }) => void): Promise<unknown>
  backUp(to: string): Promise<unknown>
  backUpInto(folder: string, retention: { keep: number | undefined; keepFor: number | undefined }): Promise<unknown>
  compact(): Promise<unknown>
  drill(from: string): Promise<{ restorable: boolean; problems: string[] }>
  afterRestore(): Promise<unknown>
}

export interface StoreCommandsParts<Form extends string> {
  /** Under which they are listed. */
  group: string
  forms: readonly Form[]
  /** Of the configuration, with these settings over its own. */
  storesOf(settings?: Record<string, unknown>): StoreDoings<Form>
  showProgress: (section: string, tally: { records: number }) => void
}

const NODES_STOPPED = 'nodes-stopped'

export function addStoreCommands<Form extends string>(
  program: Command,
  { group, forms, storesOf, showProgress }: StoreCommandsParts<Form>,
): void {
  const stopped = () => new Option(`--${NODES_STOPPED}`, 'says that every node is stopped, which it has to be')
  const form = (name: string) => new Option(`--${name} <form>`, 'which store').choices(forms).makeOptionMandatory()

  program
    .command('store:copy')
    .helpGroup(group)
    .description(
      'Copy everything to the other form of store, verified record by record; run it again if it was interrupted',
    )
    .addOption(form('from'))
    .addOption(form('to'))
    .addOption(stopped())
    .action(async (given: { from: Form; to: Form; nodesStopped?: boolean }) => {
      insistStopped(given)
      // Whichever form the configuration is for now: the addresses of the cluster have to be there.
      const copied = await storesOf({ store: { kind: 'cluster' } }).copy(given.from, given.to, showProgress)
      if (process.stderr.isTTY) process.stderr.write('\n')
      print(copied)
    })
  program
    .command('store:backup')
    .helpGroup(group)
    .description('Make a back-up of the embedded store, beside a running server as well')
    .option('--to <file>', 'the file to make')
    .option('--folder <folder>', 'or the folder to make one in, which is named by its moment')
    .addOption(new Option('--keep <number>', 'how many stay in that folder, the new one among them').argParser(count))
    .addOption(new Option('--keep-days <days>', 'how long one stays in it').argParser(count))
    .action(async ({ to, folder, keep, keepDays }: BackupOptions) => {
      if ((to === undefined) === (folder === undefined)) throw wrong('to', 'is needed, or --folder, and not both')
      if (to !== undefined && (keep ?? keepDays) !== undefined)
        throw wrong(keep ? 'keep' : 'keepDays', 'is about the back-ups in a --folder')
      const doings = storesOf()
      const keepFor = keepDays === undefined ? undefined : keepDays * DAY
      print(to === undefined ? await doings.backUpInto(folder ?? '', { keep, keepFor }) : await doings.backUp(to))
    })
  program
    .command('store:compact')
    .helpGroup(group)
    .description('Give the room that is free in the embedded store back to the disk; its server has to be stopped')
    .action(async () => print(await storesOf().compact()))
  program
    .command('store:drill')
    .helpGroup(group)
    .description('Try on a copy whether a back-up could be restored, and say what would be lost; nothing is changed')
    .requiredOption('--from <file>', 'the back-up')
    .action(async ({ from }: { from: string }) => {
      const report = await storesOf().drill(from)
      print(report)
      if (report.restorable) return
      throw new AppError('not-restorable', `The back-up cannot be restored: ${report.problems.join('; ')}.`)
    })
  program
    .command('store:restored')
    .helpGroup(group)
    .description('After a back-up was put back: end what must not come to life again, before the first start')
    .addOption(stopped())
    .action(async (given: { nodesStopped?: boolean }) => {
      insistStopped(given)
      print(await storesOf().afterRestore())
    })
}

interface BackupOptions {
  to?: string
  folder?: string
  keep?: number
  keepDays?: number
}

function insistStopped({ nodesStopped = false }: { nodesStopped?: boolean }): void {
  if (!nodesStopped) throw wrong(NODES_STOPPED, 'is missing: stop every node first, and say so')
}

function wrong(path: string, reason: string): InputError {
  return new InputError('The input is not in order.', [{ path, reason }])
}

/** 0 would remove the one that was just made. */
function count(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('a number from 1 to 9999')
  return Number(text)
}

/**
 * The command line for administrators: every verb of admin/verbs.ts, with its input as options. Whoever may run it may
 * read the data anyway, so no role is asked for; the audit trail keeps the name that the machine knows them by.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Command } from 'commander'
import type { z } from 'zod'
import type { Actor } from './admin/role.ts'
import { listAudit, listWholeAudit } from './admin/trail.ts'
import { type MadeFile, parseInput, runVerb, type Verb } from './admin/verb.ts'
import { VERBS } from './admin/verbs.ts'
import { checkAll } from './app/check.ts'
import { exportSeal, openCore } from './app/core.ts'
import { openAndConfirmClock } from './app/removal-hold.ts'
import { openRootKeyCommands, type RootKeyCommands, ringWithKept } from './app/root-key-commands.ts'
import { FORMS, stores } from './app/stores.ts'
import { checkExport } from './audit/export-check.ts'
import { orAsk } from './command-line/asking.ts'
import { AUDIT_ALIASES, auditText, isAuditStream } from './command-line/audit-list.ts'
import { addClockCommand } from './command-line/clock.ts'
import { addCheckCommands } from './command-line/config-check.ts'
import { exportFault, WITHIN_FILTER } from './command-line/export-check.ts'
import { addKeyCommands } from './command-line/keys.ts'
import { optionFor } from './command-line/options.ts'
import { explain, print, printable, printParts } from './command-line/printing.ts'
import { addStoreCommands } from './command-line/stores.ts'
import { type Config, configOf, loadConfig, readConfig } from './config.ts'
import { type Keyring, keyring } from './lib/crypto.ts'
import { AppError, InputError } from './lib/errors.ts'
import { logger } from './lib/log.ts'
import { RELEASE } from './lib/release.ts'
import { systemClock } from './lib/time.ts'

const root = new URL('..', import.meta.url).pathname

const GROUPS: Record<string, string> = {
  person: 'People:',
  invitations: 'Invitations of many:',
  people: 'Many people at once:',
  migration: 'Many people at once:',
  organization: 'Organizations:',
  case: 'Recovery cases (the help desk):',
  client: 'Applications:',
  resource: 'APIs that take our access tokens:',
  clients: 'The file of applications:',
  approval: 'Changes that wait for a second person:',
  audit: 'Audit trail:',
  delivery: 'Mails and messages that go out:',
  key: 'Signing keys:',
  config: 'Before a start:',
  store: 'Stores:',
}

const program = new Command('sigma-id')
  .usage('<command> [options]')
  .version(RELEASE, '--version', 'print the release')
  .description(
    'Administers Sigma ID, beside a running server as well, on the data of the configuration that NODE_ENV or ' +
      'SIGMA_CONFIG names. What was done is JSON on standard output; why not is a line on standard error. Every run is ' +
      'kept in the audit trail.',
  )
  .helpCommand(false)
  .configureHelp({ subcommandTerm: (command) => command.name() })
  .addHelpText(
    'after',
    '\nExit code: 0 if it was done, 1 if not, 2 if it was done but for lines that were refused.\nOptions of a command: sigma-id <command> --help\n',
  )
for (const verb of VERBS) addCommand(verb === listAudit ? listWholeAudit : verb)
addExportCheck()
addKeyCommands(program, withRootKeys, showProgress)
addCheckCommands(program, GROUPS.config ?? '', {
  check: () => checkAll(readConfig(root, process.env), systemClock),
  testMail: async (given) => {
    const { testMail } = await import('./app/mail-test.ts')
    return testMail(configOf(readConfig(root, process.env), 'nothing'), given, systemClock)
  },
})
addStoreCommands(program, { group: GROUPS.store ?? '', forms: FORMS, storesOf, showProgress })
addClockCommand(program, GROUPS.store ?? '', (today) =>
  openAndConfirmClock(configuration(), { log: logger('warn'), now: systemClock, operator: operator(), today }),
)

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`${printable(explain(error))}\n`)
  process.exitCode = 1
}

function addCommand(verb: Verb): void {
  const [noun = ''] = verb.name.split(':')
  const command = program.command(verb.name).description(verb.summary)
  command.helpGroup(GROUPS[noun] ?? 'Commands:')
  const aliases = noun === 'audit' ? AUDIT_ALIASES : {}
  for (const [field, shape] of Object.entries(verb.input.shape))
    command.addOption(optionFor(field, shape as z.ZodType, aliases[field]))
  if (verb.file) command.requiredOption('--to <file>', 'the file to make')
  command.action(async (options: Record<string, unknown>) => {
    const { to, ...rest } = options
    const given = verb.file ? rest : options
    // Before anything is opened: a slip of the pen makes no data folder.
    parseInput(verb.input, given)
    const surroundings = {
      role: 'command' as const,
      log: logger('warn'),
      now: systemClock,
      onImport: (phase: string, lines: number) => showProgress(phase, { records: lines }),
      ...(noun === 'clients' && { clientsFile: 'left' as const }),
    }
    const core = await openCore(configuration(), surroundings)
    core.letDoctorAct(async (id, record) => {
      // It takes a whole provider, which no other command needs.
      const { doctorActing } = await import('./app/doctor-acting.ts')
      return doctorActing(core)(id, record)
    })
    const actor: Actor = { id: undefined, roles: [], via: 'command-line', operator: operator(), source: undefined }
    try {
      const run = (more: object = {}) => runVerb(core.admin, verb, { ...given, ...more }, actor)
      const answer = await orAsk(run)
      if (isAuditStream(answer)) return await printParts(auditText(answer))
      print(verb.file ? await writeMadeFile(String(to), answer as MadeFile) : answer)
      if (refusedSome(answer)) process.exitCode = 2
    } finally {
      await core.close()
    }
  })
}

function configuration(settings: Record<string, unknown> = {}): Config {
  return loadConfig(root, process.env, settings, 'kept')
}

/** Lines of a file: the rest of it was done. */
function refusedSome(answer: unknown): boolean {
  const { totals } = (answer ?? {}) as { totals?: { refuse?: number } }
  return (totals?.refuse ?? 0) > 0
}

/** A file that was there is left as it is, and nobody else may read what is in this one. */
async function writeMadeFile(to: string, { lines }: MadeFile): Promise<{ file: string; bytes: number }> {
  const file = resolve(to)
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  try {
    await pipeline(lines, target)
  } catch (cause) {
    const there = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    if (there) throw new InputError('The input is not in order.', [{ path: 'to', reason: 'is there already' }])
    throw cause
  }
  return { file, bytes: target.bytesWritten }
}

/** No verb: it reads a file of this machine, and nothing of what is administered. */
function addExportCheck(): void {
  program
    .command('audit:verify-export')
    .helpGroup(GROUPS.audit ?? '')
    .description('Check that a file of audit:export is as it was made: by its own chain where it is of everything')
    .requiredOption('--file <file>', 'the file to check: .csv, or JSON lines')
    .action(async ({ file }: { file: string }) => {
      const config = configuration()
      const format = file.endsWith('.csv') ? 'csv' : 'jsonl'
      const check = (ring: Keyring) => checkExport(createReadStream(file, 'utf8'), format, exportSeal(ring))
      const asItIs = await check(keyring(config.keys))
      // By a root key that is gone since, perhaps: what is kept of it is in the store.
      const sealedBefore = !asItIs.ok && asItIs.reason === 'not-ours'
      const kept = sealedBefore ? await ringWithKept(config, { log: logger('warn'), now: systemClock }) : undefined
      const checked = kept ? await check(kept) : asItIs
      if (!checked.ok) throw new AppError(checked.reason, exportFault(checked))
      print({ ...checked, proves: checked.whole ? 'nothing is missing and nothing was changed' : WITHIN_FILTER })
    })
}

async function withRootKeys<T>(work: (commands: RootKeyCommands) => Promise<T>): Promise<T> {
  const surroundings = { log: logger('warn'), now: systemClock, operator: operator() }
  const { commands, close } = await openRootKeyCommands(configuration(), surroundings)
  return work(commands).finally(close)
}

function storesOf(settings: Record<string, unknown> = {}) {
  const config = configuration(settings)
  return stores({ config, now: systemClock, log: logger('warn'), operator: operator() })
}

/** For whoever waits at a terminal: one line that is written over. */
function showProgress(section: string, { records }: { records: number }): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${section}: ${records}`)
}

/** From the system, not from the environment, which says what one likes. */
function operator(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number that has no name.
    return `uid ${process.getuid?.()}`
  }
}

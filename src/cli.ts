#!/usr/bin/env node
/** The command line for administrators: every verb of admin/verbs.ts, with its input as options. */
import { Command, Option } from 'commander'
import { z } from 'zod'
import type { Verb } from './admin/verb.ts'
import { VERBS } from './admin/verbs.ts'
import { openCore } from './app.ts'
import { loadConfig } from './config.ts'
import { AppError } from './lib/errors.ts'
import { logger } from './lib/log.ts'
import { systemClock } from './lib/time.ts'

const root = new URL('..', import.meta.url).pathname

const program = new Command('sigma-id').description(
  'Administers Sigma ID. Works on the data of the configuration that NODE_ENV or SIGMA_CONFIG names.',
)
for (const verb of VERBS) addCommand(verb)

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = 1
}

function addCommand(verb: Verb): void {
  const command = program.command(verb.name).description(verb.summary)
  for (const [field, shape] of Object.entries(verb.input.shape)) command.addOption(optionFor(field, shape as z.ZodType))
  command.action(async (given: Record<string, unknown>) => {
    const input = verb.input.parse(given)
    const core = openCore(loadConfig(root, process.env), { log: logger('warn'), now: systemClock })
    try {
      process.stdout.write(`${JSON.stringify(await verb.run(core.admin, input), null, 2)}\n`)
    } finally {
      await core.close()
    }
  })
}

function optionFor(field: string, shape: z.ZodType): Option {
  const inner = shape instanceof z.ZodDefault || shape instanceof z.ZodOptional ? shape.unwrap() : shape
  const description = shape.description ?? ''
  if (inner instanceof z.ZodBoolean) return new Option(`--${field}`, description)
  if (inner instanceof z.ZodArray)
    return new Option(`--${field} <value>`, description).argParser((value, before: string[] | undefined) => [
      ...(before ?? []),
      value,
    ])
  const option = new Option(`--${field} <value>`, description)
  return shape.safeParse(undefined).success ? option : option.makeOptionMandatory()
}

function explain(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('\n')
  if (error instanceof AppError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

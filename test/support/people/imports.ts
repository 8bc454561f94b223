/** Files of people who are brought in, and running the verbs on them as somebody at the machine does. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runVerb } from '../../../src/admin/verb.ts'
import { VERBS } from '../../../src/admin/verbs.ts'
import type { Core } from '../../../src/app/core.ts'
import type { AppliedTold, PlanTold } from '../../../src/migration/migration.ts'
import { MACHINE } from '../unit/administration.ts'

export type Given = Record<string, unknown>

/** Somebody who can be brought in; what is undefined is absent. */
export function line(number: number, more: Given = {}): Given {
  const name = `Mens ${number}`
  return { external_id: `m${number}`, email: `mens${number}@oud.example`, name, ...more }
}

export function fileOf(folder: string, name: string, lines: Array<Given | string>): string {
  const path = join(folder, name)
  const texts = lines.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
  writeFileSync(path, `${texts.join('\n')}\n`)
  return path
}

export async function run<R = Record<string, unknown>>(core: Core, name: string, given: Given): Promise<R> {
  const verb = VERBS.find((each) => each.name === name)
  if (!verb) throw new Error(`no verb ${name}`)
  return (await runVerb(core.admin, verb, given, MACHINE)) as R
}

export function plan(core: Core, given: Given): Promise<PlanTold> {
  return run<PlanTold>(core, 'people:plan', { source: 'oud', ...given })
}

/** As it is planned. */
export async function bringIn(core: Core, given: Given): Promise<AppliedTold> {
  const { digest } = await plan(core, given)
  return run<AppliedTold>(core, 'people:apply', { source: 'oud', ...given, plan: digest })
}

export function refusedLines(path: string): Given[] {
  const text = readFileSync(path, 'utf8').trimEnd()
  return text.split('\n').map((each) => JSON.parse(each) as Given)
}

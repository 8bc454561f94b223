/** What the command line says: answers on standard output, and why not on standard error, where nothing typed is obeyed. */
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Told } from '../admin/doctor.ts'
import { ConfigurationError, type Fault, InputError, sentence } from '../lib/errors.ts'
import { explain as explainFault } from '../lib/explain.ts'
import { report } from './doctor-report.ts'
import { flagOf } from './options.ts'

/**
 * What is nothing but the text of a file is printed as one, so that it can be kept as one. What the doctor says is lines at a
 * terminal, and JSON for a program.
 */
export function print(result: unknown, forPeople = process.stdout.isTTY === true): void {
  const text = isYaml(result) ? result.yaml : isTold(result) && forPeople ? report(result) : asJson(result)
  process.stdout.write(printable(text))
}

/** The same of a text that is made while it is read. Whoever reads no more of it, as `head` does, has had what they wanted. */
export async function printParts(parts: AsyncIterable<string>, to: Writable = process.stdout): Promise<void> {
  try {
    await pipeline(parts, to, { end: false })
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'EPIPE')) throw fault
  }
}

function asJson(result: unknown): string {
  return `${JSON.stringify(result, readable, 2)}\n`
}

function isYaml(result: unknown): result is { yaml: string } {
  return typeof result === 'object' && result !== null && Object.keys(result).join() === 'yaml'
}

function isTold(result: unknown): result is Told {
  return typeof result === 'object' && result !== null && 'checks' in result
}

/** Moments are numbers in the product, and dates for whoever reads them here. */
export function readable(key: string, value: unknown): unknown {
  return typeof value === 'number' && /(?:^a|A)t$/.test(key) ? new Date(value).toISOString() : value
}

/**
 * What people typed is shown here. JSON escapes only C0 controls. Whatever else a terminal obeys, or turns text around, is
 * escaped here too. It stays the same JSON.
 */
export function printable(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) =>
    sign.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}

/** A fault of an option, or of a line in a file. */
function told(fault: Fault): string {
  const text = fault.line === undefined ? `${flagOf(fault.path)}: ${fault.reason}` : sentence(fault)
  return fault.code === undefined ? text : `${text} [${fault.code}]`
}

/** Faults of what was typed are told by the options; what was configured, by the settings and files. */
export function explain(error: unknown): string {
  const typed = error instanceof InputError && !(error instanceof ConfigurationError)
  return typed ? error.faults.map(told).join('\n') : explainFault(error)
}

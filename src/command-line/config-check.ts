/** The commands that look whether an installation can run, and make nothing. */
import type { Command } from 'commander'
import { type Finding, told } from '../check/finding.ts'
import { print, printable } from './printing.ts'

export interface CheckDoings {
  /** Everything that is wrong at once, and what is not. */
  check(): Promise<Finding[]>
  /** Sends one mail; resolves to where it went and what was answered. */
  testMail(given: { to: string; locale?: string }): Promise<unknown>
}

export function addCheckCommands(program: Command, group: string, { check, testMail }: CheckDoings): void {
  program
    .command('config:check')
    .helpGroup(group)
    .description(
      'Look at settings, environment, applications, data folder, ports, stores, mail server and clock, before a start or beside a running server; nothing is made',
    )
    .action(async () => {
      const findings = await check()
      const faulty = findings.some(({ level }) => level === 'fault')
      if (process.stdout.isTTY) process.stdout.write(printable(asLines(findings)))
      else {
        process.stdout.write(printable(`${JSON.stringify(findings, null, 2)}\n`))
        process.stderr.write(printable(asLines(findings.filter(({ level }) => level !== 'ok'))))
      }
      if (faulty) process.exitCode = 1
    })
  program
    .command('mail:test')
    .helpGroup(group)
    .description('Send one mail by the configured mail server, and tell what it answered')
    .requiredOption('--to <address>', 'who gets it')
    .option('--locale <language>', 'in which language')
    .action(async (given: { to: string; locale?: string }) => print(await testMail(given)))
}

function asLines(findings: readonly Finding[]): string {
  return findings.map((finding) => `${finding.level.padEnd(8)}${finding.name}: ${told(finding)}\n`).join('')
}

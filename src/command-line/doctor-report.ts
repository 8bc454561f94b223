/** What the doctor says, in lines for whoever sits at a terminal. */
import type { CheckTold, Told } from '../admin/doctor.ts'

const STATES = { failed: 'WRONG', unknown: '?', passed: 'ok' } as const
const WIDTH = 7

export function report({ checks }: Pick<Told, 'checks'>): string {
  return `${checks.flatMap(linesOf).join('\n')}\n`
}

function linesOf({ check, state, sentence, fix }: CheckTold): string[] {
  const line = `${STATES[state].padEnd(WIDTH)}${check}: ${sentence}`
  return fix ? [line, `${' '.repeat(WIDTH)}mend: ${command(fix)}`] : [line]
}

function command({ verb, input }: NonNullable<CheckTold['fix']>): string {
  const options = Object.entries(input).flatMap(([name, value]) =>
    [value].flat().map((each) => `--${name} ${quoted(String(each))}`),
  )
  return ['sigma-id', verb, ...options].join(' ')
}

/** For a shell: what somebody sent is in it. */
function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/**
 * `node test/bench/people.ts [people]`: a file of so many people (100,000), planned, applied and planned again by the command
 * line on the embedded store, each in a process of its own: wall clock, processor time and the most memory that it ever held.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { AppliedTold } from '../../src/migration/migration.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const ORGANIZATIONS = 20
/** Half a second of a process is nothing, but its peak must be seen before it ends. */
const LOOK = 20

const count = Number(process.argv[2] ?? 100_000)
const folder = mkdtempSync(join(tmpdir(), 'sigma-id-people-'))
const settings = join(folder, 'sigma-id.yaml')
const file = join(folder, 'people.jsonl')

try {
  console.log(
    `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'processor'}, ${count} people`,
  )
  const listen = { port: 3000 }
  const places = { listen, operations: listen, data: join(folder, 'data') }
  writeFileSync(settings, JSON.stringify({ issuer: 'http://localhost:3000', homeClient: 'none', ...places }))
  const rows: Record<string, Omit<Ran, 'answer'>> = {}
  for (let n = 0; n < ORGANIZATIONS; n += 1) {
    const { answer: _answer, ...cost } = await run('organization:add', '--name', `Employer ${n}`)
    rows['one organization'] = cost
  }
  await writePeople()
  const from = ['--source', 'bench', '--file', file]
  const planned = await run('people:plan', ...from)
  const applied = await run('people:apply', ...from, '--plan', planned.answer.digest)
  const again = await run('people:plan', ...from)
  if (applied.answer.written !== count || again.answer.totals.same !== count)
    throw new Error('not everybody was brought')
  for (const [name, { answer: _answer, ...cost }] of Object.entries({ planned, applied, again })) rows[name] = cost
  console.table(rows)
} finally {
  rmSync(folder, { recursive: true })
}

/** One in ten has a password, for wrapping one takes what hashing takes, and one in five an app. Digests are of nothing. */
async function writePeople(): Promise<void> {
  const out = createWriteStream(file)
  for (let n = 0; n < count; n += 1) {
    const hash = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '').replaceAll('+', '.')
    const person = {
      external_id: `e${n}`,
      email: `person.${n}@employer${n % ORGANIZATIONS}.example`,
      email_verified: n % 2 === 0,
      name: `Person van der Number ${n}`,
      given_name: 'Person',
      family_name: `van der Number ${n}`,
      organization: `Employer ${n % ORGANIZATIONS}`,
      ...(n % 10 === 0 && { password: `$pbkdf2-sha256$29000$${hash(16)}$${hash(32)}` }),
      ...(n % 5 === 0 && { totp: [{ secret: base32(randomBytes(20)) }] }),
    }
    if (!out.write(`${JSON.stringify(person)}\n`)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
}

function base32(bytes: Buffer): string {
  return [...bytes].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte & 31]).join('')
}

interface Ran {
  answer: AppliedTold
  seconds: number
  processorSeconds: number
  peakMegabytes: number
}

async function run(...words: string[]): Promise<Ran> {
  const began = performance.now()
  const env = { PATH: process.env.PATH, SIGMA_CONFIG: settings }
  const command = spawn(process.execPath, ['src/cli.js', ...words], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(command, 'exit')
  const said = text(command.stdout)
  let [peakMegabytes, processorSeconds] = [0, 0]
  while (command.exitCode === null) {
    const seen = lookAt(command.pid)
    if (seen) [peakMegabytes, processorSeconds] = seen
    await pause(LOOK)
  }
  const [code] = await ended
  if (code !== 0) throw new Error(`${words[0]}: ${code} ${(await said).slice(0, 1000)}`)
  const seconds = Math.round((performance.now() - began) / 10) / 100
  return { answer: JSON.parse(await said) as AppliedTold, seconds, processorSeconds, peakMegabytes }
}

/** proc(5): the high water mark, and the times in hundredths of a second. Undefined once it has ended. */
function lookAt(pid: number | undefined): [megabytes: number, seconds: number] | undefined {
  try {
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return peak === undefined
      ? undefined
      : [Math.round(Number(peak) / 1024), (Number(fields[11]) + Number(fields[12])) / 100]
  } catch {
    return undefined
  }
}

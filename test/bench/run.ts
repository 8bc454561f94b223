/**
 * `npm run bench`: what each flow costs Sigma ID in processor time, beside the same flow on the library alone (floor.ts), in
 * one run and in turn. Prints a table and judges nothing, for machines differ; docs/speed.md says what is measured and how.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpus, loadavg } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startStores } from '../support/nodes/nodes.ts'
import { floor } from './speed/floor-target.ts'
import { keycloak } from './speed/keycloak-target.ts'
import { stepAside } from './speed/launch.ts'
import { keepReport, machine, type Report, table } from './speed/report.ts'
import { measureRow, passkeyBesideCode } from './speed/rounds.ts'
import { ROWS, stationAt } from './speed/rows.ts'
import { sigma } from './speed/sigma-target.ts'
import type { Target } from './speed/target.ts'
import { idleAndFull, starts } from './speed/whole-process.ts'

const { values } = parseArgs({
  options: {
    /** How many accounts there are. */
    people: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '9' },
    /** Works in a round, instead of each row's own number. */
    batch: { type: 'string' },
    /** Names of rows.ts, and `start` and `memory`; with commas between them. */
    only: { type: 'string', default: [...ROWS.map(({ name }) => name), 'start', 'memory'].join(',') },
    /** Another checkout of Sigma ID, measured in the same rounds. */
    root: { type: 'string' },
    /** Another product in the same rounds: `keycloak`. */
    peer: { type: 'string' },
    store: { type: 'string', default: 'embedded' },
    nodes: { type: 'string', default: '1' },
    /** Sign-ins after which memory is looked at again. */
    'sign-ins': { type: 'string', default: '500' },
    /** The table goes to docs/, in the place of the one that was written by this name; `main` is the first of the page. */
    write: { type: 'string' },
  },
})
const [people, rounds, nodes] = [Number(values.people), Number(values.rounds), Number(values.nodes)]
const only = values.only.split(',')
if (values.peer && values.peer !== 'keycloak') throw new Error(`no such peer: ${values.peer}`)

stepAside()
const before = loadavg()[0] ?? 0
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, load ${before}`)
console.log(`${people} accounts, ${rounds} rounds, ${values.store} store, ${nodes} of nodes`)
const sink = spawn(process.execPath, [resolve(import.meta.dirname, 'speed/sink.ts')], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const [port] = (await once(sink.stdout, 'data')) as [Buffer]
const stores = values.store === 'cluster' ? await startStores() : undefined
const common = { people, nodes, stores, smtpUrl: `smtp://127.0.0.1:${Number(port)}` }
const targets: Target[] = []

try {
  // The first is what the others are compared with, and the last what all this is about.
  targets.push(await floor(people))
  if (values.root) targets.push(await sigma({ name: 'before', root: resolve(values.root), ...common }))
  if (values.peer) targets.push(await keycloak(people))
  targets.push(await sigma({ name: 'Sigma ID', root: resolve(import.meta.dirname, '../..'), ...common }))
  const [figures, driver]: [Report['figures'], Report['driver']] = [[], {}]
  if (only.includes('start')) figures.push(...(await starts(targets, Math.min(rounds, 5))))
  if (only.includes('memory')) figures.push(...(await idleAndFull(targets, people, Number(values['sign-ins']))))
  for (const target of targets) await target.start()
  const stations = targets.map((target) => stationAt(target, people))
  for (const row of ROWS.filter(({ name }) => only.includes(name))) {
    const measured = await measureRow(row, stations, rounds, Number(values.batch ?? row.batch))
    figures.push(...measured.figures)
    driver[row.name] = measured.driver
    if (measured.figures.every(({ cost }) => Object.keys(cost).length === 0)) {
      console.log(`${row.name}: left out, nobody here knows it`)
      continue
    }
    console.log(`${row.name}: the driver costs ${Math.round(measured.driver * 100)} % of what the servers do`)
  }
  for (const { line } of stations) await line.close()
  const beside = passkeyBesideCode(figures)
  figures.push(...beside)
  for (const [name, { median }] of beside.flatMap(({ cost }) => Object.entries(cost)))
    console.log(
      `${name}: ${(1 / median).toFixed(2)} passkey sign-ins in the processor time of one with password + code`,
    )
  const load = { before, after: loadavg()[0] ?? 0 }
  console.log(
    `\nProcessor time in ms, medians and quartiles; load ${load.before} to ${load.after}\n\n${table(figures)}`,
  )
  const { store } = values
  if (values.write)
    keepReport(values.write, { machine: machine(), people, rounds, store, nodes, load, figures, driver })
} finally {
  for (const target of targets) {
    await target.stop()
    await target.remove()
  }
  if (stores) await Promise.all([stores.mongo.remove(), stores.redis.remove()])
  sink.stdin.end()
}

/**
 * Bringing people in from elsewhere: a plan, doing exactly it, how far everybody is, and taking back those who never came.
 * It may be stopped anywhere and run again, and by two at once: each person is one write, decided on what is there.
 */
import type { Hasher } from '../accounts/password.ts'
import type { Audit, AuditStore } from '../audit/audit.ts'
import type { Keyring, Sealer } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import type { Clock } from '../lib/time.ts'
import type { Directory } from '../organization/directory.ts'
import { parseImported, STAGES, type Stage } from '../person/imported.ts'
import type { People } from '../person/kind.ts'
import { type By, carrying } from './carrying.ts'
import type { ImportFile } from './import-file.ts'
import { type ImportOptions, type PlanningParts, planDigest, planning, type Told } from './planning.ts'
import { type Lists, MOST_TOLD, type Totals, teller } from './telling.ts'
import { forget } from './write.ts'

export interface MigrationParts {
  people: People
  organizations: Directory
  hasher: Pick<Hasher, 'wrap'>
  seal: Sealer
  ring: Keyring
  audit: Audit
  trail: Pick<AuditStore, 'forgetAddresses'>
  /** That text messages go to. */
  countries: readonly string[]
  /** What is counted of an account elsewhere. */
  forgetCounters: (accountId: string) => Promise<void>
  now: Clock
  onProgress: PlanningParts['onProgress']
}

/** With the first lines of each kind. */
export interface PlanTold extends Lists {
  digest: string
  totals: Totals
  /** Where the lines are that were refused, with the reasons. */
  refusedFile?: string
}

export interface AppliedTold extends PlanTold {
  /** Written by this run. */
  written: number
  /** What was changed by others while it ran, and left as it is. */
  moved: Told[]
}

export interface StageCounts {
  source: string
  /** Undefined for those of none. */
  organizationId: string | undefined
  stages: Record<Stage, number>
}

export interface Migration {
  plan(file: ImportFile, options: ImportOptions): Promise<PlanTold>
  /** Rejects with `plan-changed` if it would do something else by now. */
  apply(file: ImportFile, options: ImportOptions, digest: string, by: By): Promise<AppliedTold>
  /** One for each source and organization. */
  status(): Promise<StageCounts[]>
  /** Of this source, and this organization where one is given, everybody who never came. Returns how many. */
  forget(source: string, organizationId: string | undefined, by: By): Promise<number>
}

const BITE = 100

export function migration(parts: MigrationParts): Migration {
  const { people, organizations, audit } = parts
  const carry = carrying(parts)
  const plans = planning(parts)

  async function plan(file: ImportFile, options: ImportOptions): Promise<PlanTold> {
    await organizations.follow()
    const seen = await plans.look(file, options)
    const digest = planDigest(options)
    const telling = teller()
    const refusals = await file.refusals?.()
    for await (const bite of plans.lines(file, options, seen, 'planned'))
      for (const planned of bite) {
        digest.add(planned)
        telling.add(planned.told)
        if (planned.told.faults) await refusals?.add(planned.item, planned.told.faults)
      }
    const refusedFile = await refusals?.close()
    return { digest: digest.hex(), ...telling.told(), ...(refusedFile !== undefined && { refusedFile }) }
  }

  return {
    plan,

    async apply(file, options, digest, by) {
      await organizations.follow()
      const seen = await plans.look(file, options)
      const found = planDigest(options)
      for await (const bite of plans.lines(file, options, seen, 'compared', digest))
        for (const one of bite) found.add(one)
      if (found.hex() !== digest) {
        const next = await plan(file, options)
        const { create, change, refuse } = next.totals
        const totals = `${create} to create, ${change} to change, ${refuse} refused`
        throw new AppError('plan-changed', `what it would do is another by now (${totals}): plan ${next.digest}`, {
          status: 409,
        })
      }
      const telling = teller()
      const refusals = await file.refusals?.()
      const moved: Told[] = []
      let written = 0
      for await (const bite of plans.lines(file, options, seen, 'applied', digest)) {
        const outcomes = await settled(bite.map((planned) => carry(planned, digest, options, by)))
        for (const [at, planned] of bite.entries()) {
          telling.add(planned.told)
          if (planned.told.faults) await refusals?.add(planned.item, planned.told.faults)
          if (outcomes[at] === 'done') written += 1
          if (outcomes[at] === 'moved' && moved.length < MOST_TOLD) moved.push(planned.told)
        }
      }
      const refusedFile = await refusals?.close()
      return { digest, ...telling.told(), ...(refusedFile !== undefined && { refusedFile }), written, moved }
    },

    async status() {
      const found = new Map<string, StageCounts>()
      for (const { value, count } of await people.counts('imported')) {
        const { source, organizationId, stage } = parseImported(String(value))
        const key = `${source} ${organizationId}`
        const none = Object.fromEntries(STAGES.map((each) => [each, 0])) as Record<Stage, number>
        const counts = found.get(key) ?? { source, organizationId, stages: none }
        counts.stages[stage] += count
        found.set(key, counts)
      }
      return [...found.values()].toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1))
    },

    async forget(source, organizationId, by) {
      let forgotten = 0
      for (const value of await people.values('imported')) {
        const found = parseImported(String(value))
        const meant = found.source === source && found.stage === 'waiting'
        if (!meant || (organizationId !== undefined && found.organizationId !== organizationId)) continue
        for (;;) {
          const bite = await people.list({ by: 'imported', from: value, to: value, limit: BITE })
          const gone = await settled(bite.map(({ id }) => forgetOne(id, source, by)))
          forgotten += gone.filter(Boolean).length
          if (bite.length < BITE || !gone.some(Boolean)) break
        }
      }
      return forgotten
    },
  }

  async function forgetOne(id: string, source: string, by: By): Promise<boolean> {
    if (!(await people.change(id, (person) => forget(person, source)))) return false
    await Promise.all([parts.trail.forgetAddresses(id), parts.forgetCounters(id)])
    await audit({ type: 'account.erased', outcome: 'ok', subject: id, ...by, details: { source } })
    return true
  }
}

/** All at once, so that they share a sync to disk; nothing is under way any more when this rejects. */
async function settled<T>(works: Array<Promise<T>>): Promise<T[]> {
  const outcomes = await Promise.allSettled(works)
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}

function sortKey({ source, organizationId = '' }: StageCounts): string {
  return `${source} ${organizationId}`
}

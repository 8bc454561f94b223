/**
 * Bringing people in from elsewhere: a plan, doing exactly it, how far everybody is, and taking back those who never came.
 * It may be stopped anywhere and run again, and by two at once: each person is one write, decided on what is there.
 */
import type { Hasher } from '../accounts/password.ts'
import type { Audit } from '../audit/audit.ts'
import type { Keyring, Sealer } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import type { Clock } from '../lib/time.ts'
import type { Directory } from '../organization/directory.ts'
import { parseImported, STAGES, type Stage } from '../person/imported.ts'
import type { Invitation } from '../person/invitation.ts'
import type { Pace } from '../person/invitation-round.ts'
import type { People } from '../person/kind.ts'
import { type By, carrying } from './carrying.ts'
import { deeds } from './deeds.ts'
import { type Forgetting, type ForgettingParts, type Forgotten, forgetters } from './forgetting.ts'
import type { ImportFile } from './import-file.ts'
import { type InvitingParts, inviting } from './inviting.ts'
import { type ImportOptions, type PlanningParts, planDigest, planning, type Told } from './planning.ts'
import { settled } from './settled.ts'
import { type Lists, MOST_TOLD, type Totals, teller } from './telling.ts'

export interface MigrationParts extends ForgettingParts, InvitingParts {
  people: People
  organizations: Directory
  hasher: Pick<Hasher, 'wrap'>
  seal: Sealer
  ring: Keyring
  audit: Audit
  /** That text messages go to. */
  countries: readonly string[]
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
  /** Whose mail with a link is due by this run, and the rounds that they are in. */
  invited: number
  rounds: string[]
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
  /**
   * Rejects with `plan-changed` if it would do something else by now. With a pace those whom it makes, and who have no
   * password, are invited; without, nobody is mailed anything.
   */
  apply(file: ImportFile, options: ImportOptions, digest: string, by: By, pace?: Pace): Promise<AppliedTold>
  /** One for each source and organization. */
  status(): Promise<StageCounts[]>
  /** Everybody of it who never came. */
  forget(forgetting: Forgetting, by: By): Promise<Forgotten>
}

export function migration(parts: MigrationParts): Migration {
  const { people, organizations } = parts
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

    async apply(file, options, digest, by, pace) {
      await organizations.follow()
      const seen = await plans.look(file, options)
      const found = planDigest(options)
      const meant = deeds()
      const invitations = inviting(parts, { plan: digest, source: options.source, actor: by.actor, pace })
      for await (const bite of plans.lines(file, options, seen, 'compared', digest))
        for (const one of bite) {
          found.add(one)
          meant.add(one.did)
          invitations.look(one)
        }
      if (found.hex() !== digest) {
        const next = await plan(file, options)
        const { create, change, refuse } = next.totals
        const totals = `${create} to create, ${change} to change, ${refuse} refused`
        throw new AppError('plan-changed', `what it would do is another by now (${totals}): plan ${next.digest}`, {
          status: 409,
        })
      }
      invitations.begin()
      const telling = teller()
      const refusals = await file.refusals?.()
      const moved: Told[] = []
      let [written, invited, lines] = [0, 0, 0]
      // What is carried out takes its time: an organization may be closed or called otherwise since, by another node too.
      await organizations.follow()
      for await (const bite of plans.lines(file, options, seen, 'applied', digest)) {
        const begun = lines
        lines += bite.length
        const due: Array<Invitation | undefined> = []
        for (const planned of bite) due.push(await invitations.of(planned))
        const outcomes = await settled(
          bite.map(async (planned, at) => {
            if (!meant.has(begun + at, planned.did)) return 'moved'
            return carry(planned, digest, options, by, due[at])
          }),
        )
        await organizations.follow()
        for (const [at, planned] of bite.entries()) {
          telling.add(planned.told)
          if (planned.told.faults) await refusals?.add(planned.item, planned.told.faults)
          if (outcomes[at] === 'done') written += 1
          if (outcomes[at] === 'invited' || (outcomes[at] === 'done' && due[at])) invited += 1
          if (outcomes[at] === 'moved' && moved.length < MOST_TOLD) moved.push(planned.told)
        }
      }
      const refusedFile = await refusals?.close()
      return {
        digest,
        ...telling.told(),
        ...(refusedFile !== undefined && { refusedFile }),
        ...{ written, invited, rounds: invitations.rounds(), moved },
      }
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

    forget: forgetters(parts),
  }
}

function sortKey({ source, organizationId = '' }: StageCounts): string {
  return `${source} ${organizationId}`
}

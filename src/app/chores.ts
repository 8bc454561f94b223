/** What is done in the background, and how often. */

import { randomUUID } from 'node:crypto'
import { finishErasures } from '../accounts/erasure.ts'
import { tidy as forgetMade } from '../client/made-once.ts'
import { removeLeftTrials } from '../doctor/live/trial.ts'
import { forgetOld } from '../doctor/memory.ts'
import { letGo } from '../keys/in-use.ts'
import type { Task } from '../lib/background.ts'
import { CLOCKS_APART, DAY, HOUR, MINUTE, SECOND } from '../lib/time.ts'
import type { Oidc } from '../oidc/provider.ts'
import { SENDING } from '../person/invitation-round.ts'
import { tidy } from '../person/tidy.ts'
import { sweep } from '../record/sweep.ts'
import type { Core } from './core.ts'
import { trialParts } from './doctor.ts'
import { givingBack } from './free-space.ts'
import type { Passwords } from './passwords.ts'
import { pruning } from './pruning.ts'
import { remindersOf } from './reminders.ts'
import type { RemovalHold } from './removal-hold.ts'

/** Client addresses in the audit trail are shortened after this long. */
const ADDRESS_LIFE = 90 * DAY
/** What could not be delivered is kept for whoever wants it sent all the same. */
const GIVEN_UP_LIFE = 7 * DAY
/** Records that one round shortens: it should not keep others from writing. */
const BITE = 500

/** Says whether this node may decide what has run out. */
type ClockIsRight = () => Promise<boolean>

/** Longer than a round takes, shorter than the time to the next. */
const ROUND = 50 * SECOND

/** Takes up rotated keys within seconds. On every node, and behind nothing that takes longer. */
export function keyChores(provider: Oidc): Task[] {
  return [{ every: 2 * SECOND, run: () => provider.refresh() }]
}

/** Writes which secrets of applications were used here, and what else was noted of them. On every node as well. */
export function clientChores({ secretUses, notes }: Pick<Core, 'secretUses' | 'notes'>): Task[] {
  return [
    { every: MINUTE, run: () => secretUses.write() },
    { every: 5 * SECOND, run: () => notes.write() },
  ]
}

/** Writes what repeated and was counted (audit/repeats.ts). On every node, each its own. */
export function repeatChores({ writeRepeats }: Pick<Core, 'writeRepeats'>): Task[] {
  return [{ every: MINUTE, run: () => writeRepeats() }]
}

/** Takes up what other nodes changed of the records that are held in memory: within a second, and behind nothing else. */
export function followChores({ organizations, clients }: Core): Task[] {
  return [{ every: SECOND, run: () => Promise.all([organizations.follow(), clients.follow()]) }]
}

/** An import, or the last of those whom it brought, changes what a wrong password waits for. On every node. */
export function passwordChores({ follow }: Pick<Passwords, 'follow'>): Task[] {
  return [{ every: MINUTE, run: follow }]
}

/** What follows for people when their organization is disabled or merged: a part at a time, until nothing is left. */
export function organizationChores(core: Core, clockIsRight: ClockIsRight): Task[] {
  const { organizations, memberships } = core
  const settle = alone(core, clockIsRight, 'organizations', async () =>
    (await memberships.settle()) ? 'more' : 'done',
  )
  // Also at the start: a process may have died over it.
  let due = true
  return [
    {
      every: SECOND,
      async run() {
        due = organizations.takeNews() || due
        if (due) due = (await settle()) !== 'done'
      },
    },
  ]
}

/** Reminds people that the campaign's deadline comes near. Each round is small, and the next one goes on. */
export function campaignChores(core: Core, clockIsRight: ClockIsRight): Task[] {
  const send = remindersOf(core)
  const remind = alone(core, clockIsRight, 'remind', send)
  return [{ every: MINUTE, run: async () => core.config.twoStep.campaign.reminders && remind() }]
}

/** Mails the links of invitations that are due, at the pace of their round. */
export function invitationChores(core: Core, clockIsRight: ClockIsRight): Task[] {
  return [{ every: SENDING, run: alone(core, clockIsRight, 'invitations', () => core.invitations.sendDue()) }]
}

/** Of several nodes one does it, so that nobody is told twice that a session ended. Undefined if it was not this one. */
function alone<T>(
  { store: { leases } }: Core,
  clockIsRight: ClockIsRight,
  name: string,
  work: () => Promise<T>,
): () => Promise<T | undefined> {
  if (!leases) return work
  return async () => {
    if (!(await clockIsRight())) return undefined
    const holder = randomUUID()
    // A store that is full keeps no lease, and it is this work that makes room: better twice than not at all.
    if (!(await leases.acquire(`chore ${name}`, holder, ROUND).catch(() => true))) return undefined
    return work().finally(() => leases.release(`chore ${name}`, holder).catch(() => undefined))
  }
}

/** Sees that somebody set the clock of this machine. On every node. */
export function clockChores(hold: RemovalHold): Task[] {
  return [{ every: MINUTE, run: async () => hold.look() }]
}

/** Rotates when it is time, ends what has run out, and cleans up. */
export function chores(core: Core, clockIsRight: ClockIsRight, hold: RemovalHold): Task[] {
  const { store, keys, now, record, sessions, memberships } = core
  // A node whose clock is behind still takes what has just run out by this clock.
  const margin = store.leases ? CLOCKS_APART : 0

  return [
    {
      every: MINUTE,
      run: alone(core, clockIsRight, 'rotate', async () => {
        if ((await keys.rotateIfDue()) === 'rotated') await record({ type: 'key.rotated', outcome: 'ok' })
      }),
    },
    {
      every: MINUTE,
      run: alone(core, clockIsRight, 'end', async () => {
        // Applications hear of a session before its record is swept away.
        const at = now() - margin
        while ((await sessions.endExpired(at)) > 0);
        await store.expiring.sweepArtifacts(at)
      }),
    },
    { every: 5 * MINUTE, run: alone(core, clockIsRight, 'prune', pruning(core, hold)) },
    { every: 5 * MINUTE, run: givingBack(store) },
    {
      every: HOUR,
      run: alone(core, clockIsRight, 'derive', () => store.durable.deriveAnew()),
    },
    {
      every: 5 * MINUTE,
      run: alone(core, clockIsRight, 'clean', async () => {
        const { durable } = store
        const { people } = durable
        await each(
          () => durable.sweepCounters(now() - margin),
          () => sweep(people, 'tidyAt', now() - margin, (person) => tidy(person, now() - margin)),
          () => durable.removeGivenUp(now() - margin - GIVEN_UP_LIFE),
          () => sweep(durable.clientMemories, 'tidyAt', now() - margin, (memory) => forgetOld(memory, now() - margin)),
          () => sweep(durable.madeOnce, 'endsAt', now() - margin, (made) => forgetMade(made, now() - margin)),
          () => core.logos.tidy(),
          () => letGo({ records: durable.rootKeys, people, ring: core.ring }),
          () => finishErasures({ people, trail: durable }),
          () => removeLeftTrials(trialParts(core), now() - margin),
          // Somebody may have been invited into an organization that was merged at that moment elsewhere.
          async () => {
            while (await memberships.settle());
          },
          async () => {
            const believed = await hold.believed()
            if (believed === undefined) return
            while ((await durable.shortenAddresses(believed - ADDRESS_LIFE, BITE)) === BITE);
          },
        )
      }),
    },
  ]
}

/** One after the other, whatever becomes of those before. Rejects with the first fault. */
async function each(...works: Array<() => Promise<unknown>>): Promise<void> {
  const faults: unknown[] = []
  for (const work of works) await work().catch((fault: unknown) => faults.push(fault))
  if (faults.length > 0) throw faults[0]
}

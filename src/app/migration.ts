/** What brings people in from elsewhere. */
import { availableParallelism } from 'node:os'
import { addressCodeLane } from '../accounts/address-code.ts'
import { linkLane } from '../accounts/links.ts'
import { strangersLane } from '../accounts/login.ts'
import { settingsLane } from '../accounts/own-password.ts'
import { hasher } from '../accounts/password.ts'
import { semaphore } from '../lib/semaphore.ts'
import { HOUR } from '../lib/time.ts'
import { workingHours } from '../lib/working-hours.ts'
import { everyKey } from '../mfa/challenge.ts'
import { type Migration, migration } from '../migration/migration.ts'
import type { Progress } from '../migration/planning.ts'
import type { Foundation } from './foundation.ts'

/**
 * A gate of its own, in which thousands may wait: those who sign in have another, and need not. Each at a time takes 19 MB, so
 * there are two however many cores there are.
 */
const GATE = { running: Math.min(availableParallelism(), 2), waiting: 10_000, patience: HOUR }

export function migrationOf(base: Foundation, onProgress: Progress = () => undefined): Migration {
  const { store, organizations, ring, seal, record, attempts, config, now } = base
  return migration({
    people: store.durable.people,
    organizations,
    hasher: hasher({ pepper: ring, gate: semaphore(GATE) }),
    seal,
    ring,
    audit: record,
    trail: store.durable,
    rounds: store.durable.invitationRounds,
    isWorking: workingHours(config.brand.timeZone),
    countries: config.twoStep.sms.countries,
    forgetCounters: (id) =>
      attempts.reset(strangersLane(id), settingsLane(id), addressCodeLane(id), linkLane(id), ...everyKey(id)),
    now,
    onProgress,
  })
}

/** What operators watch of what others know: told at a scrape out of memory, and read in the background where it has to be asked for. */
import type { Task } from '../lib/background.ts'
import { SECOND } from '../lib/time.ts'
import type { Core } from './core.ts'
import type { Readiness } from './readiness.ts'
import type { RemovalHold } from './removal-hold.ts'

/** Between two readings. */
const READING = 10 * SECOND

/** Returns the work in the background. On every node: each is scraped by itself. */
export function watching(
  { config, store, counters, onStoreTrouble, now }: Core,
  health: Readiness,
  hold: RemovalHold,
): Task[] {
  onStoreTrouble(health.suspect)
  counters.tellReadiness(health.known)
  counters.tell(
    'sigma_clock_skew_seconds',
    'How far the clock of the store was ahead of this machine’s when it was looked at last; 0 where it has none of its own',
    () => health.skew() / SECOND,
  )
  counters.tell(
    'sigma_signing_key_rotate_after_seconds',
    'How long one key signs, by the settings',
    () => config.signingKeys.rotateAfter / SECOND,
  )
  counters.watch('signing-keys', () => store.durable.loadKeys(), [
    {
      name: 'sigma_signing_key_age_seconds',
      help: 'Age of the newest signing key: one is made when the one before it begins to sign',
      value: ({ keys }) =>
        keys.length === 0 ? undefined : (now() - Math.max(...keys.map(({ createdAt }) => createdAt))) / SECOND,
    },
  ])
  counters.watch('known-time', () => store.durable.findKnownTime(), [
    {
      name: 'sigma_removal_held',
      help: '1 while nothing old is removed because the clock of this machine is far from what the store knows or was set within the hour, or 0',
      value: (known) => (hold.isHeld(known) ? 1 : 0),
    },
  ])
  const { backup } = config
  if (backup)
    counters.tell(
      'sigma_backup_every_seconds',
      'How often this server makes a back-up by itself, by the settings',
      () => backup.every / SECOND,
    )
  const { lastBackup } = store
  if (lastBackup)
    counters.watch('backup', lastBackup.find, [
      {
        name: 'sigma_backup_age_seconds',
        help: 'Since when the last back-up was finished; nothing before the first',
        value: (at) => (at === undefined ? undefined : (now() - at) / SECOND),
      },
    ])
  return [{ every: READING, run: () => counters.refresh() }]
}

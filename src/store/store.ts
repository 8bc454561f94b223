/** A store is all of the ports, kept in one place. Nothing outside this folder and app.ts knows which one it is. */

import type { AuditStore } from '../audit/audit.ts'
import type { AppliedRecords } from '../client/applied.ts'
import type { LogoRecords } from '../client/logo.ts'
import type { MadeOnceRecords } from '../client/made-once.ts'
import type { ClientRecords, ResourceRecords } from '../client/record.ts'
import type { QueueStore } from '../delivery/queue.ts'
import type { ClientMemories } from '../doctor/memory.ts'
import type { RootKeys } from '../keys/root-key.ts'
import type { SealedStore } from '../keys/sealed-store.ts'
import type { KnownTimeStore } from '../lib/known-time.ts'
import type { CounterStore } from '../lib/throttle.ts'
import type { LeaseStore } from '../lib/turns.ts'
import type { ArtifactStore } from '../oidc/artifact.ts'
import type { SigningKeyStore } from '../oidc/signing-key.ts'
import type { OrganizationRecords } from '../organization/kind.ts'
import type { RoundRecords } from '../person/invitation-round.ts'
import type { People } from '../person/kind.ts'

/** Must survive everything. */
export interface DurableStore extends AuditStore, QueueStore, CounterStore, SigningKeyStore, KnownTimeStore {
  people: People
  organizations: OrganizationRecords
  clients: ClientRecords
  resources: ResourceRecords
  appliedFiles: AppliedRecords
  clientMemories: ClientMemories
  madeOnce: MadeOnceRecords
  logos: LogoRecords
  invitationRounds: RoundRecords
  rootKeys: RootKeys
  /** Makes anew what records are found by that a release before wrote meanwhile; resolves to how many there were. */
  deriveAnew(): Promise<number>
}

/** May vanish: people sign in again. */
export type ExpiringStore = ArtifactStore

/** What something is kept in: a file, or servers. */
export type StoreName = 'sqlite' | 'mongodb' | 'redis'

export interface Store {
  /** What the halves are kept in. Turns and the clock are those of the expiring one. */
  names: { durable: StoreName; expiring: StoreName }
  durable: DurableStore
  expiring: ExpiringStore
  sealed: SealedStore
  /** Turns that hold over all nodes; absent where there is one process only. */
  leases?: LeaseStore
  /** One small write in each of them. Rejects if it cannot answer, or cannot keep anything. */
  pings: { [name in StoreName]?: () => Promise<void> }
  /**
   * Resolves to why, when this process can keep nothing any more and has to be started again, or is no longer the one that may
   * (`store-lost`); absent where it never comes to that.
   */
  failed?: Promise<unknown>
  /** When the last back-up was finished, in milliseconds; absent where other tools make them. */
  lastBackup?: {
    find(): Promise<number | undefined>
    put(at: number): Promise<void>
  }
  /** Room that the records do not need; absent where the store sees to it by itself. */
  freeSpace?: {
    /** Bytes that can go back to the disk, beyond what is used again anyway. */
    spare(): Promise<number>
    /** A few of them go back. */
    giveBack(): Promise<void>
  }
  /** What time it is there, in milliseconds; absent where that is this machine. */
  time?(): Promise<number>
  /** Finishes what was begun. */
  close(): Promise<void>
}

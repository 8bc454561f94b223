/** What the suites about records ask of whoever opens a store for them. */
import type { QueueStore } from '../../../src/delivery/queue.ts'
import type { Records } from '../../../src/record/records.ts'
import type { Section } from '../../../src/store/portable.ts'

export interface OpenedRecords<R extends object, F extends string> {
  /** The same, as two nodes or two processes have it open. */
  one: Records<R, F>
  other: Records<R, F>
  /** For copying. */
  section: Section<R>
  queue: Pick<QueueStore, 'backlog' | 'claim' | 'settle'>
  /** How often the record was written. */
  revision(id: string): Promise<number | undefined>
  destroy(): Promise<void>
}

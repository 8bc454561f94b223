/** The form for several nodes for copying: both halves of it. The mark is in the durable one. */
import type { ClusterOptions } from './cluster.ts'
import { openMongoPortable } from './mongo/portable.ts'
import type { PortableStore } from './portable.ts'
import { openRedisPortable } from './redis/portable.ts'

/** Rejects with `store-in-use` if a node is connected to Redis, and as `openCluster` does. */
export async function openClusterPortable({ mongodb, redis, ...options }: ClusterOptions): Promise<PortableStore> {
  const durable = await openMongoPortable(mongodb)
  const expiring = await openRedisPortable(redis, options).catch(async (fault: unknown) => {
    await durable.close()
    throw fault
  })
  return {
    ...durable,
    sections: { ...durable.sections, artifacts: expiring.artifacts },
    close: () => expiring.close().finally(() => durable.close()),
  }
}

/** MongoDB's protocol and Redis for all test files of the cluster project; started once. */
import type { TestProject } from 'vitest/node'
import { mongoServer, redisServer } from '../services/servers.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    mongodb: string
    redis: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = await Promise.all([mongoServer(), redisServer()])
  const [mongo, redis] = services
  project.provide('mongodb', mongo.uri)
  project.provide('redis', redis.uri)
  return async () => {
    for (const service of services) await service.remove()
  }
}

/** Stands in for the cluster project where its servers are not on this machine. */
import { describeWith } from '../support/services/services.ts'

describeWith(['mongo', 'redis'], 'two nodes on MongoDB and Redis', () => {
  throw new Error('the servers are here, and so should the suite be: see vitest.config.ts')
})

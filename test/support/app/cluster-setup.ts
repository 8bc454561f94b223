/** Tells `startApp` that the app is two nodes on these servers. */
import { inject } from 'vitest'

process.env.SIGMA_TEST_MONGODB = inject('mongodb')
process.env.SIGMA_TEST_REDIS = inject('redis')

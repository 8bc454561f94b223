/** The secret of an application that is in the environment, as tests have theirs. */
import type { Core } from '../../../src/app/core.ts'

interface Running {
  core: Pick<Core, 'clients' | 'clientSecret'>
}

/** The newest; empty for an application without one. */
export function secretOf({ core }: Running, clientId: string): string {
  const env = core.clients.find(clientId)?.secrets.at(-1)?.env
  return (env && core.clientSecret(env)) || ''
}

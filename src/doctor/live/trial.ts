/** The person of one trial: made for it, and gone after it; also, by the next round of cleaning, after a crash. */
import { randomToken, type Sealer } from '../../lib/crypto.ts'
import { type Clock, MINUTE } from '../../lib/time.ts'
import { sealAuthenticator } from '../../mfa/sealed-authenticator.ts'
import type { ArtifactStore } from '../../oidc/artifact.ts'
import type { People } from '../../person/kind.ts'
import { APP } from '../../person/second-factor.ts'
import { beginTrial, endTrial, trialId } from '../../person/trial.ts'

export interface TrialParts {
  people: People
  artifacts: Pick<ArtifactStore, 'removeArtifactsByAccount'>
  seal: Sealer
  now: Clock
}

/** Longer than a trial takes. */
const LIFE = 2 * MINUTE
const BITE = 100

/** Runs `work` with the id of somebody who is there for as long. */
export async function withTrialPerson<T>(parts: TrialParts, work: (accountId: string) => Promise<T>): Promise<T> {
  const { people, seal, now } = parts
  const id = trialId(randomToken().slice(0, 22))
  const rest = { kind: APP, label: '', numberKey: undefined, lastStep: 0, createdAt: now(), lastUsedAt: undefined }
  const app = sealAuthenticator(seal, randomToken(), { accountId: id, ...rest })
  await people.change(id, (draft) => beginTrial(draft, { id, app, until: now() + LIFE, now: now() }))
  try {
    return await work(id)
  } finally {
    await remove(parts, id)
  }
}

/** What a process left behind that died in a trial. Returns how many there were. */
export async function removeLeftTrials(parts: TrialParts, at: number): Promise<number> {
  const left = await parts.people.list({ by: 'trialUntil', to: at, limit: BITE })
  for (const { id } of left) await remove(parts, id)
  return left.length
}

/** The person last: who is found again has nothing left but that. */
async function remove({ people, artifacts }: TrialParts, id: string): Promise<void> {
  await artifacts.removeArtifactsByAccount(id)
  await people.change(id, (draft) => endTrial(draft))
}

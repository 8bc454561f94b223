/** The expiring half on Redis, as it is gone through for sealing anew (keys/sealed-store.ts), beside whoever is served. */
import type { SealedArtifact, SealedStore } from '../../keys/sealed-store.ts'
import { PAGE } from '../portable.ts'
import { artifactNames, bites, fieldsOf, named } from './artifact-names.ts'
import type { RunScript } from './gate.ts'

export type SealedExpiring = Pick<SealedStore, 'artifacts' | 'resealArtifact'>

/** Nothing else of it changes, nor how long Redis keeps it. */
const RESEAL = `
if redis.call('HGET', KEYS[1], 'sealed') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'sealed', ARGV[3])
return 1`

export function sealedStore(run: RunScript, tag: string): SealedExpiring {
  return {
    async *artifacts() {
      for (const members of bites(await artifactNames(run, tag), PAGE)) {
        const found = await fieldsOf(run, tag, members, 'sealed')
        yield members.flatMap((member, index): SealedArtifact[] => {
          const sealed = found[index]?.[0]
          return sealed == null ? [] : [{ ...named(member), sealed }]
        })
      }
    },
    resealArtifact: async ({ model, key, sealed: from }, sealed) =>
      (await run(RESEAL, [`${tag}:artifact:${model}:${key}`], [from, sealed])) === 1,
  }
}

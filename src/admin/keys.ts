/** Verbs for the keys that sign tokens. */
import { z } from 'zod'
import type { Unaware } from '../doctor/doctor.ts'
import { AppError } from '../lib/errors.ts'
import { PUBLISH_AHEAD, type SigningKeys } from '../oidc/keys.ts'
import { actorName } from './role.ts'
import { verb } from './verb.ts'

export const listKeys = verb({
  name: 'key:list',
  summary: 'List the signing keys, what each is doing, and since when it is published',
  roles: ['owner'],
  input: z.object({}),
  // Published as soon as it is made.
  run: async ({ keys }) => (await keys.list()).map((key) => ({ ...key, publishedAt: key.createdAt })),
})

/** Then nobody can have fetched it, and it is refused for that. */
async function isEarly(keys: Pick<SigningKeys, 'list'>, at: number): Promise<boolean> {
  return (await keys.list()).some(({ state, createdAt }) => state === 'next' && at - createdAt < PUBLISH_AHEAD)
}

/** Applications that would refuse whoever signs in, unless they fetch a key that they meet for the first time. */
export class NotFetched extends AppError {
  readonly applications: Unaware[]

  constructor(applications: Unaware[]) {
    const each = applications.map(({ client, name, fetchedAt }) => `  ${name} (${client}): ${inWords(fetchedAt)}`)
    const lead = 'these applications were not seen to fetch the next signing key, and may refuse it:'
    super('not-fetched', [lead, ...each, 'rotate all the same with --anyway'].join('\n'), { status: 409 })
    this.applications = applications
  }
}

function inWords(fetchedAt: number | undefined): string {
  return fetchedAt === undefined ? 'never seen to' : `last on ${new Date(fetchedAt).toISOString().slice(0, 10)}`
}

export const rotateKeys = verb({
  name: 'key:rotate',
  summary: 'Rotate the signing keys: next becomes current, current becomes previous',
  roles: ['owner'],
  sensitive: true,
  input: z.object({
    force: z
      .boolean()
      .default(false)
      .describe('even if the next key was published less than a day ago: one was stolen'),
    anyway: z.boolean().default(false).describe('even if applications were not seen to fetch the next key'),
  }),
  async run({ keys, audit, doctor, now }, { force, anyway }, actor) {
    // Whoever has a stolen key waits for nobody.
    const asks = !force && !anyway && !(await isEarly(keys, now()))
    const unaware = asks ? await doctor.unaware() : []
    if (unaware.length > 0) throw new NotFetched(unaware)
    const rotation = await keys.rotate({ forced: force })
    if (rotation === 'too-early')
      throw new AppError(
        'too-early',
        'the next key was published less than a day ago; applications may not have it yet (--force)',
        { status: 409 },
      )
    if (rotation === 'rotated')
      await audit({
        type: 'key.rotated',
        outcome: 'ok',
        actor: actorName(actor),
        source: actor.source,
        details: { forced: force },
      })
    return { rotation }
  },
})

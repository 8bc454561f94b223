/** Verbs for the keys that sign tokens. */
import { z } from 'zod'
import { AppError } from '../lib/errors.ts'
import { actorName } from './role.ts'
import { verb } from './verb.ts'

export const listKeys = verb({
  name: 'key:list',
  summary: 'List the signing keys and what each is doing',
  roles: ['owner'],
  input: z.object({}),
  run: ({ keys }) => keys.list(),
})

export const rotateKeys = verb({
  name: 'key:rotate',
  summary: 'Rotate the signing keys: next becomes current, current becomes previous',
  roles: ['owner'],
  sensitive: true,
  input: z.object({
    force: z.boolean().default(false).describe('even if the next key was published less than a day ago'),
  }),
  async run({ keys, audit }, { force }, actor) {
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

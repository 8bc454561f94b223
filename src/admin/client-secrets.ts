/** Verbs for the secrets of an application: two may be valid, so that it moves from one to the next without a break. */
import { z } from 'zod'
import { CLIENT_ADMINS, client, told } from './clients.ts'
import { insistKept, read, whoIs } from './definition-input.ts'
import { verb } from './verb.ts'

export const addClientSecret = verb({
  name: 'client:secret-add',
  summary: 'Make another secret for an application; it is shown once, and the one before stays valid',
  roles: CLIENT_ADMINS,
  sensitive: true,
  input: z.object({ client, version: read }),
  async run(context, { client: id, version: seen }, actor) {
    const outcome = insistKept(await context.clients.addSecret(id, seen, whoIs(actor)))
    const { version, secret, approval } = await told(context, id, outcome, actor)
    return { client: id, version, ...(secret && { secret }), ...(approval !== undefined && { approval }) }
  },
})

export const removeClientSecret = verb({
  name: 'client:secret-remove',
  summary: 'End a secret of an application at once; client:show tells when each was used last',
  roles: CLIENT_ADMINS,
  sensitive: true,
  input: z.object({
    client,
    secret: z.string().min(1).max(80).describe('id of the secret, not the secret itself'),
    version: read,
  }),
  run: async (context, { client: id, secret, version }, actor) =>
    told(context, id, insistKept(await context.clients.removeSecret(id, secret, version, whoIs(actor))), actor),
})

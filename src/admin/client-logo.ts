/** Verbs for the logo of an application: the picture by which people know it. */
import { z } from 'zod'
import { MOST_BYTES, PICTURE_FAULTS, type PictureFault } from '../client/logo-picture.ts'
import { InputError } from '../lib/errors.ts'
import { CLIENT_ADMINS, client, told } from './clients.ts'
import { insistKept, read, whoIs } from './definition-input.ts'
import { verb } from './verb.ts'

/** Of a text of base64, with its padding. */
const MOST_SIGNS = Math.ceil(MOST_BYTES / 3) * 4

const WORDS: Record<PictureFault, string> = {
  empty: 'is empty',
  'too-large': 'is more than 1 MiB',
  'unknown-format': 'is no PNG, JPEG or WebP, whatever it is called',
  animated: 'is animated: a logo stands still',
  'too-many-pixels': 'has more than 4096 pixels on a side',
  unreadable: 'cannot be read: it is damaged',
}

export const setClientLogo = verb({
  name: 'client:logo',
  summary: 'Give an application a logo: a PNG, JPEG or WebP of at most 1 MiB, made small and written anew',
  roles: CLIENT_ADMINS,
  sensitive: true,
  input: z.object({
    client,
    image: z.base64('is no base64').max(MOST_SIGNS, WORDS['too-large']).describe('the picture'),
    version: read,
  }),
  async run(context, { client: id, image, version }, actor) {
    const outcome = await context.logos.set(id, Buffer.from(image, 'base64'), version, whoIs(actor))
    if (!outcome.ok) {
      const fault = PICTURE_FAULTS.find((one) => one === outcome.reason)
      if (fault) throw new InputError('The picture is not in order.', [faultOf(fault)])
    }
    return told(context, id, insistKept(outcome as Exclude<typeof outcome, { reason: PictureFault }>), actor)
  },
})

export const removeClientLogo = verb({
  name: 'client:remove-logo',
  summary: 'Take the logo of an application away; its name stays',
  roles: CLIENT_ADMINS,
  sensitive: true,
  input: z.object({ client, version: read }),
  run: async (context, { client: id, version }, actor) =>
    told(context, id, insistKept(await context.logos.remove(id, version, whoIs(actor))), actor),
})

function faultOf(code: PictureFault) {
  return { path: 'image', at: ['image'], code, reason: WORDS[code] }
}

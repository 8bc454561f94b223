/** The shape of an address on the web, in an input. */
import { z } from 'zod'

export const webAddress = z.url({ protocol: /^https?$/, error: 'an address on the web' })

/** The settings of what people see of the company. */
import { z } from 'zod'
import { emailAddress } from '../lib/email-address.ts'
import { color, timeZone } from './forms.ts'

export const brand = z
  .strictObject({
    name: z.string().max(80).default('Sigma'),
    product: z.string().max(80).default('Sigma ID'),
    /** The pages' policy admits images of no other origin. */
    logo: z
      .string()
      .regex(/^(\/assets\/|data:image\/)/, 'a path under /assets/ or a data:image/ address')
      .optional(),
    color: color.default('#12515c'),
    colorDark: color.default('#8ccdd3'),
    supportEmail: emailAddress.optional(),
    supportPhone: z.string().max(40).optional(),
    /** IANA name; times that people read are in this zone. */
    timeZone: timeZone.default('Europe/Amsterdam'),
  })
  .prefault({})

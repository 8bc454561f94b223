/** The settings of what the rungs of assurance are called. */
import { z } from 'zod'
import { HARDWARE_PROTECTED, LADDER } from '../mfa/assurance.ts'

const OUT_OF_REACH = `${HARDWARE_PROTECTED} is the name of what nobody can prove, so it is no name of a rung`

export const assurance = z
  .strictObject({
    names: z
      .strictObject({
        password: z.string().default('urn:sigma:acr:password'),
        knownDevice: z.string().default('urn:sigma:acr:known-device'),
        mfa: z.string().default('urn:sigma:acr:mfa'),
        phishingResistant: z.string().default('phr'),
      })
      .prefault({})
      .refine((names) => !Object.values(names).includes(HARDWARE_PROTECTED), OUT_OF_REACH),
    /** Other names by which applications may ask for a rung: name → password, knownDevice, mfa or phishingResistant. */
    aliases: z
      .record(z.string(), z.enum(LADDER))
      .default({
        'https://refeds.org/profile/sfa': 'password',
        'https://refeds.org/profile/mfa': 'mfa',
        'http://schemas.openid.net/pape/policies/2007/06/multi-factor': 'mfa',
      })
      .refine((aliases) => !Object.hasOwn(aliases, HARDWARE_PROTECTED), OUT_OF_REACH),
  })
  .prefault({})

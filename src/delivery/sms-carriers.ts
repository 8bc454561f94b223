/**
 * The carriers of text messages that there are: what the settings say of each, and how it is made of that. A new one is
 * a function in a file of its own, and here its shape and its case.
 */
import { z } from 'zod'
import { webAddress } from '../lib/web-address.ts'
import { type Carrier, httpGateway, twilio } from './sms-gateway.ts'

/** The name of an environment variable that holds a secret. */
const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable')

export const smsCarrierSettings = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('twilio'),
      accountSid: z.string(),
      token: variable,
      from: z.string().optional(),
      messagingServiceSid: z.string().optional(),
    })
    .refine(({ from, messagingServiceSid }) => from || messagingServiceSid, 'needs from or messagingServiceSid'),
  z.strictObject({ kind: z.literal('http'), url: webAddress, token: variable }),
])

export type SmsCarrierSettings = z.output<typeof smsCarrierSettings>

/** `secret` is what the variable `token` holds. */
export function smsCarrier(settings: SmsCarrierSettings, secret: string): Carrier {
  switch (settings.kind) {
    case 'twilio': {
      const { accountSid, from, messagingServiceSid } = settings
      return twilio({ accountSid, authToken: secret, from, messagingServiceSid })
    }
    case 'http':
      return httpGateway({ url: settings.url, token: secret })
  }
}

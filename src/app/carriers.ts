/** Which carriers are in use for mail and text messages, by the configuration; in development both go to the outbox. */
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { type Outbox, outbox } from '../delivery/outbox.ts'
import type { SendEmail, SendSms } from '../delivery/ports.ts'
import { smsCarrier } from '../delivery/sms-carriers.ts'
import { failover } from '../delivery/sms-failover.ts'
import { AppError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { Clock } from '../lib/time.ts'

export interface Carriers {
  sendEmail: SendEmail
  sendSms: SendSms
  box: Outbox | undefined
  closeMail: () => void
}

export async function carriers(config: Config, log: Log, now: Clock): Promise<Carriers> {
  const box = config.production ? undefined : outbox(join(config.data, 'outbox'), now)
  const mail = config.smtpUrl ? await mailServer(config.smtpUrl, config.mail.from) : undefined
  const sendEmail = mail ?? box?.sendEmail
  if (!sendEmail) throw new AppError('no-mail', 'SIGMA_SMTP_URL is missing')
  const noSms: SendSms = async () => {
    throw new AppError('no-sms', 'no carrier for text messages is configured: twoStep.sms.carriers')
  }
  const sendSms = configuredSms(config, log, now) ?? box?.sendSms ?? noSms
  return { sendEmail, sendSms, box, closeMail: () => mail?.close() }
}

/** Loaded when there is one: development starts without it. */
async function mailServer(url: string, from: string) {
  const { smtp } = await import('../delivery/smtp.ts')
  return smtp({ url, from })
}

function configuredSms(config: Config, log: Log, now: Clock): SendSms | undefined {
  const [first, second] = config.twoStep.sms.carriers.map((carrier) => {
    const secret = config.secret(carrier.token)
    if (!secret) throw new AppError('no-sms', `${carrier.token} is not set in the environment`)
    return smsCarrier(carrier, secret)
  })
  return first && second ? failover(first, second, { now, log }) : first
}

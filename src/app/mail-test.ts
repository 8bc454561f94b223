/** One mail to one address, as people get theirs: by the configured server, in the configured brand. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { mailReason } from '../check/mail.ts'
import type { Config } from '../config.ts'
import { insistStore } from '../data-folder.ts'
import { outbox } from '../delivery/outbox.ts'
import type { SendEmail } from '../delivery/ports.ts'
import { emailAddress } from '../lib/email-address.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { LOCALES, type Locale } from '../lib/locales.ts'
import type { Clock } from '../lib/time.ts'
import { views } from '../render/views.ts'

export interface MailTested {
  to: string
  /** Where it went: the mail server, or the outbox of development. */
  by: string
  /** What the server answered when it took the mail; undefined for an outbox. */
  answer: string | undefined
}

/** Throws `mail-refused` with what the server made of it, without what it said: it may repeat what it was told. */
export async function testMail(
  config: Config,
  { to, locale = 'en' }: { to: string; locale?: string | undefined },
  now: Clock,
): Promise<MailTested> {
  const wrong = (path: string, reason: string) => new InputError('The input is not in order.', [{ path, reason }])
  const address = emailAddress.safeParse(to)
  if (!address.success) throw wrong('to', 'is no mail address')
  const language = LOCALES.find((known) => known === locale)
  if (!language) throw wrong('locale', `has to be one of ${LOCALES.join(', ')}`)
  const email = { to: address.data, ...written(config, language) }
  const id = randomUUID()
  if (!config.smtpUrl) {
    if (config.production) throw new AppError('no-mail', 'SIGMA_SMTP_URL is missing')
    insistStore(config)
    await outbox(join(config.data, 'outbox'), now).sendEmail(email, id)
    return { to: email.to, by: 'the outbox of development', answer: undefined }
  }
  const { host } = new URL(config.smtpUrl)
  const { smtp } = await import('../delivery/smtp.ts')
  const answers: string[] = []
  const server = smtp({ url: config.smtpUrl, from: config.mail.from, onTaken: (answer) => answers.push(answer) })
  return sent(server, { email, id, host })
    .then(() => ({ to: email.to, by: host, answer: answers[0] }))
    .finally(() => server.close())
}

async function sent(
  send: SendEmail,
  { email, id, host }: { email: Parameters<SendEmail>[0]; id: string; host: string },
): Promise<void> {
  try {
    await send(email, id)
  } catch (fault) {
    const met = fault instanceof Error && fault.cause !== undefined ? fault.cause : fault
    throw new AppError('mail-refused', `SIGMA_SMTP_URL: ${host} ${mailReason(met)}`, { cause: fault })
  }
}

function written({ root, brand }: Config, locale: Locale): { subject: string; text: string; html: string } {
  return views(join(root, 'views'), brand).mail('delivery-test', locale, {})
}

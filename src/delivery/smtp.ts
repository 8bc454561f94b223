/**
 * Mail by SMTP (RFC 5321), over a few kept connections.
 *
 * One mail goes to one person. Who calls again when the server was not there is courier.ts's business: nothing here
 * repeats a message of which a byte has left.
 */
import { createTransport, type SMTPPoolOptions } from 'nodemailer'
import { AppError } from '../lib/errors.ts'
import { SECOND } from '../lib/time.ts'
import { Undeliverable } from './attempt.ts'
import type { SendEmail } from './ports.ts'
import type { Email } from './queue.ts'
import { mustBeSendable, senderOf } from './sendable.ts'

export interface SmtpOptions {
  /** smtp:// (STARTTLS) or smtps://, with credentials if the server wants them. */
  url: string
  /** `Sigma ID <no-reply@sigma.example>` */
  from: string
  /** The right side of Message-IDs; the sender's domain unless given. */
  host?: string
  /** Mail may cross the network unencrypted. Off unless the server is on this machine. */
  plain?: boolean
  /** Milliseconds without a sign of life, for the connection, its greeting, and each answer. */
  patience?: number
  /** Milliseconds for one mail in all: less than the courier's limit, so no attempt goes on that was written off. */
  limit?: number
  /** Told what the server answered when it took a mail. */
  onTaken?: (answer: string) => void
}

const PATIENCE = 10 * SECOND
const LIMIT = 9 * SECOND

export function smtp(options: SmtpOptions): SendEmail & { close(): void } {
  const sender = getSender(options.from)
  const host = options.host ?? sender.address.slice(sender.address.lastIndexOf('@') + 1)
  const transport = createTransport({ ...connection(options), pool: true })
  const limit = options.limit ?? LIMIT

  async function sendEmail(email: Email, id: string): Promise<void> {
    mustBeSendable(email)
    try {
      const { response } = await transport.sendMail({
        from: sender,
        // Given as parts, so that nothing parses the address a second time and finds two.
        to: { name: '', address: email.to },
        envelope: { from: sender.address, to: [email.to] },
        subject: email.subject,
        text: email.text,
        html: email.html,
        messageId: `<${id}@${host}>`,
        // Keeps holiday replies away (RFC 3834 section 5).
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
        signal: AbortSignal.timeout(limit),
      })
      options.onTaken?.(response)
    } catch (cause) {
      throw failure(cause)
    }
  }

  return Object.assign(sendEmail, { close: () => transport.close() })
}

/**
 * How to reach the server. Only host, port and credentials are taken from the URL: nodemailer would also obey
 * `?ignoreTLS=true` and `?tls.rejectUnauthorized=false`.
 */
export function connection(options: Pick<SmtpOptions, 'url' | 'plain' | 'patience'>): SMTPPoolOptions {
  const url = new URL(options.url)
  const patience = options.patience ?? PATIENCE
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'smtps:'
  const plain = options.plain ?? isLoopback(host)
  return {
    host,
    port: url.port === '' ? undefined : Number(url.port),
    secure,
    requireTLS: !secure && !plain,
    ignoreTLS: !secure && plain,
    auth: url.username ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } : undefined,
    connectionTimeout: patience,
    greetingTimeout: patience,
    socketTimeout: patience,
    dnsTimeout: patience,
    // Once over, and only for a mail of which nothing was sent yet: the server had closed a connection that we kept.
    maxRequeues: 1,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function getSender(from: string): { name: string; address: string } {
  const sender = senderOf(from)
  if (!sender) throw new AppError('bad-sender', 'mail.from is not a mail address')
  return sender
}

/**
 * RFC 5321 section 4.2.1: what was answered 5yz must not be sent again as it is. That is about this recipient or this
 * message; at any other command (login, sender, TLS) it is about our own settings, which an operator can mend.
 */
function failure(cause: unknown): AppError {
  const { code, command, responseCode } = cause as { code?: string; command?: string; responseCode?: number }
  const ours = responseCode === 503 || responseCode === 530 || !(command === 'RCPT TO' || command === 'DATA')
  if (responseCode !== undefined && responseCode >= 500 && !ours) {
    return new Undeliverable(`smtp-${responseCode}`, 'the mail server refused for good', { cause })
  }
  const reason = responseCode ?? (/^[A-Z]{3,20}$/.test(code ?? '') ? code?.toLowerCase() : 'failed')
  return new AppError(`smtp-${reason}`, 'the mail server did not take a mail', { cause })
}

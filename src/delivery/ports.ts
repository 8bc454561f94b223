/** How a message goes out. Adapters: smtp.ts, outbox.ts (development). */
import type { Email } from './queue.ts'

/**
 * Hands one mail to a server. Rejects if the server did not take it. `id` is the same at every attempt and becomes the
 * Message-ID, so that a receiver can recognize a mail that was taken just before a crash.
 */
export type SendEmail = (email: Email, id: string) => Promise<void>

/** Hands one text message to a carrier. Rejects if the carrier did not take it. `id` is the same at every attempt. */
export type SendSms = (to: string, text: string, id: string) => Promise<void>

/**
 * Development: mails and text messages end up in a folder, one JSON file each, where a person or a test reads them.
 * Takes and refuses what the real carriers do.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../lib/time.ts'
import type { SendEmail, SendSms } from './ports.ts'
import { mustBeSendable } from './sendable.ts'

/** What `/dev/outbox.json` shows: the same six fields for both. */
export type OutboxMessage =
  | { channel: 'email'; to: string; subject: string; text: string; html: string; at: string }
  | { channel: 'sms'; to: string; subject: null; text: string; html: null; at: string }

export interface Outbox {
  sendEmail: SendEmail
  sendSms: SendSms
  /** The newest first. */
  list(): Promise<OutboxMessage[]>
}

const MOST = 500
/** Length of `<milliseconds>-<count>-`, with which a file's name begins. */
const ARRIVAL = 23

export function outbox(folder: string, now: Clock): Outbox {
  let count = 0
  // One after another, or two attempts with one id would both find no file.
  let last: Promise<void> = Promise.resolve()

  function put(id: string, message: OutboxMessage): Promise<void> {
    const done = last.then(() => write(id, message))
    last = done.catch(() => undefined)
    return done
  }

  async function write(id: string, message: OutboxMessage): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const names = await messages()
    const ending = `${encodeURIComponent(id)}.json`
    if (names.some((name) => name.slice(ARRIVAL) === ending)) return
    count += 1
    const name = `${String(Date.parse(message.at)).padStart(15, '0')}-${String(count).padStart(6, '0')}-${ending}`
    // A reader sees the whole message or none.
    await writeFile(join(folder, `${name}.tmp`), JSON.stringify(message, null, 2), { mode: 0o600 })
    await rename(join(folder, `${name}.tmp`), join(folder, name))
    const surplus = [...names, name].sort().slice(0, -MOST)
    await Promise.all(surplus.map((old) => rm(join(folder, old), { force: true })))
  }

  /** File names sort by time, then by order of arrival. */
  async function messages(): Promise<string[]> {
    const names = await readdir(folder).catch(nothingYet)
    return names.filter((name) => name.endsWith('.json')).sort()
  }

  return {
    sendEmail: async ({ to, subject, text, html }, id) => {
      mustBeSendable({ to, subject, text, html })
      await put(id, { channel: 'email', to, subject, text, html, at: new Date(now()).toISOString() })
    },
    sendSms: (to, text, id) =>
      put(id, { channel: 'sms', to, subject: null, text, html: null, at: new Date(now()).toISOString() }),
    async list() {
      const names = await messages()
      const texts = await Promise.all(names.reverse().map((name) => readFile(join(folder, name), 'utf8').catch(gone)))
      return texts.filter((text) => text !== undefined).map((text) => JSON.parse(text) as OutboxMessage)
    },
  }
}

function nothingYet(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}

/** Made room for a newer one between the listing and the reading. */
function gone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}

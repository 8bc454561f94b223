/** What may come in with a request to the provider, by its door. */
import type { IncomingMessage } from 'node:http'
import { AppError } from '../lib/errors.ts'
import type { Door } from '../oidc/doors.ts'
import { announcedLength, readBytes } from './form.ts'

/**
 * Makes sure that the library reads no more than the door admits. Where the length was announced, Node hands over no more
 * than that. Throws `body-too-large` (413) or `bad-request` (400).
 */
export async function letIn(request: IncomingMessage, door: Door): Promise<void> {
  const announced = announcedLength(request)
  if (announced !== undefined && announced <= door.most) return
  hold(request, await readBytes(request, door.most))
}

export function tooLong({ path, most }: Door): AppError {
  return new AppError('body-too-large', `more than ${most} characters at ${path}`, { status: 413 })
}

/** Lets the library read once more what we have read: it goes by these two. */
function hold(request: IncomingMessage, body: Buffer): void {
  async function* iterator(): AsyncGenerator<Buffer> {
    yield body
  }
  Object.defineProperties(request, { readable: { value: true }, iterator: { value: iterator } })
}

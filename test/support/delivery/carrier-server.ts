/** A carrier of text messages on the loopback, over real HTTP, that keeps what it takes and answers as told. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CarrierCall {
  method: string
  path: string
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Answers one call; one that does not end its response leaves the client hanging. */
export type Answer = (response: ServerResponse) => void

export interface CarrierServer {
  url: string
  /** Every request that came in whole, oldest first, whatever was answered. */
  calls: CarrierCall[]
  /** From now on; an answer in a row of several is given once, the last one stays. */
  answer(...answers: Answer[]): void
  /** Resolves when the client has hung up on a call that was not answered. */
  hungUp(): Promise<void>
  close(): Promise<void>
}

export function reply(status: number, body = '', headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(status, headers).end(body)
}

/** As Twilio documents its exceptions. The number and the text are in the message, as carriers like to do. */
export function twilioError(status: number, code: number, headers: Record<string, string> = {}): Answer {
  const message = `The 'To' number +31612345678 is not valid. Body: 123456 is your code`
  const body = { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }
  return reply(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
}

export const silence: Answer = () => undefined

export async function carrierServer(): Promise<CarrierServer> {
  const calls: CarrierCall[] = []
  const left = Promise.withResolvers<void>()
  let answers: Answer[] = [reply(201, '{"sid":"SM1","status":"queued"}')]

  const server = createServer(async (request, response) => {
    response.on('close', () => response.writableFinished || left.resolve())
    response.on('error', () => undefined)
    calls.push(await received(request))
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    answer?.(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answer: (...next) => {
      answers = next
    },
    hungUp: () => left.promise,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function received(request: IncomingMessage): Promise<CarrierCall> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
}

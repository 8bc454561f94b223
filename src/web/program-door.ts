/**
 * The way in for programs: tokens, userinfo, introspection, revocation and pushed requests, by exactly the addresses of
 * oidc/doors.ts. They have no page and no cookie of ours, so nothing that pages are made with stands before the library.
 * Whatever comes by another spelling goes the long way (provider-door.ts), to the same limits.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { asUnit } from '../lib/unit-of-work.ts'
import { type Door, PROVIDER_DOORS } from '../oidc/doors.ts'
import { letIn, tooLong } from './door-body.ts'
import { generalHeaders } from './headers.ts'
import type { RequestLine } from './request-line.ts'

export interface ProgramDoorParts {
  provider: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  line: RequestLine
  /** The issuer is reached by https. */
  secure: boolean
  /** Answers what did not get through: see errors.ts. */
  refuse: (request: IncomingMessage, response: ServerResponse, fault: unknown) => Promise<void>
}

/** True if the request is answered here. */
export type ProgramDoor = (request: IncomingMessage, response: ServerResponse) => boolean

const DOORS = new Map(PROVIDER_DOORS.filter(({ asker }) => asker === 'program').map((door) => [door.path, door]))

/** A fragment, blanks and signs that are no ASCII: they are read in more than one way. */
const ODD = /[^!-~]|#/

export function programDoor({ provider, line, secure, refuse }: ProgramDoorParts): ProgramDoor {
  const general = generalHeaders(secure)

  async function pass(request: IncomingMessage, response: ServerResponse, door: Door, query: string): Promise<void> {
    if (query.length > door.most) throw tooLong(door)
    if (request.method === 'POST') await letIn(request, door)
    await provider(request, response)
  }

  return (request, response) => {
    const { url = '' } = request
    const mark = url.indexOf('?')
    const door = DOORS.get(mark < 0 ? url : url.slice(0, mark))
    const query = mark < 0 ? '' : url.slice(mark + 1)
    if (!door || ODD.test(query)) return false
    line(request, response, () => door.path)
    const headers = general(request)
    for (const name in headers) response.setHeader(name, headers[name] ?? '')
    void asUnit(
      () => pass(request, response, door, query),
      () => unsay(response),
    ).catch((fault: unknown) => refuse(request, response, fault))
    return true
  }
}

/** What was not kept is not told: no answer gives a cookie of it, or leads on from it. */
export function unsay(response: ServerResponse): void {
  if (response.headersSent) return
  response.removeHeader('Set-Cookie')
  response.removeHeader('Location')
}

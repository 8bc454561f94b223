/** Requests to ourselves by the way that everybody comes: the issuer's address, whatever stands before it. */
import { SECOND } from '../../lib/time.ts'

export interface FrontDoor {
  get(address: string, headers?: Record<string, string>): Promise<Response>
  post(address: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>
}

const PATIENCE = 5 * SECOND

/** By `agent` the observer knows us, and notes nothing of what we do in an application's name. */
export function frontDoor(issuer: string, agent: string): FrontDoor {
  const ask = (address: string, init: RequestInit, headers: Record<string, string> = {}) =>
    fetch(new URL(address, issuer), {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
      headers: { 'user-agent': agent, ...headers },
    })
  return {
    get: (address, headers) => ask(address, { method: 'GET' }, headers),
    post: (address, fields, headers) =>
      ask(address, { method: 'POST', body: new URLSearchParams(fields) }, { accept: 'application/json', ...headers }),
  }
}

/** Whether the ports of the settings can be listened on: each is, for a moment. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { LISTEN_REASONS } from '../lib/listen-fault.ts'
import { type Finding, ok } from './finding.ts'

export interface Wanted {
  /** The setting. */
  name: string
  host: string
  port: number
}

/** `isOurs` says whether what listens there is a Sigma ID: asked only of ports that are taken. */
export async function checkListeners(wanted: readonly Wanted[], isOurs: () => Promise<boolean>): Promise<Finding[]> {
  const tried = await Promise.all(wanted.map(async (one) => ({ ...one, code: await tryPort(one) })))
  const running = tried.some(({ code }) => code === 'EADDRINUSE') && (await isOurs())
  return tried.map(({ name, host, port, code }) => {
    const at = `${host}:${port}`
    if (code === undefined) return ok(`${name}.port`, `${at} is free`)
    if (code === 'EADDRINUSE' && running)
      return {
        level: 'warning',
        name: `${name}.port`,
        found: `${at} is in use by a Sigma ID that runs`,
        remedy: 'nothing, if that is the one that this configuration is of',
      }
    return {
      level: 'fault',
      name: `${name}.port`,
      found: `Cannot listen on ${at}: ${LISTEN_REASONS[code] ?? code}`,
      remedy:
        code === 'EACCES' ? 'choose a port of 1024 or more, behind a proxy' : 'choose another, or end what has it',
    }
  })
}

/** Undefined if it is free. */
async function tryPort({ host, port }: Wanted): Promise<string | undefined> {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
    return undefined
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code ?? 'UNKNOWN'
  } finally {
    server.close()
  }
}

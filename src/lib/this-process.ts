/** What every line of the log says of where it comes from, so that lines of several nodes and releases can lie together. */
import { hostname } from 'node:os'
import { RELEASE } from './release.ts'

/** Of a name of a node: what a host name may have (RFC 1123 section 2.1), and `_`. */
const NAME = /^[\w.-]{1,64}$/

export interface ThisProcess {
  version: string
  /** The name of the machine, or what `SIGMA_NODE` says: a container has a new name with every start. */
  node: string
  /** Its number on that machine. */
  process: number
}

export function thisProcess(given: string | undefined = process.env.SIGMA_NODE): ThisProcess {
  const node = given !== undefined && NAME.test(given) ? given : hostname()
  return { version: RELEASE, node, process: process.pid }
}

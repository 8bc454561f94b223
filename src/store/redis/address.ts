/**
 * Where Redis is: one server, a master that Sentinels know, or a Cluster.
 *
 *     redis://user:password@redis.example.org:6379/0
 *     redis+sentinel://:password@one:26379,two:26379,three:26379/master-name
 *     redis+cluster://one:6379,two:6379
 *
 * With `rediss` in place of `redis` the connections are encrypted. Several plain addresses are the nodes of a Cluster.
 * No message repeats what was given: there is a password in it.
 */
import { type Fault, InputError } from '../../lib/errors.ts'

export interface Endpoint {
  host: string
  port: number
}

export interface RedisAccess {
  tls: boolean
  username: string | undefined
  password: string | undefined
}

export type RedisAddress =
  | ({ kind: 'server'; server: Endpoint; db: number } & RedisAccess)
  | ({ kind: 'sentinel'; sentinels: Endpoint[]; master: string } & RedisAccess)
  | ({ kind: 'cluster'; nodes: Endpoint[] } & RedisAccess)

const PORT = 6379
const SENTINEL_PORT = 26379

const ADDRESS = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^/?#]*)@)?([^/?#@]+)(?:\/([^/?#]*))?$/
/** A name, an IPv4 address or an IPv6 address in brackets, and perhaps a port. */
const ENDPOINT = /^([\w.-]+|\[[\da-fA-F:.]+\])(?::(\d{1,5}))?$/

/** Throws InputError. */
export function parseRedisAddress(given: string | string[]): RedisAddress {
  const [first, ...others] = [given].flat().map(parseOne)
  if (first === undefined) throw refused('is missing')
  if (others.length === 0) return first
  const nodes = [first, ...others].map((address) => {
    if (address.kind !== 'server' || address.db !== 0) throw refused('several addresses must be redis://host:port')
    return address.server
  })
  const { tls, username, password } = first
  const alike = others.every((one) => one.tls === tls && one.username === username && one.password === password)
  if (!alike) throw refused('several addresses must agree on user, password and encryption')
  return { kind: 'cluster', nodes, tls, username, password }
}

function parseOne(text: string): RedisAddress {
  const [matched, scheme, kind, user = '', hosts = '', path = ''] = ADDRESS.exec(text.trim()) ?? []
  if (matched === undefined) throw refused('must be redis://…, redis+sentinel://… or redis+cluster://… (or rediss…)')
  const access = { tls: scheme === 'rediss', ...credentials(user) }
  const endpoints = (port: number) => hosts.split(',').map((host) => endpoint(host, port))

  if (kind === 'sentinel') {
    if (path === '') throw refused('must end with the name of the master: redis+sentinel://host:port,host:port/name')
    return { kind, sentinels: endpoints(SENTINEL_PORT), master: decoded(path), ...access }
  }
  if (kind === 'cluster') {
    if (path !== '') throw refused('has a database number; a Cluster has only one database')
    return { kind, nodes: endpoints(PORT), ...access }
  }
  const [server, ...others] = endpoints(PORT)
  if (!server || others.length > 0) throw refused('names several hosts: write redis+cluster:// or redis+sentinel://')
  if (!/^\d{0,5}$/.test(path)) throw refused('must end with the number of a database, or without one')
  return { kind: 'server', server, db: Number(path), ...access }
}

function credentials(text: string): Pick<RedisAccess, 'username' | 'password'> {
  const colon = text.indexOf(':')
  const [user, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
  if (user !== '' && password === '') throw refused('has a user without a password; a password alone is :password@')
  return { username: decoded(user) || undefined, password: decoded(password) || undefined }
}

function endpoint(text: string, standard: number): Endpoint {
  const [matched, host = '', port = `${standard}`] = ENDPOINT.exec(text) ?? []
  if (matched === undefined) throw refused('has a host that is not host or host:port')
  if (Number(port) < 1 || Number(port) > 65_535) throw refused('has a port that is not between 1 and 65535')
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw refused('has a % that is not followed by two hexadecimal digits; write a % itself as %25')
  }
}

function refused(reason: string): InputError {
  const fault: Fault = { path: 'address', reason }
  return new InputError('redis', [fault])
}

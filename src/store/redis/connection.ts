/**
 * The connection to Redis, made so that a call ends quickly, one way or the other: nothing waits for a connection that
 * is not there, and nothing that may have been carried out is sent a second time.
 */
import { isIP } from 'node:net'
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis'
import { SECOND } from '../../lib/time.ts'
import { unavailable } from '../unavailable.ts'
import type { Endpoint, RedisAccess, RedisAddress } from './address.ts'
import { isDemoted } from './faults.ts'

export type RedisClient = Redis | Cluster

export interface RedisTimeouts {
  /** Milliseconds for a connection to come about. */
  connect: number
  /** Milliseconds for the answer to a command. */
  command: number
}

export const TIMEOUTS: RedisTimeouts = { connect: 3 * SECOND, command: 3 * SECOND }

/** Pauses between attempts to connect: short, since people wait for it, and for ever. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = SECOND
/** A network that swallows packets closes no connection; one without a sign of life this long after a time-out goes. */
const SILENCE = SECOND

export function redisClient(address: RedisAddress, timeouts: RedisTimeouts): RedisClient {
  if (address.kind === 'cluster') return clusterOf(address.nodes, address, timeouts)
  const shared = {
    ...common(address, timeouts),
    enableOfflineQueue: false,
    lazyConnect: true,
    retryStrategy: pauseAfter,
  }
  if (address.kind === 'server') {
    const { server, db, tls } = address
    // Some hosts tell their servers apart by the name that is asked for (RFC 6066 section 3: a name, never an address).
    return new Redis({
      ...shared,
      ...server,
      db,
      ...(tls && isIP(server.host) === 0 ? { tls: { servername: server.host } } : {}),
    })
  }
  return new Redis({
    ...shared,
    sentinels: address.sentinels,
    name: address.master,
    // Sentinels have users of their own; where they want a password, it is the default user's.
    ...(address.password === undefined ? {} : { sentinelPassword: address.password }),
    ...(address.tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    sentinelCommandTimeout: timeouts.command,
    sentinelRetryStrategy: pauseAfter,
    // A master that was replaced may still answer those who are connected to it.
    failoverDetector: true,
  })
}

/** Resolves when it answers. Rejects if that takes too long, with what was wrong last. */
export async function connect(client: RedisClient, patience: number): Promise<void> {
  let last: unknown
  const remember = (fault: unknown) => {
    last = fault
  }
  client.on('error', remember)
  const tooLong = Promise.withResolvers<never>()
  const timer = setTimeout(() => tooLong.reject(unavailable('Redis does not answer')), patience)
  try {
    await Promise.race([client.connect(), tooLong.promise])
  } catch (fault) {
    throw last ?? fault
  } finally {
    clearTimeout(timer)
    client.off('error', remember)
  }
}

/**
 * Connects again for as long as `isWanted`. ioredis does so by itself but in one case: when it hears of a failover while
 * it looks for the new master, it gives up its own attempt, and takes that for the end.
 */
export function persist(client: RedisClient, isWanted: () => boolean): void {
  client.on('end', () => {
    // What fails is the end once more.
    if (isWanted()) setTimeout(() => isWanted() && client.connect().catch(() => undefined), FIRST_PAUSE)
  })
}

/** The servers that take our writes. */
export function masters(client: RedisClient): Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client]
}

function clusterOf(nodes: Endpoint[], access: RedisAccess, timeouts: RedisTimeouts): Cluster {
  const options: ClusterOptions = {
    redisOptions: common(access, timeouts),
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: pauseAfter,
    // What was under way when a connection closed may have been carried out.
    retryDelayOnFailover: 0,
    slotsRefreshTimeout: timeouts.connect,
    slotsRefreshInterval: SECOND,
    // A certificate is for the name that was given, not for the address behind it.
    ...(access.tls ? { dnsLookup: (host, done) => done(null, host) } : {}),
  }
  return new Cluster(nodes, options)
}

function common(
  { tls, username, password }: RedisAccess,
  timeouts: RedisTimeouts,
): Omit<RedisOptions, 'host' | 'port' | 'path' | 'sentinels'> {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    connectTimeout: timeouts.connect,
    commandTimeout: timeouts.command,
    socketTimeout: timeouts.command + SILENCE,
    // A server that hangs does not say goodbye.
    disconnectTimeout: LONGEST_PAUSE / 2,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    // A server that reads its file after a start is asked again this soon.
    maxLoadingRetryTime: LONGEST_PAUSE / 2,
    reconnectOnError: isDemoted,
    disableClientInfo: true,
    connectionName: 'sigma-id',
  }
}

function pauseAfter(attempts: number): number {
  return Math.min(attempts * FIRST_PAUSE, LONGEST_PAUSE)
}
